import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ask, choose, expand, type Launch, type Nothing, type Offer } from "../src/launch";

type Answers = Readonly<Record<string, { version: [number, number, number]; brownout?: string } | string>>;

const OFFER: Offer = {
  executables: [],
  interpreters: [["/w/.venv/bin/python"], ["/usr/bin/python3"]],
  others: [],
  onPath: undefined,
  strategy: "fromEnvironment",
  named: false,
  libraries: "/ext/bundled/libs",
};

function asking(answers: Answers): { ask: Ask; asked: string[] } {
  const asked: string[] = [];
  const ask: Ask = (command) => {
    const name = command.join(" ");
    asked.push(name);
    const answer = answers[name] ?? "there is no such program";
    if (typeof answer === "string") return Promise.resolve({ command, reason: answer });
    return Promise.resolve({ command, version: answer.version, brownout: answer.brownout });
  };
  return { ask, asked };
}

async function chosen(offer: Partial<Offer>, answers: Answers): Promise<Launch> {
  const found = await choose({ ...OFFER, ...offer }, asking(answers).ask, () => undefined);
  assert.ok("program" in found, JSON.stringify(found));
  return found;
}

async function refused(offer: Partial<Offer>, answers: Answers): Promise<string> {
  const found: Launch | Nothing = await choose({ ...OFFER, ...offer }, asking(answers).ask, () => undefined);
  assert.ok("message" in found, JSON.stringify(found));
  return found.message;
}

test("the environment's own brownout wins", async () => {
  const launch = await chosen({}, { "/w/.venv/bin/python": { version: [3, 12, 1], brownout: "0.2.0" } });
  assert.equal(launch.origin, "environment");
  assert.deepEqual([launch.program, ...launch.args], ["/w/.venv/bin/python", "-P", "-m", "brownout"]);
  assert.deepEqual(launch.env, {});
  assert.match(launch.words, /brownout 0\.2\.0 of \/w\/\.venv\/bin\/python \(Python 3\.12\.1\)/);
});

test("a brownout further down is better than the bundled one", async () => {
  const launch = await chosen(
    {},
    { "/w/.venv/bin/python": { version: [3, 12, 1] }, "/usr/bin/python3": { version: [3, 11, 7], brownout: "0.1.0" } },
  );
  assert.deepEqual([launch.origin, launch.program], ["environment", "/usr/bin/python3"]);
});

test("brownout on PATH, as pipx installs it, is better than the bundled one", async () => {
  const launch = await chosen({ onPath: "/home/a/.local/bin/brownout" }, { "/usr/bin/python3": { version: [3, 12, 0] } });
  assert.deepEqual([launch.origin, launch.program, launch.args], ["path", "/home/a/.local/bin/brownout", []]);
});

test("without brownout the bundled one runs, with the first Python that can", async () => {
  const launch = await chosen({}, { "/w/.venv/bin/python": { version: [3, 9, 2] }, "/usr/bin/python3": { version: [3, 13, 0] } });
  assert.equal(launch.origin, "bundled");
  assert.deepEqual([launch.program, ...launch.args], ["/usr/bin/python3", "-s", "-P", "-m", "brownout"]);
  assert.deepEqual(launch.env, { PYTHONPATH: "/ext/bundled/libs" });
});

test("interpreters by version are asked only if the user's own is too old", async () => {
  const others = [["/usr/bin/python3.13"], ["/usr/bin/python3.12"]];
  const launch = await chosen({ others }, { "/usr/bin/python3": { version: [3, 9, 2] }, "/usr/bin/python3.12": { version: [3, 12, 4] } });
  assert.deepEqual([launch.origin, launch.program], ["bundled", "/usr/bin/python3.12"]);
  const { ask, asked } = asking({ "/usr/bin/python3": { version: [3, 11, 2] } });
  await choose({ ...OFFER, others }, ask, () => undefined);
  assert.deepEqual(asked, ["/w/.venv/bin/python", "/usr/bin/python3"]);
});

test("useBundled passes over what is installed, and stops asking at the first that can", async () => {
  const { ask, asked } = asking({ "/w/.venv/bin/python": { version: [3, 12, 1], brownout: "0.2.0" } });
  const launch = await choose({ ...OFFER, strategy: "useBundled", onPath: "/usr/bin/brownout" }, ask, () => undefined);
  assert.ok("origin" in launch && launch.origin === "bundled");
  assert.deepEqual(asked, ["/w/.venv/bin/python"]);
});

test("brownout.path goes before all and asks nobody", async () => {
  const { ask, asked } = asking({});
  const launch = await choose({ ...OFFER, executables: ["/opt/brownout"] }, ask, () => undefined);
  assert.ok("program" in launch && launch.program === "/opt/brownout");
  assert.deepEqual(asked, []);
});

test("an interpreter with arguments keeps them in front", async () => {
  const launch = await chosen({ interpreters: [["py", "-3.12"]], named: true }, { "py -3.12": { version: [3, 12, 0], brownout: "1.0.0" } });
  assert.deepEqual([launch.program, ...launch.args], ["py", "-3.12", "-P", "-m", "brownout"]);
});

test("a named interpreter is the only one: too old is told with the setting's name", async () => {
  const answers: Answers = { "/old/python": { version: [3, 8, 18] }, "/usr/bin/python3": { version: [3, 12, 0], brownout: "1.0.0" } };
  assert.equal(
    await refused({ interpreters: [["/old/python"]], named: true, onPath: "/usr/bin/brownout" }, answers),
    "Brownout needs Python 3.11 or newer. The setting brownout.interpreter names /old/python, but it is Python 3.8.18.",
  );
  assert.match(await refused({ interpreters: [["/no/python"]], named: true }, answers), /names \/no\/python, but there is no such program\.$/);
});

test("only old interpreters: each is told", async () => {
  assert.equal(
    await refused({}, { "/w/.venv/bin/python": { version: [3, 9, 18] }, "/usr/bin/python3": { version: [2, 7, 18] } }),
    "Brownout needs Python 3.11 or newer. Found: 3.9.18 (/w/.venv/bin/python), 2.7.18 (/usr/bin/python3). Name a newer one in brownout.interpreter.",
  );
});

test("an old Python's brownout is not taken for one that runs", async () => {
  assert.match(await refused({}, { "/usr/bin/python3": { version: [3, 10, 0], brownout: "9.9.9" } }), /needs Python 3\.11/);
});

test("no Python at all", async () => {
  assert.match(await refused({}, {}), /no Python was found/);
});

test("a build without a server says how to get one", async () => {
  assert.match(await refused({ libraries: undefined }, { "/usr/bin/python3": { version: [3, 12, 0] } }), /pip install brownout/);
});

test("variables in settings", () => {
  const env = { TOOLS: "/opt/tools" };
  const at = (text: string, folder: string | undefined = "/w") => expand(text, folder, "/home/a", env);
  assert.equal(at("${workspaceFolder}/.venv/bin/python"), "/w/.venv/bin/python");
  assert.equal(at("${userHome}/x ${env:TOOLS} ${env:NONE}"), "/home/a/x /opt/tools ");
  assert.equal(at("~/bin/brownout"), "/home/a/bin/brownout");
  assert.equal(at("a~/b"), "a~/b");
  assert.equal(expand("${workspaceFolder}/x", undefined, "/home/a", env), "${workspaceFolder}/x");
  assert.equal(at("${other}"), "${other}");
});
