/** Which brownout is started, with which Python, and what to tell the user when there is none. */

import * as path from "node:path";
import { isNewEnough, OLDEST, type Python, type Silent } from "./python";

/** What the settings and the machine offer. */
export interface Offer {
  /** Executables of brownout from `brownout.path` that exist. */
  readonly executables: readonly string[];
  /** Interpreters in the order in which they are asked. */
  readonly interpreters: readonly (readonly string[])[];
  /** Interpreters that are asked only if none of those can run brownout. */
  readonly others: readonly (readonly string[])[];
  /** `brownout` on PATH, as pipx and uv install it. */
  readonly onPath: string | undefined;
  readonly strategy: "fromEnvironment" | "useBundled";
  /** Whether the interpreter was named in the settings: then no other is taken. */
  readonly named: boolean;
  /** The folder of the bundled server, if this build of the extension has one. */
  readonly libraries: string | undefined;
}

/** How brownout is started. */
export interface Launch {
  readonly origin: "path" | "environment" | "bundled";
  readonly program: string;
  /** What comes before the command's name. */
  readonly args: readonly string[];
  /** Variables that differ from those of the editor. */
  readonly env: Readonly<Record<string, string>>;
  /** For people: which brownout, and which Python. */
  readonly words: string;
  /** The same for the status, where there is little room. */
  readonly short: string;
}

/** No brownout can be started; `message` is for the user. */
export interface Nothing {
  readonly message: string;
}

/** Asks one interpreter. */
export type Ask = (command: readonly string[]) => Promise<Python | Silent>;

/** Chooses what to start. The first interpreter that has brownout wins; otherwise the first that can run the bundled one. */
export async function choose(offer: Offer, ask: Ask, log: (line: string) => void): Promise<Launch | Nothing> {
  const [executable] = offer.executables;
  if (executable !== undefined) return ofExecutable(executable, "brownout.path");
  const asked = new Asked(ask, log);
  for (const command of offer.interpreters) {
    const python = await asked.next(command);
    if (python === undefined) continue;
    if (offer.strategy === "useBundled") break;
    if (python.brownout !== undefined) return ofEnvironment(python, python.brownout);
  }
  if (offer.strategy === "fromEnvironment" && offer.onPath !== undefined && !offer.named) {
    return ofExecutable(offer.onPath, "on PATH");
  }
  for (const command of asked.able === undefined ? offer.others : []) if (await asked.next(command)) break;
  if (asked.able === undefined) return { message: tooOld(offer, asked) };
  if (offer.libraries === undefined) {
    return {
      message: `Brownout is not installed in ${shown(asked.able.command)}, and this build of the extension holds no server: pip install brownout`,
    };
  }
  return ofBundle(asked.able, offer.libraries);
}

/** The answers of the interpreters that were asked. */
class Asked {
  /** The first that can run brownout. */
  able: Python | undefined;
  readonly old: Python[] = [];
  readonly silent: Silent[] = [];

  constructor(
    private readonly ask: Ask,
    private readonly log: (line: string) => void,
  ) {}

  /** Asks one; returns it if it can run brownout. */
  async next(command: readonly string[]): Promise<Python | undefined> {
    const answer = await this.ask(command);
    this.log(describe(answer));
    if ("reason" in answer) this.silent.push(answer);
    else if (isNewEnough(answer)) {
      this.able ??= answer;
      return answer;
    } else this.old.push(answer);
    return undefined;
  }
}

/** One line about an interpreter, for the log. */
export function describe(answer: Python | Silent): string {
  if ("reason" in answer) return `${shown(answer.command)}: ${answer.reason}`;
  const brownout = answer.brownout === undefined ? "no brownout" : `brownout ${answer.brownout}`;
  return `${shown(answer.command)}: Python ${answer.version.join(".")}, ${brownout}`;
}

// -P keeps the working directory, which is the user's project, off the module path: a project may have a `types.py`.
const MODULE = ["-P", "-m", "brownout"];

function ofExecutable(program: string, from: string): Launch {
  return { origin: "path", program, args: [], env: {}, words: `${program} (${from})`, short: from };
}

function ofEnvironment(python: Python, version: string): Launch {
  const [program = "", ...first] = python.command;
  const words = `brownout ${version} of ${shown(python.command)} (Python ${python.version.join(".")})`;
  const short = `Python ${python.version.join(".")}, environment`;
  return { origin: "environment", program, args: [...first, ...MODULE], env: {}, words, short };
}

function ofBundle(python: Python, libraries: string): Launch {
  const [program = "", ...first] = python.command;
  const words = `the extension's own brownout with ${shown(python.command)} (Python ${python.version.join(".")})`;
  // PYTHONPATH, because children of the server need it too. It replaces the user's: brownout imports none of their code.
  const short = `Python ${python.version.join(".")}, bundled`;
  return { origin: "bundled", program, args: [...first, "-s", ...MODULE], env: { PYTHONPATH: libraries }, words, short };
}

function tooOld(offer: Offer, { old, silent }: Asked): string {
  const need = `Brownout needs Python ${OLDEST.join(".")} or newer`;
  const [first] = old;
  if (offer.named) {
    const why = first === undefined ? (silent[0]?.reason ?? "it gave no answer") : `it is Python ${first.version.join(".")}`;
    return `${need}. The setting brownout.interpreter names ${shown(offer.interpreters[0] ?? [])}, but ${why}.`;
  }
  if (first === undefined) return `${need}, and no Python was found. Install one, or name it in brownout.interpreter.`;
  const found = old.map((python) => `${python.version.join(".")} (${shown(python.command)})`).join(", ");
  return `${need}. Found: ${found}. Name a newer one in brownout.interpreter.`;
}

function shown(command: readonly string[]): string {
  return command.map((word) => (word.includes(" ") ? `"${word}"` : word)).join(" ");
}

/** Whether two launches start the same thing. */
export function isSame(one: Launch, other: Launch): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Settings may speak of `${workspaceFolder}`, `${userHome}`, `${env:NAME}`, and `~`. An unknown variable stays as it is. */
export function expand(text: string, folder: string | undefined, home: string, env: NodeJS.ProcessEnv): string {
  const replaced = text.replace(/\$\{(workspaceFolder|userHome|env:([^}]+))\}/g, (whole, what: string, name?: string) => {
    if (name !== undefined) return env[name] ?? "";
    return (what === "userHome" ? home : folder) ?? whole;
  });
  return replaced === "~" || replaced.startsWith("~/") ? path.join(home, replaced.slice(1)) : replaced;
}
