// Bundles the extension into out/extension.js; with --tests, each unit test into out/test/.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const tests = process.argv.includes("--tests");
const shared = { bundle: true, platform: "node", format: "cjs", target: "node20", logLevel: "warning" };

if (tests) {
  rmSync("out/test", { recursive: true, force: true });
  const entryPoints = readdirSync("test")
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => `test/${name}`);
  await build({ ...shared, entryPoints, outdir: "out/test", sourcemap: "inline" });
} else {
  // VS Code provides `vscode`; everything else goes into the one file.
  const options = { ...shared, entryPoints: ["src/extension.ts"], outfile: "out/extension.js", external: ["vscode"] };
  const { metafile } = await build({ ...options, minify: true, metafile: true });
  writeFileSync("out/NOTICES.txt", notices(Object.keys(metafile.inputs)));
}

// The licences of the packages that went into the file: they ask to be handed on.
function notices(inputs) {
  const packages = inputs.flatMap((input) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []);
  return [...new Set(packages)]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      return `${name} ${version} (${license})\n\n${file === undefined ? "" : readFileSync(join(folder, file), "utf8")}`;
    })
    .join("\n----\n\n");
}
