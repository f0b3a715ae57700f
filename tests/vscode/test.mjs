// The extension in a real VS Code, as a user meets it. Usage:
//   node tests/vscode/test.mjs --vsix FILE --python INTERPRETER [--code-server 4.100.3]
// Screenshots of every step go to tests/vscode/shots.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { command, noProblem, open, openFile, problems, servers, text, until } from "./editor.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const { values } = parseArgs({
  options: { vsix: { type: "string" }, python: { type: "string" }, "code-server": { type: "string", default: "4.100.3" } },
});
const shots = join(root, "tests/vscode/shots");
rmSync(shots, { recursive: true, force: true });
mkdirSync(shots, { recursive: true });

const editor = await open({
  root,
  cache: join(root, `.cache/code-server-${values["code-server"]}`),
  vsix: resolve(values.vsix),
  project: "examples/docdesk",
  python: values.python,
  prepare: (folder) => {
    // A workspace with bad intentions: running its interpreter leaves a mark.
    mkdirSync(join(folder, ".venv/bin"), { recursive: true });
    mkdirSync(join(folder, ".vscode"));
    const python = join(folder, ".venv/bin/python");
    script(python, `touch ${join(folder, "was-run")}`);
    writeFileSync(join(folder, ".vscode/settings.json"), JSON.stringify({ "brownout.interpreter": [python], "brownout.path": [python] }));
  },
});
const { page, folder, scratch } = editor;
let last = performance.now();

async function step(name, action) {
  await action();
  await page.screenshot({ path: join(shots, `${name.replaceAll(/\W+/g, "-")}.png`) });
  const now = performance.now();
  console.log(`ok  ${((now - last) / 1000).toFixed(1).padStart(5)} s  ${name}`);
  last = now;
}

const read = (path) => readFileSync(join(folder, path), "utf8");
const settings = (values) => writeFileSync(join(folder, ".vscode/settings.json"), JSON.stringify(values));

function script(file, body) {
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
}

const appears = (locator) => locator.waitFor({ timeout: 2000 }).then(() => true, () => false);

/** Goes to the next finding until the editor shows the one with these words; returns all that is said there. */
async function next(words) {
  const peek = page.locator(".editor-instance .zone-widget").filter({ hasText: words });
  await until(words, async () => {
    await page.keyboard.press("F8");
    return appears(peek);
  });
  return (await peek.innerText()).replaceAll("\u00a0", " ");
}

/** What the language status says about brownout. */
async function status() {
  await page.locator("[id='status.languageStatus']").hover();
  const item = page.locator(".hover-language-status", { hasText: "Brownout" });
  await item.waitFor();
  const said = (await item.innerText()).replaceAll("\u00a0", " ").replaceAll("\n", " ");
  await page.mouse.move(640, 300);
  return said;
}

try {
  await step("in a workspace that is not trusted nothing of it runs", async () => {
    await page.getByRole("button", { name: "No, I don't trust the authors" }).click();
    await openFile(page, `${folder}/backend/docdesk/notifications.py`, 50);
    await page.waitForSelector(".squiggly-error");
    assert.ok(!existsSync(join(folder, "was-run")));
  });

  await step("a squiggle under the call that can hang", async () => {
    rmSync(join(folder, ".venv"), { recursive: true });
    settings({});
    await command(page, "Workspaces: Manage Workspace Trust");
    await page.getByRole("button", { name: "Trust", exact: true }).click();
    await page.getByText("You trust this folder").first().waitFor();
    await page.locator(".tab", { hasText: "Workspace Trust" }).click({ button: "middle" });
    await page.mouse.move(800, 600); // away from the tabs: a hover hides from a pointer that is elsewhere
    await page.waitForSelector(".squiggly-error");
  });

  await step("F8 goes there and says what is wrong", async () => {
    const said = await next("`self.session.post` can wait forever");
    assert.match(said, /missing-timeout/);
  });

  await step("the hover holds the rule's page", async () => {
    await page.keyboard.press("Escape");
    const hover = page.locator(".monaco-hover:not(.hidden)").filter({ hasText: "The Problem" }).filter({ hasText: "The Fix" });
    await until("the hover", async () => {
      await page.keyboard.press("Control+K");
      await page.keyboard.press("Control+I");
      return appears(hover.first());
    });
    assert.match(await hover.first().innerText(), /can wait forever/);
  });

  await step("the light bulb offers the fix first and the way out last", async () => {
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+.");
    await page.waitForSelector(".action-widget .monaco-list-row.action");
    const titles = await page.locator(".action-widget .monaco-list-row.action").allInnerTexts();
    assert.ok(titles.findIndex((title) => /^Add timeout=\d+ \(unsafe/.test(title)) >= 0, titles.join("\n"));
    assert.match(titles.at(-1), /^Ignore .* here, with a reason/);
  });

  await step("the fix is applied and the finding is gone", async () => {
    const chosen = page.locator(".action-widget .monaco-list-row.focused", { hasText: "Add timeout=" });
    for (let tries = 0; tries < 9 && (await chosen.count()) === 0; tries++) await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await until("the call has a time limit", async () => /self\.session\.post\(.*timeout/.test(await text(page)));
    await page.keyboard.press("Control+S");
    await until("it is on disk", () => /session\.post\(.*timeout/.test(read("backend/docdesk/notifications.py")));
    await page.keyboard.press("Control+Shift+M");
    await page.waitForSelector(".markers-panel .monaco-list-row");
    await noProblem(page, "`self.session.post` can wait forever");
    await problems(page, "");
  });

  await step("F8 shows the whole chain to a call in another file", async () => {
    await page.keyboard.press("Control+Shift+M");
    await openFile(page, `${folder}/backend/docdesk/routes/documents.py`, 42);
    await page.waitForSelector(".editor-instance .squiggly-error");
    const said = await next("`preview.preview_upload` blocks the event loop");
    assert.match(said, /preview\.py.*conversion\.py/s);
  });

  await step("Problems lists files that are not open", async () => {
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+Shift+M");
    await page.waitForSelector(".markers-panel .monaco-list-row");
    await until("a finding", async () => (await problems(page, "without write-ahead logging")).length === 1);
    await until("a chain", async () => (await problems(page, "`make_thumbnail` blocks the event loop")).length === 1);
    assert.equal(await page.locator(".tabs-container .tab").count(), 2);
    await until("all of them", async () => (await problems(page, "")).length > 5);
  });

  await step("saving a helper updates the file that calls it", async () => {
    await openFile(page, `${folder}/backend/docdesk/rendering.py`, 64);
    await page.keyboard.press("Control+Shift+End");
    await page.keyboard.insertText("    return str(source).encode()\n");
    await page.keyboard.press("Control+S");
    await until("it is on disk", () => read("backend/docdesk/rendering.py").trimEnd().endsWith("return str(source).encode()"));
    await noProblem(page, "`make_thumbnail` blocks the event loop");
    await until("its other finding stays", async () => (await problems(page, "`find_page` blocks the event loop")).length === 1);
    await problems(page, "");
  });

  await step("safe fixes are applied all at once", async () => {
    await openFile(page, `${folder}/backend/docdesk/routes/pages.py`, 50);
    await until("its finding", async () => (await problems(page, "`except Exception` hides every failure")).length === 1);
    await page.keyboard.press("Control+1");
    await command(page, "Brownout: Fix All Safe Problems in This File");
    await until("the failure is logged", async () => /except Exception:\n *logger\.exception\(/.test(await text(page)));
    await noProblem(page, "`except Exception` hides every failure");
    await problems(page, "");
  });

  await step("a rule's page opens", async () => {
    await page.keyboard.press("Control+1");
    await command(page, "Brownout: Explain Rule");
    await page.locator(".quick-input-title", { hasText: "Explain Rule" }).waitFor();
    await page.locator(".quick-input-list .monaco-list-row").first().waitFor();
    await page.keyboard.insertText("sqlite-without-wal");
    await page.locator(".quick-input-list .monaco-list-row.focused", { hasText: "sqlite-without-wal" }).waitFor();
    await page.keyboard.press("Enter");
    const frame = page.frameLocator("iframe.webview.ready").frameLocator("#active-frame");
    await frame.getByRole("heading", { name: "The Problem" }).waitFor();
  });

  await step("the audit's report opens", async () => {
    await command(page, "Brownout: Audit Workspace");
    await page.locator(".tab.active", { hasText: "Brownout: Audit" }).waitFor();
    await page.keyboard.press("Control+J"); // the report, without the panel
    const frames = page.locator("iframe.webview.ready").last().contentFrame().frameLocator("#active-frame");
    await frames.locator("meta[http-equiv='Content-Security-Policy']").waitFor({ state: "attached" });
  });

  await step("a setting takes effect at once", async () => {
    await page.keyboard.press("Control+Shift+M");
    await page.waitForSelector(".markers-panel .monaco-list-row");
    settings({ "brownout.ignore": ["sqlite-without-wal"] });
    await noProblem(page, "without write-ahead logging");
    settings({});
    await until("it is back", async () => (await problems(page, "without write-ahead logging")).length === 1);
    await problems(page, "");
  });

  await step("a server that is killed comes back by itself", async () => {
    const before = servers(folder);
    assert.ok(before.length > 0);
    before.forEach((id) => process.kill(Number(id), "SIGKILL"));
    await until("another server", () => servers(folder).some((id) => !before.includes(id)));
    await until("its findings", async () => (await problems(page, "without write-ahead logging")).length === 1);
    await problems(page, "");
  });

  await step("a Python that is too old is told in one sentence", async () => {
    const old = join(scratch, "old-python");
    script(old, `echo '{"version": [3, 8, 18], "brownout": null}'`);
    settings({ "brownout.interpreter": [old] });
    const said = `Brownout needs Python 3.11 or newer. The setting brownout.interpreter names ${old}, but it is Python 3.8.18.`;
    await page.locator(".notification-list-item", { hasText: said }).waitFor();
    assert.deepEqual(servers(folder), []);
  });

  await step("the status says what runs", async () => {
    settings({});
    await until("it runs again", async () => (await problems(page, "without write-ahead logging")).length === 1);
    await openFile(page, `${folder}/backend/docdesk/store.py`, 55);
    await page.waitForSelector(".editor-instance .squiggly-error");
    assert.match(await status(), /Brownout 0\.\d+\.\d+ .*Python 3\.\d+\.\d+, bundled/);
  });

  await step("the project's own brownout goes before the bundled one", async () => {
    execFileSync(values.python, ["-m", "venv", "--without-pip", join(folder, ".venv")]);
    const [site] = readdirSync(join(folder, ".venv/lib")).map((name) => join(folder, ".venv/lib", name, "site-packages"));
    writeFileSync(join(site, "brownout.pth"), join(root, "vscode-client/bundled/libs"));
    await command(page, "Brownout: Restart Server");
    await until("the status", async () => /Python 3\.\d+\.\d+, environment/.test(await status()));
    await page.waitForSelector(".editor-instance .squiggly-error");
  });
} catch (error) {
  await page.screenshot({ path: join(shots, "failed.png") });
  console.error(`FAILED: ${error.stack}\nThe screen is in ${join(shots, "failed.png")}. The logs:${editor.logs()}`);
  process.exitCode = 1;
} finally {
  await editor.close();
}
