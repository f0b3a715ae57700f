/** The settings that the extension itself needs; all others are the server's, which asks for them. */

import * as fs from "node:fs";
import * as os from "node:os";
import { workspace, type WorkspaceFolder } from "vscode";
import { expand } from "./launch";
import type { Importance } from "./notices";

/** The section of the settings, and the prefix of every command. */
export const SECTION = "brownout";

/** What the extension asks of the settings. */
export interface Settings {
  readonly enable: boolean;
  readonly interpreter: readonly string[];
  /** The entries of `brownout.path` that exist. */
  readonly executables: readonly string[];
  readonly strategy: "fromEnvironment" | "useBundled";
  readonly showNotifications: Importance;
}

/** Settings whose change calls for another start. */
export const STARTING = ["enable", "interpreter", "path", "importStrategy"].map((name) => `${SECTION}.${name}`);

/** Reads the settings as they hold for a folder, or for the window where there is none. */
export function read(folder: WorkspaceFolder | undefined): Settings {
  const section = workspace.getConfiguration(SECTION, folder);
  const expanded = (name: string): string[] =>
    section
      .get<string[]>(name, [])
      .map((text) => expand(text, folder?.uri.fsPath, os.homedir(), process.env));
  return {
    enable: section.get("enable", true),
    interpreter: expanded("interpreter"),
    executables: expanded("path").filter((file) => fs.existsSync(file)),
    strategy: section.get("importStrategy", "fromEnvironment"),
    showNotifications: section.get("showNotifications", "onError"),
  };
}
