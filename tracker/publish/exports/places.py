"""Where a reader of an alert is led: to the benchmark, from the root of the repository."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tracker.config.settings import Settings, SuiteSettings

#: how suites and configurations tell it: a file, and a line
_WHERE = re.compile(r"(.+):(\d+)")
#: where benchmarks are defined that the configuration itself holds
_OPTIONS = "suite.options."
#: the file that a project has, or would have
_CONFIGURATION = "tracker.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A line of a file."""

    #: from the root of the repository, with slashes
    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """A place for each benchmark, known or not."""

    known: Mapping[str, Place]
    #: what names the suite: code scanners refuse a whole file for one alert without a place
    otherwise: Place

    def of(self, benchmark: str) -> Place:
        return self.known.get(benchmark, self.otherwise)


def whereabouts(where: Mapping[str, str], settings: Settings) -> Whereabouts:
    """Where benchmarks are defined.

    Those that are gone, or lie outside of the repository, are where the configuration names the
    suite.

    Args:
        where: benchmark -> ``file:line`` within the suite, or a dotted path of the configuration.
    """
    found = {benchmark: _place(text, settings) for benchmark, text in where.items()}
    beginning = Place(file=_configuration(_CONFIGURATION, settings), line=1)
    return Whereabouts(
        known={benchmark: place for benchmark, place in found.items() if place is not None},
        otherwise=_configured("suite.path", settings) or beginning,
    )


def _place(text: str, settings: Settings) -> Place | None:
    if text.startswith(_OPTIONS):
        return _configured(text, settings)
    base = _base(settings.suite, settings.root)
    if base is None or not (told := _WHERE.fullmatch(text)):
        return None
    return Place(file=str(base / told[1]), line=int(told[2]))


def _configured(dotted: str, settings: Settings) -> Place | None:
    """The line that a value of the configuration, or the first below it, comes from."""
    for name, origin in settings.sources.items():
        told = _WHERE.fullmatch(origin)
        if told and f"{name}.".startswith(f"{dotted}.") and not Path(told[1]).is_absolute():
            return Place(file=_configuration(told[1], settings), line=int(told[2]))
    return None


def _configuration(file: str, settings: Settings) -> str:
    """A file of the configuration as the repository that holds it knows it."""
    root = settings.root.resolve()
    return (root / file).relative_to(_top(root)).as_posix()


def _base(suite: SuiteSettings, root: Path) -> PurePosixPath | None:
    """Where the suite's files lie in that repository; None: outside of it."""
    if suite.revision:
        path = PurePosixPath(suite.path)
        return path.parent if path.suffix == ".py" else path
    files = Path(suite.path)
    directory = (files if files.is_dir() else files.parent).resolve()
    top = _top(root.resolve())
    if not directory.is_relative_to(top):
        return None
    return PurePosixPath(directory.relative_to(top).as_posix())


def _top(root: Path) -> Path:
    """The work tree that the configuration lies in; its own directory where that is in none."""
    above = (one for one in (root, *root.parents) if (one / ".git").exists())
    return next(above, root)
