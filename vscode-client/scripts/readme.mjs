// Writes the tables of commands and settings in README.md from package.json; with --check, only says whether they agree.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const client = join(dirname(fileURLToPath(import.meta.url)), "..");
const { contributes } = JSON.parse(readFileSync(join(client, "package.json"), "utf8"));
const cell = (text) => text.replaceAll("|", "\\|").replaceAll(/`#([^#`]+)#`/g, "`$1`");
const table = (head, rows) => [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

const commands = table(
  ["Command", "Id"],
  contributes.commands.map(({ category, title, command }) => [`${category}: ${title}`, `\`${command}\``]),
);
const settings = table(
  ["Setting", "Default", "What it does"],
  contributes.configuration
    .flatMap(({ properties }) => Object.entries(properties))
    .map(([name, { default: value, enum: words, enumDescriptions, markdownDescription }]) => {
      const one = (word, index) => `\`${word}\`${enumDescriptions ? `: ${enumDescriptions[index]}` : ""}`;
      const choices = words === undefined ? "" : ` ${words.map(one).join(enumDescriptions ? " " : ", ")}${enumDescriptions ? "" : "."}`;
      return [`\`${name}\``, `\`${JSON.stringify(value)}\``, cell(markdownDescription + choices)];
    }),
);

const file = join(client, "README.md");
const before = readFileSync(file, "utf8");
const filled = (text, name, body) => text.replace(new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- end -->)`), (_, start, end) => `${start}${body}\n${end}`);
const after = filled(filled(before, "commands", commands), "settings", settings);
if (process.argv.includes("--check")) {
  if (after !== before) {
    console.error("README.md and package.json disagree: run npm run readme");
    process.exit(1);
  }
} else {
  writeFileSync(file, after);
}
