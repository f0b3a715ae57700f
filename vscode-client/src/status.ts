/** What the language status (the braces in the status bar) says about brownout. */

import { type Disposable, languages, LanguageStatusSeverity } from "vscode";

/** The states that a user can tell apart. */
export type State =
  | { readonly kind: "starting" }
  | { readonly kind: "running"; readonly version: string | undefined; readonly words: string }
  | { readonly kind: "waiting"; readonly seconds: number }
  | { readonly kind: "stopped"; readonly message: string }
  | { readonly kind: "off" };

/** The item in the language status of Python files. */
export class Status implements Disposable {
  private readonly item = languages.createLanguageStatusItem("brownout.status", [
    { language: "python" },
    { pattern: "**/{pyproject,brownout}.toml" },
  ]);

  constructor() {
    this.item.name = "Brownout";
    this.item.command = { command: "brownout.showServerLogs", title: "Show Log" };
  }

  /** Shows a state. */
  show(state: State): void {
    const { text, detail, severity } = look(state);
    this.item.text = text;
    this.item.detail = detail;
    this.item.severity = severity;
    this.item.busy = state.kind === "starting" || state.kind === "waiting";
    this.item.command =
      state.kind === "stopped"
        ? { command: "brownout.restart", title: "Restart" }
        : { command: "brownout.showServerLogs", title: "Show Log" };
  }

  dispose(): void {
    this.item.dispose();
  }
}

function look(state: State): { text: string; detail: string; severity: LanguageStatusSeverity } {
  const { Information, Warning, Error } = LanguageStatusSeverity;
  switch (state.kind) {
    case "starting":
      return { text: "Brownout", detail: "starting", severity: Information };
    case "running":
      return { text: `Brownout ${state.version ?? ""}`.trim(), detail: state.words, severity: Information };
    case "waiting":
      return { text: "Brownout", detail: `stopped; starts again in ${state.seconds} s`, severity: Warning };
    case "stopped":
      return { text: "Brownout: not running", detail: state.message, severity: Error };
    case "off":
      return { text: "Brownout: off", detail: "brownout.enable is false", severity: Information };
  }
}
