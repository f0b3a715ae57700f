import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

interface Manifest {
  readonly version: string;
  readonly icon: string;
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } };
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly configuration: readonly { readonly properties: Readonly<Record<string, unknown>> }[];
  };
}

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
const sources = readdirSync("src").map((name) => readFileSync(`src/${name}`, "utf8")).join("\n");
const settings = manifest.contributes.configuration.flatMap(({ properties }) => Object.keys(properties));

test("the README's tables are those of package.json", () => {
  execFileSync(process.execPath, ["scripts/readme.mjs", "--check"]);
});

test("every command of package.json is registered, and no other", () => {
  const registered = [...sources.matchAll(/registerCommand\("([^"]+)"/g)].map(([, name]) => name);
  assert.deepEqual(registered.sort(), manifest.contributes.commands.map(({ command }) => command).sort());
});

test("what decides which program runs, and by which rules, is restricted in workspaces that are not trusted", () => {
  const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
  assert.deepEqual([...restrictedConfigurations].sort(), ["brownout.configuration", "brownout.importStrategy", "brownout.interpreter", "brownout.path"]);
  for (const name of restrictedConfigurations) assert.ok(settings.includes(name), name);
});

test("the version is that of brownout", () => {
  const source = readFileSync("../rules/brownout/version.py", "utf8");
  assert.equal(/__version__ = "([^"]+)"/.exec(source)?.[1], manifest.version);
});

test("the icon is there", () => {
  assert.ok(existsSync(manifest.icon));
});

test("the lock file speaks of no registry", () => {
  const lock = readFileSync("package-lock.json", "utf8");
  const hosts = [...lock.matchAll(/"resolved": "https?:\/\/([^/"]+)/g)].map(([, host]) => host);
  assert.deepEqual(hosts.filter((host) => host !== "registry.npmjs.org"), []);
});
