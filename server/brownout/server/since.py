"""Only what is new, in the editor: what a baseline lists, or an earlier commit had, is not shown."""

from __future__ import annotations

from pathlib import Path

from brownout.project import baseline, git
from brownout.project.baseline import Baseline, Earlier, compare_with_earlier, compare_with_file, earlier_of
from brownout.project.checking import Outcome
from brownout.project.history import workspace_at
from brownout.project.settings import ConfigError, Settings
from brownout.project.workspace import Workspace
from brownout.server.frames import Overrides


class Since:
    """What a project is compared with; looked for again when the project is read again."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.error = ""
        self._listed: Baseline | None = None
        self._earlier: Earlier | None = None
        self._basis: object = None

    def find(self, wanted: Overrides, workspace: Workspace, settings: Settings) -> None:
        """Find what is wanted now; an earlier commit is checked only if it, or the settings, are others than before."""
        self.error, self._listed = "", None
        try:
            if wanted.baseline is not None:
                self._listed = baseline.read(self.root / wanted.baseline)
            if wanted.diff_base is None:
                self._earlier = self._basis = None
                return
            commit = git.fork_point(self.root, wanted.diff_base)
            basis = (commit.id, settings)
            if basis != self._basis:
                base = workspace_at(commit.id, workspace, [self.root], settings)
                self._earlier, self._basis = earlier_of(base, settings, commit.name), basis
        except ConfigError as error:
            self._earlier = self._basis = None
            self.error = str(error).replace("--diff-base", "brownout.diffBase")

    def left(self, outcome: Outcome, workspace: Workspace, settings: Settings) -> Outcome:
        """The outcome without what was there before."""
        if self._earlier is not None:
            outcome = compare_with_earlier(outcome, workspace, self._earlier).outcome
        if self._listed is not None:
            outcome = compare_with_file(outcome, workspace, settings, self._listed).outcome
        return outcome
