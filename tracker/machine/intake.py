"""What comes out of a process: the results it reports, and the tail of what it prints."""

from __future__ import annotations

import json
import os
from typing import Any

#: characters of output that are kept: enough for a traceback
OUTPUT_TAIL = 4000

_CHUNK = 1 << 16
#: a process that reports more than this is not reporting results
_MOST_BYTES = 256 << 20


class Pipe:
    """The reading end of a pipe, drained without ever waiting for the other end."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()
        os.set_blocking(self.reading, False)
        self.ended = False

    def take(self) -> bytes:
        """Whatever is there now, in bounded pieces; sets ``ended`` at the end of the file."""
        try:
            piece = os.read(self.reading, _CHUNK)
        except BlockingIOError:
            return b""
        self.ended = not piece
        return piece

    def close_writing(self) -> None:
        if self.writing >= 0:
            os.close(self.writing)
            self.writing = -1

    def close(self) -> None:
        self.close_writing()
        os.close(self.reading)


class Tail:
    """The last characters of a stream of any length."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, piece: bytes) -> None:
        self._bytes += piece
        # four bytes are the longest character
        del self._bytes[: -4 * OUTPUT_TAIL]

    def text(self) -> str:
        return self._bytes.decode(errors="replace")[-OUTPUT_TAIL:]


class Lines:
    """JSON objects, one a line.

    A line that is none is kept as ``{"event": "garbage", "text": its beginning}``.
    """

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, piece: bytes) -> None:
        if len(self._bytes) < _MOST_BYTES:
            self._bytes += piece

    def parsed(self) -> tuple[dict[str, Any], ...]:
        return tuple(_parsed(line) for line in self._bytes.split(b"\n") if line.strip())


def _parsed(line: bytes | bytearray) -> dict[str, Any]:
    try:
        value = json.loads(line.decode())
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict):
        return value
    return {"event": "garbage", "text": line[:200].decode(errors="replace")}
