/** Runs a command of brownout and hands back what it says. */

import { execFile } from "node:child_process";
import type { Launch } from "./launch";

/** What a command said. Exit code 2 means that it could not do its work; then `stderr` says why. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Runs `brownout ARGS` in a folder; `stop` ends it. */
export function runTool(launch: Launch, args: readonly string[], cwd: string, stop: AbortSignal): Promise<Outcome> {
  const options = {
    cwd,
    env: { ...process.env, ...launch.env, PYTHONIOENCODING: "utf-8" },
    signal: stop,
    maxBuffer: MOST_OUTPUT_BYTES,
    windowsHide: true,
    encoding: "utf8",
  } as const;
  return new Promise((resolve) => {
    execFile(launch.program, [...launch.args, ...args], options, (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, stdout, stderr });
      else if (typeof error.code === "number") resolve({ code: error.code, stdout, stderr });
      else resolve({ code: 2, stdout, stderr: stderr === "" ? error.message : stderr });
    });
  });
}

/** Why a command failed, in one line for the user. */
export function reason(outcome: Outcome, command: string, launch: Launch): string {
  const lines = outcome.stderr.trim().split("\n");
  if (lines.some((line) => line.includes("invalid choice"))) {
    return `${launch.words} has no command \`${command}\`: update it, for example with pip install -U brownout.`;
  }
  const last = lines.at(-1)?.replace(/^brownout: /, "") ?? "";
  return last === "" ? `\`brownout ${command}\` ended with exit code ${outcome.code}.` : last;
}
