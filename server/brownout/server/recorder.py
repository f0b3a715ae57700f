"""What the analysis process looks at, written where it can be read when that process has died over it."""

from __future__ import annotations

import contextlib
import mmap
import os
import struct
import tempfile

SIZE = 8192
_LENGTH = struct.Struct("!I")


class Recorder:
    """A page of memory that both processes share: the root and the path that are worked on."""

    def __init__(self, handle: int, place: str) -> None:
        self.place = place
        self._map = mmap.mmap(handle, SIZE)
        os.close(handle)

    @classmethod
    def create(cls) -> Recorder:
        """A new one, in a temporary file, which goes when the other process has joined it."""
        handle, place = tempfile.mkstemp(prefix="brownout-")
        os.truncate(handle, SIZE)
        return cls(handle, place)

    @classmethod
    def join(cls, place: str) -> Recorder:
        """The one that another process created."""
        found = cls(os.open(place, os.O_RDWR), place)
        found.remove()
        return found

    def remove(self) -> None:
        """Remove the file; the memory stays. Where the system does not allow it yet, it is tried again later."""
        with contextlib.suppress(OSError):
            os.unlink(self.place)  # noqa: PTH108

    def note(self, root: str, path: str) -> None:
        """This is looked at now; cheap enough for each of a thousand files."""
        data = f"{root}\0{path}".encode("utf-8", "surrogatepass")[: SIZE - _LENGTH.size]
        self._map[_LENGTH.size : _LENGTH.size + len(data)] = data
        self._map[: _LENGTH.size] = _LENGTH.pack(len(data))

    def read(self) -> tuple[str, str]:
        """What was looked at last; two empty words if nothing was."""
        (length,) = _LENGTH.unpack(self._map[: _LENGTH.size])
        words = self._map[_LENGTH.size : _LENGTH.size + length].decode("utf-8", "replace")
        root, _, path = words.partition("\0")
        return root, path
