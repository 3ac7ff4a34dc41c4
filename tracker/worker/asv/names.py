"""The conventions of asv's suites that need no import of the suite: names, kinds, parameters."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Sequence

#: kind of benchmark -> (beginning of a name, beginning of a name in camel case)
_BEGINNINGS = {
    "mem": ("mem_", "Mem"),
    "peakmem": ("peakmem_", "PeakMem"),
    "time": ("time_", "Time"),
    "timeraw": ("timeraw_", "Timeraw"),
    "track": ("track_", "Track"),
}

#: kind of benchmark -> (metric, unit); of "track" the unit where the suite names none
METRICS = {
    "mem": ("memory", "bytes"),
    "peakmem": ("peak_memory", "bytes"),
    "time": ("time", "s"),
    "timeraw": ("time", "s"),
    "track": ("value", "unit"),
}


def kind_of(name: str) -> str:
    """Tell what a function of this name measures; "" where it is no benchmark."""
    for kind, (plain, camel) in _BEGINNINGS.items():
        if name.startswith(plain) and len(name) > len(plain):
            return kind
        rest = name[len(camel) :]
        is_word = len(rest) > 1 and (rest[0] == "_" or "A" <= rest[0] <= "Z")
        if name.startswith(camel) and is_word:
            return kind
    return ""


def full_name(module: str, class_name: str, function: str) -> str:
    """``module.Class.function``, the module without the name of the suite's directory."""
    return ".".join(part for part in (module, class_name, function) if part)


def submodules(directory: str) -> list[tuple[str, bool]]:
    """List the modules in a package's directory, sorted: (name, whether it is a package)."""
    found = []
    for entry in sorted(os.listdir(directory)):
        name, dot, extension = entry.partition(".")
        if extension == "py" and name != "__init__" and name.isidentifier():
            found.append((name, False))
        elif not dot and os.path.exists(os.path.join(directory, entry, "__init__.py")):
            found.append((name, True))
    return found


def normalized(params: Iterable[Any], names: Sequence[Any]) -> list[tuple[str, list[Any]]]:
    """Give every list of values its name: a flat list is one parameter, names may be missing."""
    lists = list(params)
    if lists and not isinstance(lists[0], (list, tuple)):
        lists = [lists]
    given = [str(name) for name in names]
    return [
        (given[place] if place < len(given) else "param%d" % (place + 1), list(values))
        for place, values in enumerate(lists)
    ]
