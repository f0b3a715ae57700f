// Makes brownout-TARGET.vsix: `node scripts/package.mjs [linux-x64]`. The bundle must be there (scripts/bundle.py).
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const client = join(dirname(fileURLToPath(import.meta.url)), "..");
const target = process.argv[2] ?? "linux-x64";
if (!existsSync(join(client, "bundled", "libs", "brownout"))) {
  console.error("package: there is no server in bundled/libs; run python3 scripts/bundle.py first");
  process.exit(1);
}
copyFileSync(join(client, "..", "LICENSE"), join(client, "LICENSE"));
const vsce = join(client, "node_modules", "@vscode", "vsce", "vsce");
const flags = ["--no-dependencies", "--allow-missing-repository", "--target", target, "--out", `brownout-${target}.vsix`];
execFileSync(process.execPath, [vsce, "package", ...flags], { cwd: client, stdio: "inherit" });
