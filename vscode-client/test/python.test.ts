import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { ask, byVersion, inWorkspace, isNewEnough, onPath, parseAnswer, which } from "../src/python";

const ANSWER = '{"version": [3, 12, 1], "brownout": "0.1.0"}';
const of = (...files: string[]) => (file: unknown) => files.includes(String(file));

test("an answer is read", () => {
  assert.deepEqual(parseAnswer(ANSWER), { version: [3, 12, 1], brownout: "0.1.0" });
});

test("an answer may come after what start-up files print", () => {
  assert.deepEqual(parseAnswer(`{hello}\n${ANSWER}`)?.version, [3, 12, 1]);
});

test("anything else is no answer", () => {
  for (const text of ["", "Python 3.12.1", "{", "{}", '{"version": "3.12"}', '{"version": [3]}']) {
    assert.equal(parseAnswer(text), undefined, text);
  }
});

test("3.11 is the oldest that will do", () => {
  const python = (major: number, minor: number) => ({ command: [], version: [major, minor, 9] as const, brownout: undefined });
  assert.equal(isNewEnough(python(3, 10)), false);
  assert.equal(isNewEnough(python(2, 7)), false);
  assert.equal(isNewEnough(python(3, 11)), true);
  assert.equal(isNewEnough(python(4, 0)), true);
});

test("a real interpreter answers with its version", async () => {
  const said = execFileSync("python3", ["-c", "import sys; print('.'.join(map(str, sys.version_info[:3])))"], { encoding: "utf8" });
  const answer = await ask(["python3"], tmpdir());
  assert.ok("version" in answer, JSON.stringify(answer));
  assert.equal(answer.version.join("."), said.trim());
});

test("a program that is not there is told in words", async () => {
  assert.deepEqual(await ask(["/nowhere/python"], tmpdir()), { command: ["/nowhere/python"], reason: "there is no such program" });
});

test("a program that is not Python is told in its own words", async () => {
  const answer = await ask([process.execPath, "--no-such-option"], tmpdir());
  assert.ok("reason" in answer && answer.reason.includes("--no-such-option"), JSON.stringify(answer));
  assert.deepEqual(await ask(["true"], tmpdir()), { command: ["true"], reason: "it gave no answer" });
});

test("environments of the workspace: .venv before venv, only those that exist", () => {
  const all = () => true;
  assert.deepEqual(inWorkspace("/w", all, "linux"), ["/w/.venv/bin/python", "/w/venv/bin/python"]);
  assert.deepEqual(inWorkspace("/w", of("/w/venv/bin/python"), "linux"), ["/w/venv/bin/python"]);
  assert.deepEqual(inWorkspace("C:\\w", all, "win32")[0], "C:\\w\\.venv\\Scripts\\python.exe");
});

test("PATH: the first folder wins, and relative entries are not followed", () => {
  const files = of("/b/python3", "/c/python3", "./bin/python3", "bin/python3");
  assert.equal(which("python3", { PATH: ".:bin:./bin:/b:/c" }, files, "linux"), "/b/python3");
  assert.equal(which("python3", {}, files, "linux"), undefined);
});

test("PATH: python3, or python where there is no python3; on Windows both", () => {
  const all = of("/b/python3", "/b/python", "C:\\b\\python.exe", "C:\\b\\python3.exe");
  assert.deepEqual(onPath({ PATH: "/b" }, all, "linux"), ["/b/python3"]);
  assert.deepEqual(onPath({ PATH: "/b" }, of("/b/python"), "linux"), ["/b/python"]);
  assert.deepEqual(onPath({ Path: "C:\\a;C:\\b" }, all, "win32"), ["C:\\b\\python.exe", "C:\\b\\python3.exe"]);
  assert.deepEqual(onPath({}, all, "linux"), []);
});

test("by version: the newest first, or the Windows launcher", () => {
  const files = of("/b/python3.11", "/b/python3.13", "/b/python3.10", "C:\\b\\py.exe");
  assert.deepEqual(byVersion({ PATH: "/b" }, files, "linux"), [["/b/python3.13"], ["/b/python3.11"]]);
  assert.deepEqual(byVersion({ PATH: "C:\\b" }, files, "win32"), [["C:\\b\\py.exe", "-3"]]);
});
