"""How cost grows with the size of a project: `python bench/growth.py [--most LINES] TREE [TREE …]`.

Projects of 10,000 lines and more are put together from whole files of the trees, in their order; each is checked cold,
in one process, by all rules. Printed are CPU time and peak memory with the exponent of a power law fitted to each (1 is
linear), over all sizes and over those of 100,000 lines and more, where starting up no longer counts. `--svg` draws it.
"""

from __future__ import annotations

import argparse
import math
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import found, measured

SIZES = (10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000)
LARGE = 100_000
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 560, 300, 56, 40, 24


@dataclass(frozen=True, slots=True)
class Point:
    """One project: its lines, the CPU seconds of a cold check, the peak of memory in MiB."""

    lines: int
    cpu: float
    memory: float


def files_of(trees: Iterable[Path]) -> list[tuple[Path, Path, int]]:
    """Every Python file of the trees: where it is, where it belongs, and its lines."""
    return [
        (path, Path(tree.name, path.relative_to(tree)), path.read_bytes().count(b"\n"))
        for tree in trees
        for path in sorted(tree.rglob("*.py"))
        if path.is_file()
    ]


def project(files: Sequence[tuple[Path, Path, int]], size: int, folder: Path) -> int:
    """Put a project of about `size` lines into a folder; the lines that it has."""
    lines = 0
    for source, place, count in files:
        if lines >= size:
            break
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, folder / place)
        lines += count
    return lines


def point(files: Sequence[tuple[Path, Path, int]], size: int, runs: int) -> Point:
    """The best of some runs on a project of that size."""
    program = found("brownout") or sys.exit("brownout is not installed beside this interpreter")
    with tempfile.TemporaryDirectory() as folder:
        lines = project(files, size, Path(folder))
        (Path(folder) / "pyproject.toml").touch()
        command = [program, "check", "-q", "-j1", "--no-cache", "--exit-zero", "--output-format", "json", folder]
        best = min((measured(command) for _ in range(runs)), key=lambda run: run.cpu)
    return Point(lines, best.cpu, best.memory)


def exponent(pairs: Sequence[tuple[float, float]]) -> float:
    """The slope of a straight line through the logarithms: the exponent of the power law that fits best."""
    xs, ys = [math.log(x) for x, _ in pairs], [math.log(y) for _, y in pairs]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - mean_x) ** 2 for x in xs)
    return sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / spread


def said(points: Sequence[Point]) -> list[str]:
    """The fits in words."""
    words: list[str] = []
    for title, chosen in (("all sizes", points), (f"from {LARGE:,} lines", [p for p in points if p.lines >= LARGE])):
        if len(chosen) > 1:
            time = exponent([(p.lines, p.cpu) for p in chosen])
            memory = exponent([(p.lines, p.memory) for p in chosen])
            words.append(f"{title}: time ~ lines^{time:.2f}, memory ~ lines^{memory:.2f}")
    return words


def drawing(points: Sequence[Point]) -> str:
    """Both curves as an SVG with logarithmic axes: dots and lines, one colour each, a dashed line of slope 1."""
    low, high = math.log10(points[0].lines), math.log10(points[-1].lines)
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="11"'
        f' viewBox="0 0 {WIDTH} {HEIGHT}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
    ]

    def x_of(lines: float) -> float:
        return LEFT + (WIDTH - LEFT - 90) * (math.log10(lines) - low) / (high - low)

    decades = high - low
    for colour, name, unit, values in (
        ("#b3261e", "CPU time", "s", [(p.lines, p.cpu) for p in points]),
        ("#1f5fa8", "memory", "MiB", [(p.lines, p.memory) for p in points]),
    ):
        top = math.log10(max(value for _, value in values))

        def y_of(value: float, top: float = top) -> float:
            return TOP + (HEIGHT - TOP - BOTTOM) * (top - math.log10(value)) / (decades + 0.3)

        track = " ".join(f"{x_of(lines):.1f},{y_of(value):.1f}" for lines, value in values)
        ends = [(points[0].lines, 10 ** (top - decades)), (points[-1].lines, 10**top)]
        straight = " ".join(f"{x_of(lines):.1f},{y_of(value):.1f}" for lines, value in ends)
        parts.append(
            f'<polyline points="{straight}" fill="none" stroke="{colour}" stroke-dasharray="3 4" opacity=".5"/>'
        )
        parts.append(f'<polyline points="{track}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x_of(a):.1f}" cy="{y_of(b):.1f}" r="3" fill="{colour}"/>' for a, b in values]
        last = y_of(values[-1][1]) + (4 if unit == "s" else 20)
        parts.append(f'<text x="{WIDTH - 84}" y="{last:.0f}" fill="{colour}">{name} {values[-1][1]:,.0f} {unit}</text>')
    for one in points:
        words = f"{one.lines / 1000:,.0f} k" if one.lines < 950_000 else f"{one.lines / 1e6:.1f} M"
        parts.append(f'<text x="{x_of(one.lines):.1f}" y="{HEIGHT - 20}" text-anchor="middle">{words}</text>')
    parts.append(f'<text x="{LEFT}" y="{HEIGHT - 4}">lines; both axes logarithmic; dashed: exactly linear</text>')
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    """Measure each size, print the table and the fits, draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trees", nargs="+", type=Path)
    parser.add_argument("--most", type=int, default=SIZES[-1], metavar="LINES")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--svg", type=Path)
    arguments = parser.parse_args()
    files = files_of(tree.resolve() for tree in arguments.trees)
    print(
        f"Python {sys.version.split()[0]}; load {os.getloadavg()[0]:.1f}; best of {arguments.runs}, one process, cold"
    )
    points: list[Point] = []
    there = sum(lines for _, _, lines in files)
    for size in SIZES:
        if size > min(arguments.most, there):
            break
        found_point = point(files, size, arguments.runs)
        points.append(found_point)
        speed = found_point.lines / found_point.cpu / 1000
        print(
            f"{found_point.lines:9} lines {found_point.cpu:8.2f} s {found_point.memory:7.0f} MiB {speed:6.1f} k/s",
            flush=True,
        )
    print(*said(points), sep="\n")
    if arguments.svg is not None:
        arguments.svg.write_text(drawing(points), encoding="utf-8")


if __name__ == "__main__":
    main()
