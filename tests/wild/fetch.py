"""Published packages, fetched through pip at their pinned versions and unpacked; nothing of them is built or run."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
CACHE = HERE / "cache"
TIMEOUT = 600


@dataclass(frozen=True, slots=True)
class Package:
    """A published package at one version, and the folder below which it is unpacked."""

    name: str
    version: str
    cache: Path = CACHE

    @property
    def folder(self) -> Path:
        """Where it is unpacked."""
        return self.cache / f"{self.name}-{self.version}"


def packages() -> list[Package]:
    """The pinned packages, in the order of the file."""
    raw = tomllib.loads((HERE / "projects.toml").read_text(encoding="utf-8"))
    return [Package(entry["name"], entry["version"]) for entry in raw["project"]]


def fetch(package: Package) -> Path:
    """The folder of the unpacked package, fetched when it is not there yet."""
    done = package.folder / ".complete"
    if not done.exists():
        archives = package.cache / "archives" / f"{package.name}-{package.version}"
        archives.mkdir(parents=True, exist_ok=True)
        _download(package, archives)
        package.folder.mkdir(parents=True, exist_ok=True)
        for archive in sorted(archives.iterdir()):
            _unpack(archive, package.folder)
        done.touch()
    return package.folder


def _download(package: Package, archives: Path) -> None:
    pinned = f"{package.name}=={package.version}"
    base = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "-q",
        "--no-deps",
        "--disable-pip-version-check",
        "-d",
        str(archives),
    ]
    # wheels only: fetching a source distribution would run its build backend
    subprocess.run([*base, "--only-binary", ":all:", pinned], timeout=TIMEOUT, check=True, capture_output=True)


def _unpack(archive: Path, folder: Path) -> None:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            wheel.extractall(folder, [name for name in wheel.namelist() if name.endswith((".py", ".pyi", "METADATA"))])


def main() -> None:
    """Fetch all packages, or those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    chosen = parser.parse_args().names
    for package in packages():
        if not chosen or package.name in chosen:
            try:
                print(
                    f"{package.name} {package.version}: {sum(1 for _ in fetch(package).rglob('*.py'))} files",
                    flush=True,
                )
            except (subprocess.SubprocessError, OSError) as error:
                print(f"{package.name} {package.version}: not fetched: {error}", flush=True)


if __name__ == "__main__":
    main()
