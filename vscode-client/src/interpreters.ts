/** The interpreter that the user chose in the Python extensions. Both are optional: brownout works without them. */

import type { PythonEnvironmentApi } from "@vscode/python-environments";
import type { PythonExtension } from "@vscode/python-extension";
import { type Disposable, extensions, type Uri } from "vscode";

// They may look for environments for a long time; brownout starts without them and starts again when they have news.
const WAIT_MS = 4_000;

/** The interpreter that is chosen for a folder, if one of the extensions knows it. */
export async function chosen(folder: Uri | undefined): Promise<readonly string[] | undefined> {
  const environments = await exportsOf<PythonEnvironmentApi | null>("ms-python.vscode-python-envs");
  const run = (await soon(environments?.getEnvironment(folder)))?.execInfo.run;
  if (run !== undefined) return [run.executable, ...(run.args ?? [])];
  const python = (await exportsOf<PythonExtension>("ms-python.python"))?.environments;
  const known = python?.getActiveEnvironmentPath(folder);
  if (python === undefined || known === undefined) return undefined;
  const file = (await soon(python.resolveEnvironment(known)))?.executable.uri?.fsPath;
  return file === undefined ? undefined : [file];
}

/** Calls `listener` when another interpreter is chosen. The events repeat themselves: compare before you act. */
export async function onDidChange(listener: () => void): Promise<Disposable[]> {
  const environments = await exportsOf<PythonEnvironmentApi | null>("ms-python.vscode-python-envs");
  const python = await exportsOf<PythonExtension>("ms-python.python");
  const events = [environments?.onDidChangeEnvironment, python?.environments.onDidChangeActiveEnvironmentPath];
  return events.flatMap((event) => (event === undefined ? [] : [event(listener)]));
}

async function exportsOf<Api>(id: string): Promise<Api | undefined> {
  const extension = extensions.getExtension<Api>(id);
  if (extension === undefined) return undefined;
  return extension.isActive ? extension.exports : soon(extension.activate());
}

/** What a promise holds, unless that takes too long or fails: then nothing, as if the extension were not there. */
async function soon<T>(promise: PromiseLike<T> | undefined): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      resolve(undefined);
    }, WAIT_MS);
  });
  try {
    return await Promise.race([promise, patience]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
