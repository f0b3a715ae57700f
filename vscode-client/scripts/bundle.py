"""Puts brownout and the libraries that its server needs into `bundled/libs`, for every supported Python at once.

Files of native modules carry the version of Python in their names, so those of several versions can lie side by side.
Run it with any Python that has pip: `python3 scripts/bundle.py --target linux-x64`.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from zipfile import ZipFile

CLIENT = Path(__file__).resolve().parent.parent
PROJECT = CLIENT.parent
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = {
    "linux-x64": ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
    "linux-arm64": ("manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"),
    "alpine-x64": ("musllinux_1_2_x86_64", "musllinux_1_1_x86_64"),
    "darwin-x64": ("macosx_11_0_x86_64", "macosx_10_13_x86_64", "macosx_10_12_x86_64", "macosx_10_9_x86_64"),
    "darwin-arm64": ("macosx_11_0_arm64",),
    "win32-x64": ("win_amd64",),
}
"""The targets of `vsce package --target`, each with the wheels that run there."""

NOT_NEEDED = {"pygithub"}
"""GitHub's door is not the editor's, and its cryptography is larger than all the rest."""

NOT_RUN = ("pbr", "setuptools", "_distutils_hack", "distutils-precedence.pth", "yaml", "_yaml", "pyyaml", "bin")
"""What comes along and is never imported: sarif-om's version tool, and the YAML of LibCST's own command."""

NATIVE = (".so", ".pyd")
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-qq")


def main() -> int:
    """Fill `bundled/libs`; return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--target", choices=PLATFORMS, default="linux-x64", help="where the extension is to run")
    parser.add_argument("--out", type=Path, default=CLIENT / "bundled" / "libs")
    arguments = parser.parse_args()
    try:
        bundle(arguments.out, PLATFORMS[arguments.target])
    except subprocess.CalledProcessError as error:
        print(f"bundle: pip could not do its part (exit code {error.returncode}); it says why above", file=sys.stderr)
        return 1
    files = [path for path in arguments.out.rglob("*") if path.is_file()]
    natives = sum(path.suffix in NATIVE for path in files)
    size = sum(path.stat().st_size for path in files) / 1e6
    print(f"{arguments.out}: {len(files)} files, {natives} of them native, {size:.1f} MB, for {', '.join(PYTHONS)}")
    return 0


def bundle(out: Path, platforms: tuple[str, ...]) -> None:
    """Build the folder next to its place, then put it there: a build that fails leaves the old one."""
    with tempfile.TemporaryDirectory(prefix="brownout-bundle-") as scratch:
        libs = Path(scratch) / "libs"
        install(libs, requirements(), PYTHONS[0], platforms)
        trim(libs)
        add_natives(libs, Path(scratch), platforms)
        add_brownout(libs, Path(scratch))
        shutil.rmtree(out, ignore_errors=True)
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(libs, out)


def requirements() -> list[str]:
    """What the project depends on, without what the editor does not need."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [line for line in project["dependencies"] if name_of(line) not in NOT_NEEDED]


def name_of(requirement: str) -> str:
    """`PyGithub>=2.5` is about `pygithub`."""
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower()


def install(folder: Path, wanted: list[str], python: str, platforms: tuple[str, ...], *more: str) -> None:
    """Unpack wheels for one Python into a folder."""
    tags = [word for platform in platforms for word in ("--platform", platform)]
    target = ("--target", str(folder), "--python-version", python, "--implementation", "cp")
    run(
        *PIP, "install", *target, *tags, "--only-binary", ":all:", "--no-compile", "--no-warn-conflicts", *more, *wanted
    )


def add_natives(libs: Path, scratch: Path, platforms: tuple[str, ...]) -> None:
    """Add the native files of the other Pythons, of exactly the versions that are there."""
    wanted = [f"{name}=={version}" for name, version in native_distributions(libs)]
    for python in PYTHONS[1:]:
        other = scratch / python
        install(other, wanted, python, platforms, "--no-deps")
        for path in other.rglob("*"):
            place = libs / path.relative_to(other)
            if path.suffix in NATIVE and not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, place)


def native_distributions(libs: Path) -> list[tuple[str, str]]:
    """Name and version of what was installed with native files."""
    found = []
    for info in sorted(libs.glob("*.dist-info")):
        record = (info / "RECORD").read_text(encoding="utf-8")
        if any(line.split(",")[0].endswith(NATIVE) for line in record.splitlines()):
            name, _, version = info.name.removesuffix(".dist-info").rpartition("-")
            found.append((name, version))
    return found


def add_brownout(libs: Path, scratch: Path) -> None:
    """Build this project's wheel and unpack it, without GitHub's door."""
    run(*PIP, "wheel", "--no-deps", "--wheel-dir", str(scratch), str(PROJECT))
    (wheel,) = scratch.glob("brownout-*.whl")
    with ZipFile(wheel) as archive:
        archive.extractall(libs)
    shutil.rmtree(libs / "brownout" / "action", ignore_errors=True)


def trim(libs: Path) -> None:
    """Remove what no server runs, and the libraries' own tests."""
    for path in sorted(libs.iterdir()):
        if re.sub(r"-[0-9][^-]*\.dist-info$", "", path.name) in NOT_RUN:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in list(libs.rglob("tests")):
        shutil.rmtree(path, ignore_errors=True)


def run(*command: str) -> None:
    """Run a program; its failure is ours."""
    subprocess.run(command, check=True, timeout=600)


if __name__ == "__main__":
    sys.exit(main())
