"""The part of a compiled module that is loaded: without debug information, which names the place
that it was built in and the lines of its comments.

Layout as in the ELF-64 Object File Format (System V ABI, chapter 4).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_MAGIC = b"\x7fELF"
_CLASS_64 = 2
_LITTLE = 1
#: section is in memory when the module is loaded
_ALLOCATED = 0x2
#: takes no bytes in the file
_NOBITS = 8
#: a hash over everything, debug information included
_BUILD_ID = b".note.gnu.build-id"
_HEADER = struct.Struct("<40xQ10xHHH")
_SECTION = struct.Struct("<IIQQQQ24x")


def loaded(content: bytes) -> bytes:
    """The sections of a module that are loaded, with their names and addresses.

    What is no 64-bit little-endian ELF file is returned as it is.
    """
    if content[:6] != _MAGIC + bytes([_CLASS_64, _LITTLE]):
        return content
    try:
        return b"".join(_sections(content)) or content
    except (struct.error, IndexError, ValueError):
        return content


def _sections(content: bytes) -> Iterator[bytes]:
    table, size, count, names_index = _HEADER.unpack_from(content)
    headers = [_SECTION.unpack_from(content, table + size * index) for index in range(count)]
    names = headers[names_index][4]
    if sum(header[5] for header in headers if header[1] != _NOBITS) > len(content):
        raise ValueError("sections that lie over each other")
    for name_offset, kind, flags, address, offset, length in headers:
        start = names + name_offset
        name = content[start : content.index(b"\0", start)]
        if flags & _ALLOCATED and name != _BUILD_ID:
            yield b"%s\0%d\0%d\0" % (name, address, length)
            yield b"" if kind == _NOBITS else content[offset : offset + length]
