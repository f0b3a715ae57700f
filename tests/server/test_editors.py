"""The editors themselves, without a screen, with the configuration that their pages in the docs give."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from server.editor import settings

DOCS = Path(__file__).parents[2] / "docs" / "editors"
LOOSE = "import requests\n\n\ndef get(url):\n    return requests.get(url)\n"
FIXED = LOOSE.replace("(url)\n", "(url, timeout=30)\n")
NVIM, EMACS = shutil.which("nvim"), shutil.which("emacs")

NVIM_TEST = """
local function count() return #vim.diagnostic.get(0) end
local function run()
  vim.cmd('filetype plugin on')
  dofile('config.lua')
  vim.cmd('edit client.py')
  vim.wait(60000, function() return count() == 1 end, 50)
  local found = vim.diagnostic.get(0)[1]
  print(('found %s %d:%d %s'):format(found.code or found.user_data.lsp.code, found.lnum, found.col, found.source))
  vim.api.nvim_win_set_cursor(0, { found.lnum + 1, found.col })
  local place = vim.lsp.util.make_position_params(0, 'utf-16')
  for _, answer in pairs(vim.lsp.buf_request_sync(0, 'textDocument/hover', place, 30000)) do
    print((answer.result.contents.value:gsub('\\n.*', '')))
  end
  local params = vim.lsp.util.make_range_params(0, 'utf-16')
  params.context = { diagnostics = {} }
  for id, answer in pairs(vim.lsp.buf_request_sync(0, 'textDocument/codeAction', params, 30000)) do
    for _, action in ipairs(answer.result) do print('action ' .. action.title) end
    local client = vim.lsp.get_client_by_id(id)
    local taken = client.request_sync('codeAction/resolve', answer.result[1], 30000, 0).result
    vim.lsp.util.apply_workspace_edit(taken.edit, client.offset_encoding)
  end
  vim.wait(60000, function() return count() == 0 end, 50)
  print('left ' .. count())
  vim.cmd('write')
end
local fine, reason = pcall(run)
if not fine then print(reason) end
vim.cmd('qall!')
"""

EMACS_TEST = """
(setq eglot-sync-connect 60 eglot-connect-timeout 60 eglot-confirm-server-initiated-edits nil)
(load (expand-file-name "config.el") nil t)
(find-file "client.py")
(call-interactively #'eglot)
(defun wait-for (condition)
  (let ((end (+ (float-time) 60)))
    (while (and (not (funcall condition)) (< (float-time) end))
      (accept-process-output nil 0.1))))
(flymake-mode 1)
(wait-for (lambda () (= 1 (length (flymake-diagnostics)))))
(let ((found (car (flymake-diagnostics))))
  (message "found %s" (buffer-substring (flymake-diagnostic-beg found) (flymake-diagnostic-end found)))
  (goto-char (flymake-diagnostic-beg found)))
(let* ((actions (eglot-code-actions (point) (point))) (first (elt actions 0)))
  (mapc (lambda (action) (message "action %s" (plist-get action :title))) actions)
  (eglot--apply-workspace-edit (plist-get first :edit)))
(eglot--signal-textDocument/didChange)
(wait-for (lambda () (null (flymake-diagnostics))))
(message "left %d" (length (flymake-diagnostics)))
(save-buffer)
(eglot-shutdown (eglot-current-server))
"""


def block(page: str, heading: str) -> str:
    """The first block of code under a heading of a page."""
    section = (DOCS / page).read_text(encoding="utf-8").partition(f"## {heading}")[2]
    found = re.search(r"```\w+\n(.*?)```", section, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one finding."""
    (tmp_path / "brownout.toml").write_text(settings(), encoding="utf-8")
    (tmp_path / "client.py").write_text(LOOSE, encoding="utf-8")
    return tmp_path


def run(command: list[str], project: Path) -> str:
    """What the editor prints; `brownout` is the one under test."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": path, "HOME": str(project), "XDG_CONFIG_HOME": str(project)}
    done = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    return done.stdout + done.stderr


@pytest.mark.skipif(NVIM is None, reason="nvim is not installed")
def test_neovim(project):
    assert NVIM is not None
    version = subprocess.run([NVIM, "--version"], capture_output=True, text=True, check=True).stdout
    number = re.search(r"v0\.(\d+)", version)
    heading = "Neovim 0.11 and newer" if number is None or int(number[1]) >= 11 else "Neovim 0.7 to 0.10"
    (project / "config.lua").write_text(block("neovim.md", heading), encoding="utf-8")
    (project / "test.lua").write_text(NVIM_TEST, encoding="utf-8")

    told = run([NVIM, "--headless", "--clean", "-u", "NONE", "-c", "luafile test.lua"], project)

    assert "found missing-timeout 4:11 brownout" in told, told
    assert "**missing-timeout** · HIGH" in told, told
    assert "action Add timeout=30 (unsafe: " in told, told
    assert "action Ignore missing-timeout here, with a reason" in told, told
    assert "left 0" in told, told
    assert (project / "client.py").read_text(encoding="utf-8") == FIXED


@pytest.mark.skipif(EMACS is None, reason="emacs is not installed")
def test_emacs(project):
    assert EMACS is not None
    (project / "config.el").write_text(block("emacs.md", "Eglot"), encoding="utf-8")
    (project / "test.el").write_text(EMACS_TEST, encoding="utf-8")
    if "eglot yes" not in run(
        [EMACS, "--batch", "--eval", '(when (require \'eglot nil t) (message "eglot yes"))'], project
    ):
        pytest.skip("eglot is not installed")

    told = run([EMACS, "--batch", "-l", "test.el"], project)

    assert "found requests.get" in told, told
    assert "action Add timeout=30 (unsafe: " in told, told
    assert "left 0" in told, told
    assert (project / "client.py").read_text(encoding="utf-8") == FIXED
