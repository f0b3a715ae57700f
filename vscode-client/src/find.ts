/** Finds the brownout that serves this window. */

import * as fs from "node:fs";
import * as path from "node:path";
import { type ExtensionContext, type LogOutputChannel, workspace } from "vscode";
import { chosen } from "./interpreters";
import { choose, type Launch, type Nothing, type Offer } from "./launch";
import { ask, byVersion, inWorkspace, onPath, which } from "./python";
import { read } from "./settings";

/** Looks at settings, the Python extensions, the workspace and PATH. In a window that is not trusted, only at what is the user's own. */
export async function find(context: ExtensionContext, log: LogOutputChannel): Promise<Launch | Nothing> {
  const folder = workspace.workspaceFolders?.[0];
  const settings = read(folder);
  const trusted = workspace.isTrusted;
  const libraries = path.join(context.extensionPath, "bundled", "libs");
  const offer: Offer = {
    executables: settings.executables,
    interpreters: settings.interpreter.length > 0 ? [settings.interpreter] : await interpreters(folder?.uri, trusted),
    others: settings.interpreter.length > 0 ? [] : byVersion(),
    onPath: trusted ? which("brownout") : undefined,
    strategy: trusted ? settings.strategy : "useBundled",
    named: settings.interpreter.length > 0,
    libraries: fs.existsSync(libraries) ? libraries : undefined,
  };
  if (!trusted) log.info("this window is restricted: only the extension's own brownout runs, with a Python from PATH");
  return choose(offer, (command) => ask(command, context.extensionPath), (line) => {
    log.info(line);
  });
}

async function interpreters(folder: Parameters<typeof chosen>[0], trusted: boolean): Promise<(readonly string[])[]> {
  const own = trusted ? [await chosen(folder)].filter((command) => command !== undefined) : [];
  const found = [...(trusted && folder !== undefined ? inWorkspace(folder.fsPath) : []), ...onPath()];
  const all = [...own, ...found.map((file) => [file])];
  const keys = all.map((command) => command.join("\0"));
  return all.filter((_, index) => keys.indexOf(keys[index] ?? "") === index);
}
