"""Bytes of a Python file as text, as Python itself would read them."""

from __future__ import annotations

import codecs
import io
import tokenize

from brownout.model.source import Unreadable


def decode(data: bytes, path: str) -> str | Unreadable:
    """The text, without a byte order mark and with its line ends as they are; or why it is no text."""
    for mark, name in ((codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16")):
        if data.startswith(mark):
            return Unreadable(path, 1, f"saved as {name}; Python reads UTF-8 or what a coding cookie names")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except (SyntaxError, LookupError) as error:
        return Unreadable(path, _line_of(data, error), _reason(data, error))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Unreadable(
            path,
            line,
            f"not {error.encoding.upper()}: byte 0x{data[error.start]:02x}; add a coding cookie or save as UTF-8",
        )
    if "\0" in text:
        return Unreadable(path, text.count("\n", 0, text.index("\0")) + 1, "holds a null byte, which Python refuses")
    return text.removeprefix("\ufeff")


def _line_of(data: bytes, error: Exception) -> int:
    byte = _first_bad_byte(data)
    return 1 if byte is None else data.count(b"\n", 0, byte) + 1


def _reason(data: bytes, error: Exception) -> str:
    byte = _first_bad_byte(data)
    if byte is not None and "unknown encoding" not in str(error):
        return f"not UTF-8: byte 0x{data[byte]:02x}; add a coding cookie or save as UTF-8"
    return f"cannot be decoded: {error}"


def _first_bad_byte(data: bytes) -> int | None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return None
