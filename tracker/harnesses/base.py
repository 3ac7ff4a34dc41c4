"""What every harness gives, and the parts of it that do not depend on the harness."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from tracker.config.hints import did_you_mean
from tracker.config.secrets import secrets
from tracker.config.settings import SuiteSettings
from tracker.errors import ConfigurationError, Problem, SuiteError
from tracker.model.canonical import digest
from tracker.model.suites import Benchmark, Suite

#: directories that tools leave in a suite, and that decide nothing
_LEFTOVERS = {"__pycache__", "node_modules"}


class Harness(Protocol):
    """One form that a suite can have."""

    def outline(self, settings: SuiteSettings, files: Path) -> Suite:
        """Read a suite without running any of it.

        Args:
            settings: the configured suite.
            files: its file or directory, wherever that lies now.

        Returns:
            The suite. Axes whose values are computed have none; where there may be
            benchmarks that only running the suite shows, it is not ``complete``.

        Raises:
            SuiteError: there is no suite, it is empty, or it is no Python.
            ConfigurationError: ``settings.options`` has what the harness does not know.
        """
        ...

    def job(self, settings: SuiteSettings, files: Path) -> dict[str, Any]:
        """The part of a worker's job that is the same for all benchmarks of the suite."""
        ...


def plain_job(settings: SuiteSettings, files: Path) -> dict[str, Any]:
    """The job of a harness whose worker reads the options as they are."""
    return {
        "harness": settings.harness,
        "suite": str(files.absolute()),
        "options": dict(settings.options),
    }


def put_together(
    settings: SuiteSettings,
    files: Path | None,
    benchmarks: Sequence[Benchmark],
    *,
    complete: bool = True,
    shares_start: bool = False,
    hint: str,
) -> Suite:
    """The suite that was read.

    Args:
        files: what of the file system belongs to it; None: nothing.
        complete: False where there may be benchmarks that were not seen.
        shares_start: see ``Suite``.
        hint: what a benchmark looks like, for who wrote none.

    Raises:
        SuiteError: no benchmarks, or two of one name.
    """
    if complete and not benchmarks:
        raise SuiteError(
            f"suite {settings.name!r} has no benchmarks: {settings.path or 'no commands'}",
            code="suite.empty",
            hint=hint,
        )
    if twice := _named_twice(benchmarks):
        raise SuiteError(
            f"two benchmarks of suite {settings.name!r} have the same name",
            code="suite.duplicate",
            problems=[Problem(message=one.name, where=one.where) for one in twice],
        )
    return Suite(
        name=settings.name,
        harness=settings.harness,
        hash=suite_hash(settings, files),
        benchmarks=tuple(benchmarks),
        version=settings.version,
        gold=settings.gold,
        complete=complete,
        shares_start=shares_start,
    )


def _named_twice(benchmarks: Sequence[Benchmark]) -> tuple[Benchmark, ...]:
    seen = {one.name: one for one in reversed(benchmarks)}
    return tuple(one for one in benchmarks if seen[one.name] is not one)


def suite_hash(settings: SuiteSettings, files: Path | None) -> str:
    """SHA-256 over all that decides what is run: the files, the harness and its options.

    It is the same wherever the files lie, and whatever their dates and modes are.
    """
    contents = [] if files is None else list(_contents(files))
    return digest([settings.harness, dict(settings.options), contents])


def content_hash(files: Path) -> str:
    """SHA-256 over a file, or the files of a directory, wherever they lie."""
    return digest(list(_contents(files)))


def _contents(files: Path) -> Iterator[tuple[str, str]]:
    """Relative path and SHA-256 of every file, in one order; of a single file no name."""
    if not files.is_dir():
        yield "", sha256(files.read_bytes()).hexdigest()
        return
    for path in sorted(files.rglob("*")):
        parts = path.relative_to(files).parts
        if path.is_file() and path.suffix != ".pyc" and not any(map(_is_leftover, parts)):
            yield "/".join(parts), sha256(path.read_bytes()).hexdigest()


def _is_leftover(part: str) -> bool:
    return part in _LEFTOVERS or part.startswith(".")


def present(settings: SuiteSettings, files: Path) -> Path:
    """The files, which are there.

    Raises:
        SuiteError: they are not.
    """
    if not settings.path or not files.exists():
        where = f" at revision {settings.revision}" if settings.revision else ""
        raise SuiteError(
            f"there is no suite at {settings.path or '(no path)'}{where}",
            code="suite.missing",
            problems=[Problem(message="no such file or directory", where="suite.path")],
            hint="set suite.path to a file or directory; `tracker init` looks for suites",
        )
    return files


def check_options(options: Mapping[str, Any], known: Collection[str], *, where: str) -> None:
    """Refuse options that a harness does not know.

    Args:
        where: configuration path of the options.

    Raises:
        ConfigurationError: with a problem an unknown option.
    """
    report(
        Problem(
            message=f"unknown option {name!r}",
            where=f"{where}.{name}",
            value="" if any(secrets({name: options[name]}, where)) else str(options[name]),
            hint=did_you_mean(str(name), known) or "this harness has no options",
        )
        for name in options
        if name not in known
    )


def report(problems: Iterator[Problem]) -> None:
    """Raise what is wrong, all of it at once.

    Raises:
        ConfigurationError: at least one problem.
    """
    if found := tuple(problems):
        raise ConfigurationError(
            f"the options of the suite are wrong ({len(found)} problems)"
            if len(found) > 1
            else "an option of the suite is wrong",
            problems=found,
        )
