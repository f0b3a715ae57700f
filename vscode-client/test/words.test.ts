import assert from "node:assert/strict";
import { test } from "node:test";
import type { Launch } from "../src/launch";
import { isShown } from "../src/notices";
import { sealed } from "../src/report";
import { reason, runTool } from "../src/tool";

const LAUNCH: Launch = { origin: "path", program: process.execPath, args: ["-e"], env: { WHERE: "here" }, words: "brownout 0.1.0", short: "" };
const NEVER = new AbortController().signal;

test("notifications up to the chosen importance", () => {
  const shown = (setting: Parameters<typeof isShown>[1]) => ([1, 2, 3, 4] as const).filter((kind) => isShown(kind, setting));
  assert.deepEqual([shown("off"), shown("onError"), shown("onWarning"), shown("always")], [[], [1], [1, 2], [1, 2, 3, 4]]);
});

test("the report's page gets a policy as the first thing of its head", () => {
  const page = sealed('<!doctype html><html lang="en"><head lang="en"><script>x</script>', "dark");
  assert.match(page, /<head lang="en"><meta http-equiv="Content-Security-Policy" content="default-src 'none'.*<script>x/);
  assert.match(sealed("<p>no head", "dark"), /^<meta .*<p>no head$/);
  assert.doesNotMatch(sealed("<header></header>", "dark"), /<header><meta/);
});

test("the report's page is as light or dark as the editor, unless it says so itself", () => {
  assert.match(sealed('<html lang="en"><head>', "dark"), /^<html data-theme="dark" lang="en">/);
  assert.match(sealed('<html data-theme="light"><head>', "dark"), /^<html data-theme="light"><head>/);
});

test("a command's output, exit code and environment", async () => {
  const script = "console.log(process.env.WHERE); console.error('brownout: no'); process.exit(1)";
  assert.deepEqual(await runTool(LAUNCH, [script], ".", NEVER), { code: 1, stdout: "here\n", stderr: "brownout: no\n" });
});

test("a program that cannot be started, and one that is stopped, fail in words", async () => {
  const gone = await runTool({ ...LAUNCH, program: "/nowhere/brownout" }, ["x"], ".", NEVER);
  assert.equal(gone.code, 2);
  assert.match(gone.stderr, /ENOENT/);
  const stopped = await runTool(LAUNCH, ["setInterval(() => 0, 1000)"], ".", AbortSignal.abort());
  assert.match(stopped.stderr, /abort/);
});

test("why a command failed", () => {
  const failed = (stderr: string) => reason({ code: 2, stdout: "", stderr }, "audit", LAUNCH);
  assert.match(failed("usage: brownout\nbrownout: error: argument COMMAND: invalid choice: 'audit'\n"), /^brownout 0\.1\.0 has no command `audit`: update it/);
  assert.equal(failed("note\nbrownout: pyproject.toml: no such key\n"), "pyproject.toml: no such key");
  assert.equal(failed(""), "`brownout audit` ended with exit code 2.");
});
