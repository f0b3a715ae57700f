/** One run of the server: the process and the client that speaks with it. */

import { type ChildProcess, spawn } from "node:child_process";
import { type LogOutputChannel, window, workspace } from "vscode";
import { CloseAction, ErrorAction, LanguageClient, MessageType, RevealOutputChannelOn, ShowMessageNotification, State } from "vscode-languageclient/node";
import type { Launch } from "./launch";
import { isShown } from "./notices";
import { read, SECTION } from "./settings";

// After it was asked to, the server still has to stop its own processes.
const GOODBYE_MS = 2_000;

/** The client's own pop-ups repeat what we say better; they go to the log only. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

/** A server that runs, or ran. */
export class Run {
  private readonly client: LanguageClient;
  private child: ChildProcess | undefined;
  private over = false;

  /** @param onEnd called once if the server stops without having been told to. */
  constructor(
    private readonly launch: Launch,
    private readonly log: LogOutputChannel,
    private readonly onEnd: () => void,
  ) {
    this.client = new QuietClient(SECTION, "Brownout", () => this.spawn(), {
      // The settings as they are now, so that the first findings are the right ones; later the server asks for them.
      initializationOptions: () => ({ settings: workspace.getConfiguration(SECTION, workspace.workspaceFolders?.[0]) }),
      documentSelector: [{ scheme: "file", language: "python" }],
      outputChannel: log,
      traceOutputChannel: log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      diagnosticCollectionName: SECTION,
      diagnosticPullOptions: { onChange: true, onSave: true },
      markdown: { isTrusted: false, supportHtml: false },
      initializationFailedHandler: () => false,
      errorHandler: {
        error: (_error, _message, count) => ({ action: (count ?? 0) <= 3 ? ErrorAction.Continue : ErrorAction.Shutdown, handled: true }),
        closed: () => ({ action: CloseAction.DoNotRestart, handled: true }),
      },
    });
    this.client.onNotification(ShowMessageNotification.type, ({ type, message }) => {
      this.tell(type, message);
    });
    this.client.onDidChangeState(({ newState }) => {
      if (newState === State.Stopped || newState === State.StartFailed) this.end();
    });
  }

  /** Starts it; resolves when it runs or has failed. The version is the server's own word. */
  async start(): Promise<{ version: string | undefined } | undefined> {
    try {
      await this.client.start();
    } catch {
      this.end(); // the client has written the error into the log
    }
    return this.client.isRunning() ? { version: this.client.initializeResult?.serverInfo?.version } : undefined;
  }

  /** Stops it, by asking first. */
  async stop(): Promise<void> {
    this.over = true;
    try {
      await this.client.dispose();
    } catch {
      // It was starting, had crashed or does not answer: there is nobody to ask.
    }
    await this.goodbye();
  }

  private async goodbye(): Promise<void> {
    const child = this.child;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      child.once("exit", () => {
        resolve();
      });
      setTimeout(resolve, GOODBYE_MS);
    });
    child.kill();
  }

  private end(): void {
    if (this.over) return;
    this.over = true;
    this.child?.kill();
    this.onEnd();
  }

  private spawn(): Promise<ChildProcess> {
    const { program, args, env } = this.launch;
    const cwd = workspace.workspaceFolders?.find(({ uri }) => uri.scheme === "file")?.uri.fsPath;
    this.log.info(`starting: ${[program, ...args, "server"].join(" ")}`);
    const child = spawn(program, [...args, "server"], { cwd, env: { ...process.env, ...env }, windowsHide: true });
    this.child = child;
    child.once("exit", (code, signal) => {
      const how = signal === null ? `with exit code ${code ?? "unknown"}` : `by ${signal}`;
      this.log.info(`the server's process ended ${how}`);
    });
    return new Promise((resolve, reject) => {
      child.once("spawn", () => {
        resolve(child);
      });
      child.once("error", reject);
    });
  }

  private tell(type: MessageType, message: string): void {
    this.log.info(message);
    if (!isShown(type, read(workspace.workspaceFolders?.[0]).showNotifications)) return;
    if (type === MessageType.Error) void window.showErrorMessage(message);
    else if (type === MessageType.Warning) void window.showWarningMessage(message);
    else void window.showInformationMessage(message);
  }
}
