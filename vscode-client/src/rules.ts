/** *Brownout: Explain Rule*: the page of a rule, as the brownout of this window prints it. */

import { commands, type Diagnostic, languages, type TextDocumentContentProvider, Uri, window, workspace } from "vscode";
import type { Server } from "./server";
import { SECTION } from "./settings";
import { reason, runTool } from "./tool";

/** The scheme of a rule's page: `brownout-rule:missing-timeout.md`. */
export const SCHEME = "brownout-rule";

interface Rule {
  readonly name: string;
  readonly title: string;
  readonly severity: string;
}

/** Pages of rules as read-only documents. */
export class Pages implements TextDocumentContentProvider {
  constructor(private readonly server: Server) {}

  async provideTextDocumentContent(uri: Uri): Promise<string> {
    const name = uri.path.replace(/\.md$/, "");
    return (await ask(this.server, [name])) ?? `# ${name}\n\nThis page could not be read.\n`;
  }
}

/** Shows the page of a rule: the one named, the one at the cursor, or the one picked from the list. */
export async function explain(server: Server, name: unknown): Promise<void> {
  const wanted = typeof name === "string" ? name : (atCursor() ?? (await pick(server)));
  if (wanted === undefined) return;
  await commands.executeCommand("markdown.showPreview", Uri.from({ scheme: SCHEME, path: `${wanted}.md` }));
}

async function pick(server: Server): Promise<string | undefined> {
  const text = await ask(server, ["--output-format", "json"]);
  if (text === undefined) return undefined;
  const items = (JSON.parse(text) as Rule[]).map(({ name, title, severity }) => ({ label: name, description: severity, detail: title }));
  const picked = await window.showQuickPick(items, { title: "Brownout: Explain Rule", matchOnDetail: true });
  return picked?.label;
}

function atCursor(): string | undefined {
  const editor = window.activeTextEditor;
  if (editor === undefined) return undefined;
  const here = languages
    .getDiagnostics(editor.document.uri)
    .find(({ source, range }) => source === SECTION && range.contains(editor.selection.active));
  return here === undefined ? undefined : ruleOf(here);
}

function ruleOf({ code }: Diagnostic): string | undefined {
  const value = typeof code === "object" ? code.value : code;
  return typeof value === "string" ? value : undefined;
}

async function ask(server: Server, args: readonly string[]): Promise<string | undefined> {
  const launch = await server.launch();
  if (launch === undefined) return undefined;
  const cwd = workspace.workspaceFolders?.[0]?.uri.fsPath ?? process.cwd();
  const outcome = await runTool(launch, ["rule", ...args], cwd, AbortSignal.timeout(30_000));
  if (outcome.code === 0) return outcome.stdout;
  void window.showErrorMessage(`Brownout: ${reason(outcome, "rule", launch)}`);
  return undefined;
}
