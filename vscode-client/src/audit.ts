/** *Brownout: Audit Workspace*: runs the audit and opens its report. */

import * as fs from "node:fs/promises";
import * as path from "node:path";
import {
  type CancellationToken,
  ColorThemeKind,
  env,
  type ExtensionContext,
  ProgressLocation,
  UIKind,
  Uri,
  ViewColumn,
  window,
  workspace,
} from "vscode";
import { sealed } from "./report";
import type { Server } from "./server";
import { reason, runTool } from "./tool";

/** Audits every folder of the workspace into one report. */
export async function audit(context: ExtensionContext, server: Server): Promise<void> {
  const folders = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file").map(({ uri }) => uri.fsPath);
  const [first] = folders;
  if (first === undefined) {
    void window.showErrorMessage("Brownout: open a folder first; the audit is of a workspace.");
    return;
  }
  const launch = await server.launch();
  if (launch === undefined) return;
  const storage = (context.storageUri ?? context.globalStorageUri).fsPath;
  const report = path.join(storage, "audit.html");
  await fs.mkdir(storage, { recursive: true });
  await fs.rm(report, { force: true });
  const names = first === folders.at(-1) ? ["."] : folders;
  const outcome = await window.withProgress(
    { location: ProgressLocation.Notification, title: "Brownout: auditing the workspace", cancellable: true },
    (_, token) => runTool(launch, ["audit", ...names, "--output-format", "html", "-o", report], first, signalOf(token)),
  );
  const html = await fs.readFile(report, "utf8").catch(() => undefined);
  if (html === undefined || outcome.code === 2) {
    const cancelled = outcome.stderr.includes("aborted");
    if (!cancelled) void window.showErrorMessage(`Brownout: ${reason(outcome, "audit", launch)}`);
    return;
  }
  show(html, report);
}

function show(html: string, report: string): void {
  const panel = window.createWebviewPanel("brownout.audit", "Brownout: Audit", ViewColumn.Active, {
    enableScripts: true,
    enableFindWidget: true,
    localResourceRoots: [],
    retainContextWhenHidden: true,
  });
  const { kind } = window.activeColorTheme;
  const light = kind === ColorThemeKind.Light || kind === ColorThemeKind.HighContrastLight;
  panel.webview.html = sealed(html, light ? "light" : "dark");
  if (env.uiKind === UIKind.Web || env.remoteName !== undefined) return; // the report's file is not on the user's machine
  void window.showInformationMessage("Brownout: the report is a page of its own, too.", "Open in Browser").then((answer) => {
    if (answer !== undefined) void env.openExternal(Uri.file(report));
  });
}

function signalOf(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  token.onCancellationRequested(() => {
    controller.abort();
  });
  return controller.signal;
}
