/** *Brownout: Print Debug Information*: what a bug report needs, in the log. */

import { arch, platform, release } from "node:os";
import { type ExtensionContext, extensions, type LogOutputChannel, version, workspace } from "vscode";
import type { Server } from "./server";
import { SECTION } from "./settings";

const OTHERS = ["ms-python.python", "ms-python.vscode-python-envs"];

/** Writes versions, what runs and the settings that were changed into the log, and shows it. No code, no file names but the folders'. */
export async function printDebugInformation(context: ExtensionContext, server: Server, log: LogOutputChannel): Promise<void> {
  const launch = await server.launch();
  const others = OTHERS.map((id) => `${id} ${versionOf(extensions.getExtension(id)?.packageJSON) ?? "not installed"}`);
  const lines = [
    `extension ${versionOf(context.extension.packageJSON) ?? "of no version"}, VS Code ${version}, ${platform()} ${release()} ${arch()}`,
    others.join(", "),
    `trusted: ${workspace.isTrusted}; folders: ${(workspace.workspaceFolders ?? []).map(({ uri }) => uri.toString()).join(" ") || "none"}`,
    `runs: ${launch === undefined ? "nothing" : `${launch.words}: ${[launch.program, ...launch.args, "server"].join(" ")}`}`,
    `settings: ${JSON.stringify(changed())}`,
  ];
  lines.forEach((line) => {
    log.info(line);
  });
  log.show();
}

function versionOf(manifest: unknown): string | undefined {
  return (manifest as { readonly version?: string } | undefined)?.version;
}

/** The settings that are not as they come. */
function changed(): Record<string, unknown> {
  const section = workspace.getConfiguration(SECTION, workspace.workspaceFolders?.[0]);
  const names = Object.keys(section).filter((name) => typeof section[name] !== "function");
  const pairs = names.map((name) => [name, section.inspect(name)] as const);
  const mine = pairs.map(([name, found]) => [name, found?.workspaceFolderValue ?? found?.workspaceValue ?? found?.globalValue] as const);
  return Object.fromEntries(mine.filter(([, value]) => value !== undefined));
}
