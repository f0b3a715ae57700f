/** The server of this window: found, started, watched, started again. */

import { commands, type Disposable, type ExtensionContext, type LogOutputChannel, window, workspace } from "vscode";
import { Run } from "./client";
import { find } from "./find";
import { isSame, type Launch } from "./launch";
import { Restarts } from "./restarts";
import { read } from "./settings";
import { Status } from "./status";

/** Keeps one server running. */
export class Server implements Disposable {
  private readonly status = new Status();
  private readonly restarts = new Restarts();
  private run: Run | undefined;
  private current: Launch | undefined;
  private complaint: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly context: ExtensionContext,
    private readonly log: LogOutputChannel,
    private readonly serverLog: LogOutputChannel,
  ) {}

  /** How brownout is started in this window; looks for it if that is not known yet. */
  async launch(): Promise<Launch | undefined> {
    if (this.current !== undefined) return this.current;
    const found = await find(this.context, this.log);
    if ("message" in found) {
      this.complain(found.message);
      return undefined;
    }
    return found;
  }

  /** Stops the server if there is one, looks again for brownout and starts it. Forgets earlier crashes and complaints. */
  restart(reason: string): Promise<void> {
    this.restarts.forget();
    this.complaint = undefined;
    return this.queue(() => this.startAgain(reason, true));
  }

  /** Starts again only if something else would be started, or nothing runs: events of others repeat themselves. */
  reconsider(reason: string): Promise<void> {
    return this.queue(() => this.startAgain(reason, false));
  }

  /** Stops the server for good. */
  stop(): Promise<void> {
    return this.queue(() => this.halt());
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.status.dispose();
  }

  // One after the other: a restart in the middle of a start would leave two servers.
  private queue(action: () => Promise<void>): Promise<void> {
    this.last = this.last.then(action).catch((error: unknown) => {
      this.log.error(error instanceof Error ? error : String(error));
    });
    return this.last;
  }

  private async halt(): Promise<void> {
    clearTimeout(this.timer);
    const run = this.run;
    this.run = undefined;
    await run?.stop();
  }

  private async startAgain(reason: string, always: boolean): Promise<void> {
    this.log.info(reason);
    if (!read(workspace.workspaceFolders?.[0]).enable) {
      await this.halt();
      this.status.show({ kind: "off" });
      return;
    }
    const found = await find(this.context, this.log);
    const same = this.current !== undefined && !("message" in found) && isSame(found, this.current);
    if (same && this.run !== undefined && !always) return;
    await this.halt();
    if ("message" in found) {
      this.current = undefined;
      this.complain(found.message);
      return;
    }
    this.current = found;
    await this.start(found);
  }

  private async start(launch: Launch): Promise<void> {
    this.log.info(`starting ${launch.words}`);
    this.status.show({ kind: "starting" });
    const run = new Run(launch, this.serverLog, () => {
      this.crashed(run, launch);
    });
    this.run = run;
    const running = await run.start();
    if (running !== undefined) this.status.show({ kind: "running", version: running.version, words: launch.short });
  }

  private crashed(run: Run, launch: Launch): void {
    if (this.run !== run) return;
    this.run = undefined;
    const pause = this.restarts.after(Date.now());
    if (pause === undefined) {
      this.log.error(`the server of ${launch.words} keeps stopping; it is not started again`);
      this.complain(`Brownout's server keeps stopping (${launch.words}). The server log says why.`);
      return;
    }
    this.log.warn(`the server stopped by itself; it is started again in ${pause / 1000} s`);
    this.status.show({ kind: "waiting", seconds: pause / 1000 });
    this.timer = setTimeout(() => {
      void this.queue(async () => {
        if (this.run === undefined) await this.start(launch);
      });
    }, pause);
  }

  private complain(message: string): void {
    this.log.error(message);
    this.status.show({ kind: "stopped", message });
    if (message === this.complaint || read(workspace.workspaceFolders?.[0]).showNotifications === "off") return;
    this.complaint = message;
    void window.showErrorMessage(message, "Restart", "Show Log", "Settings").then((answer) => {
      if (answer === "Restart") void this.restart("the user asked for it");
      if (answer === "Show Log") (message.includes("server log") ? this.serverLog : this.log).show();
      if (answer === "Settings") void commands.executeCommand("workbench.action.openSettings", "@ext:brownout.brownout");
    });
  }
}
