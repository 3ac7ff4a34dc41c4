"""Which suites does a project have already?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tracker.errors import SuiteError
from tracker.harnesses import metrics_recorder, pytest_benchmark, python
from tracker.harnesses.sources import Source, python_files, read_source
from tracker.worker.recorder.suite import script_files

_ASV_CONF = re.compile(r"asv.*\.conf\.jsonc?$")
_DIRECTORIES = ("benchmarks", "benchmark", "bench", "perf", "tests", "test")
_DECLARATIONS = ("pyproject.toml", "setup.cfg", "setup.py", "tox.ini", "*requirements*.txt")
_PLUGIN = re.compile(r"\bpytest[-_]benchmark\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A suite that is there."""

    harness: str
    #: file or directory of the suite; of asv its configuration file
    path: Path
    #: why it is thought to be one
    evidence: str


def detect(project: Path) -> tuple[Found, ...]:
    """Look for suites near the top of a project, the most certain first. Runs nothing."""
    return (*_asv(project), *_python(project), *_recorder(project), *_pytest(project))


def _asv(project: Path) -> Iterator[Found]:
    near = [*project.glob("*.json*"), *project.glob("[!.]*/*.json*")]
    for path in sorted(near, key=lambda path: (len(path.parts), path)):
        if _ASV_CONF.match(path.name):
            shown = path.relative_to(project).as_posix()
            yield Found(harness="asv", path=path, evidence=f"{shown} is there")


def _python(project: Path) -> Iterator[Found]:
    for directory in _existing(project):
        names = python_files(directory)
        sources = list(_sources(project, [directory / name for name in names]))
        for decorator, harness in (("workload", "torch"), ("benchmark", "python")):
            marked = [source.name for source in sources if python.uses(source, decorator)]
            if marked:
                yield Found(
                    harness=harness,
                    path=directory / names[0] if len(names) == 1 else directory,
                    evidence=f"{marked[0]} has functions with @{decorator}",
                )
                break


def _recorder(project: Path) -> Iterator[Found]:
    for directory in _existing(project):
        files = map(Path, script_files(str(directory)).values())
        scripts = [one for one in _sources(project, files) if metrics_recorder.is_script(one)]
        if scripts:
            yield Found(
                harness="metrics-recorder",
                path=directory,
                evidence=f"{scripts[0].name} hands measurements to a metrics recorder",
            )


def _pytest(project: Path) -> Iterator[Found]:
    for directory in _existing(project):
        files = pytest_benchmark.test_files(directory)
        using = [one for one in _sources(project, files) if pytest_benchmark.uses_fixture(one)]
        if using:
            yield Found(
                harness="pytest-benchmark",
                path=directory,
                evidence=f"{using[0].name} uses the fixture `benchmark`{_declared(project)}",
            )


def _declared(project: Path) -> str:
    for pattern in _DECLARATIONS:
        for path in sorted(project.glob(pattern)):
            if _PLUGIN.search(path.read_text(encoding="utf-8", errors="replace")):
                return f", and {path.name} names pytest-benchmark"
    return ""


def _existing(project: Path) -> Iterator[Path]:
    return (project / name for name in _DIRECTORIES if (project / name).is_dir())


def _sources(project: Path, files: Iterable[Path]) -> Iterator[Source]:
    """What of the files may be a suite, parsed."""
    for path in files:
        text = path.read_bytes()
        if b"benchmark" not in text and b"workload" not in text:
            continue
        try:
            yield read_source(path, path.relative_to(project).as_posix())
        except SuiteError:
            continue  # tests of tools hold broken files on purpose; they are no suite
