// A real VS Code: code-server with the extension installed, driven through Chromium.
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

// What a test waits for may take long on a busy machine; it is never waited for without need.
const PATIENCE_MS = 60_000;

const QUIET = {
  "workbench.startupEditor": "none",
  "workbench.colorTheme": "Default Dark Modern",
  "workbench.enableExperiments": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.tips.enabled": false,
  "window.commandCenter": false,
  "security.workspace.trust.banner": "never",
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "chat.disableAIFeatures": true,
  "files.autoSave": "off", // the default of the web saves after a pause
  "editor.minimap.enabled": false,
  "editor.fontSize": 13,
  "editor.stickyScroll.enabled": false,
  "editor.wordBasedSuggestions": "off",
  "breadcrumbs.enabled": false,
  "remote.autoForwardPorts": false,
  "workbench.editor.enablePreview": false,
};

/** Starts code-server on a copy of `project` that `prepare` may add to, and a browser on it. `python` is all the Python on PATH. */
export async function open({ root, cache, vsix, project, python, prepare }) {
  const entry = join(cache, "node_modules/code-server/out/node/entry.js");
  const scratch = mkdtempSync(join(tmpdir(), "brownout-vscode-"));
  const folder = join(scratch, "docdesk");
  cpSync(join(root, project), folder, { recursive: true, filter: (file) => !/__pycache__|_cache$/.test(file) });
  for (const part of ["User", "Machine"]) {
    mkdirSync(join(scratch, "user", part), { recursive: true }); // a remote window reads some settings from Machine only
    writeFileSync(join(scratch, "user", part, "settings.json"), JSON.stringify(QUIET));
  }
  prepare(folder);
  mkdirSync(join(scratch, "bin"));
  for (const [name, file] of [["python3", python], ["node", process.execPath]]) symlinkSync(file, join(scratch, "bin", name));
  const place = ["--user-data-dir", join(scratch, "user"), "--extensions-dir", join(scratch, "ext"), "--config", join(scratch, "c.yaml")];
  execFileSync(process.execPath, [entry, ...place, "--install-extension", vsix], { stdio: "pipe" });
  const port = await freePort();
  const flags = ["--bind-addr", `127.0.0.1:${port}`, "--auth", "none", "--disable-telemetry", "--disable-update-check"];
  // VSCODE_CLI keeps it from asking a login shell for another PATH.
  const server = spawn(process.execPath, [entry, ...flags, "--disable-getting-started-override", ...place, folder], {
    env: { ...process.env, PATH: join(scratch, "bin"), VSCODE_CLI: "1", EXTENSIONS_GALLERY: '{"serviceUrl":"http://127.0.0.1:9/none"}', CS_DISABLE_PROXY: "1" },
    stdio: "ignore",
    detached: true,
  });
  const close = async (browser) => {
    await browser?.close();
    process.kill(-server.pid);
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  let browser;
  try {
    const address = `http://127.0.0.1:${port}`;
    await until("code-server answers", async () => (await fetch(`${address}/healthz`).catch(() => undefined))?.ok);
    const { chromium } = createRequire(join(cache, "package.json"))("playwright-core");
    const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
    browser = await chromium.launch({ executablePath: browserOnPath(), args });
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(`${address}/?folder=${encodeURIComponent(folder)}`);
    await page.waitForSelector(".monaco-workbench .explorer-folders-view");
    return { page, folder, scratch, logs: () => logs(scratch), close: () => close(browser) };
  } catch (error) {
    process.stderr.write(logs(scratch));
    await close(browser);
    throw error;
  }
}

/** Waits until `claim` gives something true, and returns that. */
export async function until(what, claim, patience = PATIENCE_MS) {
  const end = Date.now() + patience;
  let last;
  while (Date.now() < end) {
    last = await claim();
    if (last) return last;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited ${patience / 1000} s in vain: ${what}`);
}

/** Runs a command through the palette, by its title. */
export async function command(page, title) {
  await page.keyboard.press("F1");
  await page.waitForSelector(".quick-input-widget input");
  await page.keyboard.insertText(title);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.waitForSelector(".quick-input-widget", { state: "hidden" });
}

/** Opens a file, at a line. The path is absolute: looking for files needs ripgrep, which this VS Code does not have. */
export async function openFile(page, path, line = 1) {
  const name = path.split("/").at(-1);
  await page.keyboard.press("Control+P");
  await page.waitForSelector(".quick-input-widget input");
  await page.keyboard.insertText(`${path}:${line}`);
  await page.locator(`.quick-input-list .monaco-list-row[aria-label*="${name}"]`).first().waitFor();
  await page.keyboard.press("Enter");
  await page.waitForSelector(`.tab.active[data-resource-name="${name}"]`);
  await page.waitForSelector(".monaco-editor .view-lines .view-line");
}

/** The text of the active editor, as far as it is on the screen. */
export async function text(page) {
  const lines = await page.locator(".editor-instance .view-lines .view-line").evaluateAll((rows) =>
    rows
      .map((row) => [parseFloat(row.style.top), row.textContent])
      .sort(([one], [other]) => one - other)
      .map(([, line]) => line),
  );
  return lines.join("\n").replaceAll("\u00a0", " ");
}

/** The rows of the Problems panel that hold these words: the panel shows only what fits, so it is asked through its filter. */
export async function problems(page, words = "") {
  const filter = page.locator(".pane-composite-part.panel .viewpane-filter input");
  if ((await filter.inputValue()) !== words) await filter.fill(words);
  const rows = await page.locator(".markers-panel .monaco-list-row").evaluateAll((found) => found.map((row) => row.getAttribute("aria-label") ?? row.textContent));
  return rows.map((row) => row.replaceAll("\u00a0", " ")).filter((row) => row.includes(words));
}

/** Waits until the Problems panel has nothing with these words, and says so itself. */
export async function noProblem(page, words) {
  const nothing = page.locator(".markers-panel .message-box-container").filter({ hasText: "No results found" });
  await until(`no problem with: ${words}`, async () => {
    await problems(page, ""); // the panel filters what it is given when the filter changes, not later
    await problems(page, words);
    return nothing.waitFor({ timeout: 1000 }).then(() => true, () => false);
  });
}

/** The ids of the processes that run brownout's server for this window: they work in its folder. */
export function servers(folder) {
  return readdirSync("/proc").filter((id) => {
    try {
      return readlinkSync(`/proc/${id}/cwd`) === folder && readFileSync(`/proc/${id}/cmdline`, "utf8").includes("brownout\0server");
    } catch {
      return false; // not a process, or one that has just ended
    }
  });
}

function browserOnPath() {
  const places = (process.env.PATH ?? "").split(":");
  const found = ["chromium", "google-chrome"].flatMap((name) => places.map((place) => join(place, name)));
  return found.find((file) => existsSync(file)) ?? "/usr/bin/chromium";
}

function logs(scratch) {
  const folder = join(scratch, "user", "logs");
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true }).map((name) => join(folder, name)) : [];
  const ours = files.filter((file) => /brownout\.brownout/.test(file) && statSync(file).isFile());
  return ours.map((file) => `\n--- ${file}\n${readFileSync(file, "utf8").slice(-6000)}`).join("\n");
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
