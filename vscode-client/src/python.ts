/** What is known about Python on this machine: where interpreters lie and what an interpreter says about itself. */

import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

/** The oldest Python that brownout runs on. */
export const OLDEST: readonly [number, number] = [3, 11];

/** An interpreter that answered. */
export interface Python {
  /** The program and the arguments that come before all others, such as `py -3.12`. */
  readonly command: readonly string[];
  readonly version: readonly [number, number, number];
  /** The version of brownout that this interpreter can import, if any. */
  readonly brownout: string | undefined;
}

/** An interpreter that did not answer, and why. */
export interface Silent {
  readonly command: readonly string[];
  readonly reason: string;
}

const ANSWER_WITHIN_MS = 15_000;

// Must be understood by every Python that may be asked, however old.
const QUESTION = `
import json, sys
found = None
if sys.version_info >= (3, 11):
    try:
        import brownout.server
        from brownout.core import __version__ as found
    except ImportError:
        pass
sys.stdout.write(json.dumps({"version": list(sys.version_info[:3]), "brownout": found}))
`;

/**
 * Asks an interpreter for its version and for brownout.
 *
 * @param cwd a folder of our own: Python looks for modules in the working directory first, and a workspace may hold
 *   files that must not be run.
 */
export function ask(command: readonly string[], cwd: string): Promise<Python | Silent> {
  const [program = "", ...first] = command;
  return new Promise((resolve) => {
    execFile(
      program,
      [...first, "-c", QUESTION],
      { cwd, timeout: ANSWER_WITHIN_MS, windowsHide: true, encoding: "utf8" },
      (error, stdout, stderr) => {
        const answer = parseAnswer(stdout);
        if (answer !== undefined) resolve({ command, ...answer });
        else resolve({ command, reason: reasonOf(error, stderr) });
      },
    );
  });
}

/** The interpreter's answer, if its output ends with one: start-up files may print before it. */
export function parseAnswer(stdout: string): Omit<Python, "command"> | undefined {
  const start = stdout.lastIndexOf("{");
  if (start < 0) return undefined;
  try {
    const answer = JSON.parse(stdout.slice(start)) as { version?: unknown; brownout?: unknown };
    if (!Array.isArray(answer.version)) return undefined;
    const [major, minor, micro] = (answer.version as unknown[]).map(Number);
    if (major === undefined || minor === undefined || micro === undefined) return undefined;
    const brownout = typeof answer.brownout === "string" ? answer.brownout : undefined;
    return { version: [major, minor, micro], brownout };
  } catch {
    return undefined;
  }
}

function reasonOf(error: (Error & { code?: unknown; killed?: boolean }) | null, stderr: string): string {
  if (error?.code === "ENOENT") return "there is no such program";
  if (error?.killed === true) return `it did not answer within ${ANSWER_WITHIN_MS / 1000} seconds`;
  const lines = stderr.trim().split("\n");
  const told = lines[0]?.startsWith("Traceback") === true ? lines.at(-1) : lines[0];
  return told === undefined || told === "" ? "it gave no answer" : told;
}

/** Whether brownout runs on this interpreter. */
export function isNewEnough(python: Python): boolean {
  const [major, minor] = python.version;
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** The interpreter of a virtual environment's folder. */
export function ofEnvironment(folder: string, platform: NodeJS.Platform = process.platform): string {
  return platform === "win32" ? path.win32.join(folder, "Scripts", "python.exe") : path.posix.join(folder, "bin", "python");
}

/** Interpreters of virtual environments that lie in a workspace folder. */
export function inWorkspace(folder: string, exists = fs.existsSync, platform = process.platform): string[] {
  const here = flavour(platform);
  return [".venv", "venv"].map((name) => ofEnvironment(here.join(folder, name), platform)).filter((file) => exists(file));
}

/** The interpreter on PATH that the user means by Python. */
export function onPath(
  env: NodeJS.ProcessEnv = process.env,
  exists = fs.existsSync,
  platform: NodeJS.Platform = process.platform,
): string[] {
  const [python3, python] = ["python3", "python"].map((name) => which(name, env, exists, platform));
  // On Windows `python3` may be a stub that opens the store.
  const found = platform === "win32" ? [python, python3] : [python3 ?? python];
  return found.filter((file) => file !== undefined);
}

/** Interpreters that can be had by version, for when the user's own is too old to run the bundled brownout. */
export function byVersion(
  env: NodeJS.ProcessEnv = process.env,
  exists = fs.existsSync,
  platform: NodeJS.Platform = process.platform,
): string[][] {
  if (platform === "win32") return [which("py", env, exists, platform)].flatMap((py) => (py === undefined ? [] : [[py, "-3"]]));
  const names = ["python3.14", "python3.13", "python3.12", "python3.11"];
  return names.flatMap((name) => which(name, env, exists, platform) ?? []).map((file) => [file]);
}

/** The file that a program's name stands for. Relative entries of PATH are left out: they would lead into the workspace. */
export function which(
  name: string,
  env: NodeJS.ProcessEnv = process.env,
  exists = fs.existsSync,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  const here = flavour(platform);
  const folders = (env["PATH"] ?? env["Path"] ?? "").split(here.delimiter).filter((folder) => here.isAbsolute(folder));
  return folders.map((folder) => here.join(folder, platform === "win32" ? `${name}.exe` : name)).find((file) => exists(file));
}

function flavour(platform: NodeJS.Platform): path.PlatformPath {
  return platform === "win32" ? path.win32 : path.posix;
}
