"""The command line's own parser."""

from __future__ import annotations

import argparse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """A parser that answers a choice or option that does not exist with the one that was probably meant."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and what was probably meant."""
        import difflib
        import re

        wrong = re.search(r"invalid choice: '([^']*)' \(choose from (.*)\)|unrecognized arguments: (--[\w-]+)", message)
        if wrong is not None:
            known = re.findall(r"[\w-]+", wrong[2]) if wrong[2] else self.options()
            near = difflib.get_close_matches(wrong[1] or wrong[3], known, n=1, cutoff=0.75)
            message += f"; did you mean '{near[0]}'?" if near else ""
        super().error(message)

    def options(self) -> list[str]:
        """Every option, those of the commands included."""
        inner = [action.choices for action in self._actions if isinstance(action, argparse._SubParsersAction)]
        parsers = [self, *(parser for choices in inner for parser in dict(choices or {}).values())]
        return [option for parser in parsers for action in parser._actions for option in action.option_strings]
