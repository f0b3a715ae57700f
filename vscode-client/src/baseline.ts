/** *Brownout: Create Baseline*: writes down today's findings, so that only new ones are shown from now on. */

import { ProgressLocation, window, workspace } from "vscode";
import type { Server } from "./server";
import { SECTION } from "./settings";
import { reason, runTool } from "./tool";

const FILE = "brownout-baseline.json";
const LIMIT_MS = 10 * 60_000;

/** Writes the baseline of a folder, and offers to use it. */
export async function createBaseline(server: Server): Promise<void> {
  const folders = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file");
  const folder = folders.length > 1 ? await window.showWorkspaceFolderPick() : folders[0];
  const launch = folder === undefined ? undefined : await server.launch();
  if (folder === undefined || launch === undefined) return;
  const outcome = await window.withProgress(
    { location: ProgressLocation.Notification, title: "Brownout: writing down today's findings" },
    () => runTool(launch, ["baseline", "-o", FILE], folder.uri.fsPath, AbortSignal.timeout(LIMIT_MS)),
  );
  if (outcome.code !== 0) {
    void window.showErrorMessage(`Brownout: ${reason(outcome, "baseline", launch)}`);
    return;
  }
  const answer = await window.showInformationMessage(`Brownout: today's findings are in ${FILE}.`, "Show Only New Ones");
  if (answer !== undefined) await workspace.getConfiguration(SECTION, folder).update("baseline", FILE);
}
