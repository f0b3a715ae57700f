/** brownout in VS Code: starts the language server and offers its commands. */

import { commands, type ExtensionContext, window, workspace } from "vscode";
import { audit } from "./audit";
import { createBaseline } from "./baseline";
import { printDebugInformation } from "./debug";
import { onDidChange } from "./interpreters";
import { explain, Pages, SCHEME } from "./rules";
import { Server } from "./server";
import { SECTION, STARTING } from "./settings";

let server: Server | undefined;

/** Called by VS Code when a Python file is opened, or a folder with Python in it. */
export async function activate(context: ExtensionContext): Promise<void> {
  const log = window.createOutputChannel("Brownout", { log: true });
  const serverLog = window.createOutputChannel("Brownout Server", { log: true });
  const here = new Server(context, log, serverLog);
  server = here;
  context.subscriptions.push(
    log,
    serverLog,
    here,
    commands.registerCommand("brownout.restart", () => here.restart("the user asked for a restart")),
    commands.registerCommand("brownout.showLogs", () => {
      log.show();
    }),
    commands.registerCommand("brownout.showServerLogs", () => {
      serverLog.show();
    }),
    commands.registerCommand("brownout.printDebugInformation", () => printDebugInformation(context, here, log)),
    commands.registerCommand("brownout.createBaseline", () => createBaseline(here)),
    commands.registerCommand("brownout.auditWorkspace", () => audit(context, here)),
    commands.registerCommand("brownout.fixAll", () =>
      commands.executeCommand("editor.action.sourceAction", { kind: `source.fixAll.${SECTION}`, apply: "first" }),
    ),
    commands.registerCommand("brownout.explainRule", (name: unknown) => explain(here, name)),
    workspace.registerTextDocumentContentProvider(SCHEME, new Pages(here)),
    workspace.onDidChangeConfiguration((event) => {
      if (STARTING.some((name) => event.affectsConfiguration(name))) void here.restart("a setting changed");
    }),
    workspace.onDidGrantWorkspaceTrust(() => void here.reconsider("the window is trusted now")),
  );
  await here.restart("the extension is active");
  context.subscriptions.push(...(await onDidChange(() => void here.reconsider("the Python extension speaks of another interpreter"))));
}

/** Called by VS Code before the window closes. */
export async function deactivate(): Promise<void> {
  await server?.stop();
}
