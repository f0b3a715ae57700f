"""The order of steps as Python itself has it: small programs are run with every choice that their steps can make."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Choose = Callable[[Sequence[str]], str]
Trace = tuple[tuple[str, int], ...]
"""What one execution did: `("in", n)` when call number n began, `("ok", n)` when it was done."""

_SIMPLE = ["step", "step", "step", "quiet", "return", "return step", "raise ValueError", "raise"]
_BLOCKS = ["if", "if else", "while", "while else", "forever", "for", "for else", "twice", "match", "match all"]
_GUARDS = ["try", "try else", "finally", "finally", "except finally", "suppress", "with"]

KINDS = ("ValueError", "KeyError", "ValueError, KeyError", "Exception", "")
"""What handlers of a program may handle: the last one everything."""
ONE_KIND = ("Exception", "Exception", "")


class Writer:
    """Writes random programs; `choose` picks one of several words, so that the test library can shrink them."""

    def __init__(self, choose: Choose, size: int, kinds: Sequence[str] = KINDS) -> None:
        self.choose = choose
        self.kinds = kinds
        self.left = size
        self.calls = 0
        self.steps: list[int] = []
        self.lines: list[str] = []

    def program(self) -> str:
        """The source of a function `f`. Its steps are numbered calls: `s(1)`."""
        self.lines = ["def f():"]
        while self.left > 0:
            self.block(1, set())
        return "\n".join(self.lines) + "\n"

    def call(self, name: str) -> str:
        self.calls += 1
        if name == "s":
            self.steps.append(self.calls)
        return f"{name}({self.calls})"

    def put(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def block(self, depth: int, around: set[str]) -> None:
        for _ in range(int(self.choose(["1", "2", "3"]))):
            kinds = _SIMPLE + (["break", "continue"] if "loop" in around else [])
            if depth < 4 and self.left > 1:
                kinds = kinds + _BLOCKS + _GUARDS * 2
            self.left -= 1
            self.statement(self.choose(kinds), depth, around)

    def statement(self, kind: str, depth: int, around: set[str]) -> None:
        head, _, rest = kind.partition(" ")
        if kind in ("break", "continue", "return", "raise ValueError"):
            self.put(depth, kind)
        elif kind == "raise":
            self.put(depth, "raise" if "handler" in around else "raise KeyError")
        elif kind == "quiet":
            self.put(depth, "x = 1")
        elif kind == "step" or rest == "step":
            self.put(depth, kind.replace("step", self.call("s")))
        elif head in ("if", "while", "for"):
            tests = {"if": "if {}:", "while": "while {}:", "for": "for x in {}:"}
            self.put(depth, tests[head].format(self.call("i" if head == "for" else "c")))
            self.block(depth + 1, around if head == "if" else around | {"loop"})
            if rest:
                self.put(depth, "else:")
                self.block(depth + 1, around)
        elif head in ("forever", "twice"):
            self.put(depth, "while True:" if head == "forever" else "for x in (1, 2):")
            if head == "forever":
                self.put(depth + 1, f"if {self.call('q')}:")
                self.put(depth + 2, self.choose(["break", "return"]))
            self.block(depth + 1, around | {"loop"})
        elif head == "match":
            self.put(depth, f"match {self.call('m')}:")
            for case in ["0", "_" if rest else "1"]:
                self.put(depth + 1, f"case {case}:")
                self.block(depth + 2, around)
        elif head in ("suppress", "with"):
            names = self.choose(self.kinds[:-1])
            self.put(depth, f"with suppress({names}):" if head == "suppress" else f"with {self.call('w')}:")
            self.block(depth + 1, around)
        else:
            self.guarded(kind, depth, around)

    def guarded(self, kind: str, depth: int, around: set[str]) -> None:
        self.put(depth, "try:")
        self.block(depth + 1, around)
        if kind != "finally":
            several = [self.choose(self.kinds[:2])] if self.choose(["one", "two"]) == "two" else []
            for names in [*several, self.choose(self.kinds)]:
                self.put(depth, f"except ({names}):" if names else "except:")
                self.block(depth + 1, around | {"handler"})
            if kind == "try else":
                self.put(depth, "else:")
                self.block(depth + 1, around)
        if kind.endswith("finally"):
            self.put(depth, "finally:")
            self.block(depth + 1, around - {"handler"})


@dataclass(slots=True)
class Runs:
    """The executions of a program, and whether all that make at most so many choices are among them."""

    traces: set[Trace] = field(default_factory=set[Trace])
    complete: bool = True


def runs(source: str, *, errors: bool, choices: int = 9, most: int = 3000) -> Runs:
    """Run a program with every combination of its first choices; after those all goes well and loops end."""
    found = Runs()
    code = compile(source, "program.py", "exec")
    planned: list[int] = []
    for _ in range(most):
        run = _Run(planned, errors, choices)
        namespace: dict[str, object] = dict(run.functions())
        exec(code, namespace)
        with suppress(Exception):
            namespace["f"]()  # type: ignore[operator]
        found.traces.add(tuple(run.trace))
        while run.taken and run.taken[-1][0] == run.taken[-1][1] - 1:
            run.taken.pop()
        if not run.taken:
            return found
        planned = [choice for choice, _ in run.taken]
        planned[-1] += 1
    found.complete = False
    return found


class _Run:
    def __init__(self, planned: list[int], errors: bool, limit: int) -> None:
        self.planned = planned
        self.errors = [None, ValueError, KeyError, RuntimeError] if errors else [None]
        self.limit = limit
        self.trace: list[tuple[str, int]] = []
        self.taken: list[tuple[int, int]] = []

    def choose(self, count: int) -> int:
        place = len(self.taken)
        if place >= self.limit:
            return 0
        choice = self.planned[place] if place < len(self.planned) else 0
        self.taken.append((choice, count))
        return choice

    def step(self, number: int) -> None:
        self.trace.append(("in", number))
        error = self.errors[self.choose(len(self.errors))]
        if error is not None:
            raise error(number)
        self.trace.append(("ok", number))

    def test(self, number: int, last: bool = False) -> bool:
        self.step(number)
        return bool(self.choose(2)) is not last

    def subject(self, number: int) -> int:
        self.step(number)
        return self.choose(3)

    def last_test(self, number: int) -> bool:
        return self.test(number, last=True)

    def items(self, number: int) -> Iterator[int]:
        while self.test(number):
            yield number

    @contextmanager
    def within(self, number: int) -> Iterator[None]:
        self.step(number)
        yield

    def functions(self) -> dict[str, object]:
        return {
            "s": self.step,
            "c": self.test,
            "q": self.last_test,
            "m": self.subject,
            "i": self.items,
            "w": self.within,
            "suppress": suppress,
        }
