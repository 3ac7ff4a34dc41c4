"""Harness ``optimum-benchmark``: models of transformers, in one YAML file or several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from tracker.config.secrets import secrets
from tracker.config.settings import SuiteSettings
from tracker.errors import Problem, SuiteError
from tracker.harnesses.base import (
    check_options,
    content_hash,
    plain_job,
    present,
    put_together,
)
from tracker.harnesses.optimum_checks import CHOICES, LEAST, problems
from tracker.harnesses.optimum_models import directories, not_there
from tracker.model.canonical import digest
from tracker.model.suites import Axis, Benchmark, Suite
from tracker.worker.optimum.options import GENERATING, INFERENCE, TRAINING
from tracker.worker.parameters import Values

_HINT = "benchmarks: {gpt2: {model: models/gpt2, task: text-generation}}"
_DEFAULTS: Mapping[str, Any] = {
    "scenario": INFERENCE,
    "params": {},
    "backend_options": {},
    "scenario_options": {},
    "timeout": None,
}


class OptimumBenchmarkHarness:
    """Reads ``benchmarks`` of a YAML file, or of those of a directory.

    A benchmark has options that are fixed and ``params``, the values of those that vary. Models
    are directories beside the file, whose contents belong to the suite wherever they lie.
    """

    def outline(self, settings: SuiteSettings, files: Path) -> Suite:
        """See ``Harness.outline``."""
        _refuse(secrets(settings.options, "suite.options"))
        check_options(settings.options, (), where="suite.options")
        benchmarks = _benchmarks(present(settings, files))
        directory = _directory(files)
        _refuse(
            problem
            for entry, where in benchmarks.values()
            for problem in not_there(entry, directory, where)
        )
        suite = put_together(
            settings,
            files,
            [_benchmark(name, entry, where) for name, (entry, where) in benchmarks.items()],
            hint=_HINT,
        )
        contents = {
            path: content_hash(directory / path)
            for entry, _ in benchmarks.values()
            for _, path in directories(entry)
        }
        return replace(suite, hash=digest([suite.hash, contents]))

    def job(self, settings: SuiteSettings, files: Path) -> dict[str, Any]:
        """See ``Harness.job``."""
        benchmarks = {name: entry for name, (entry, _) in _benchmarks(files).items()}
        return plain_job(settings, files) | {"options": {"benchmarks": benchmarks}}


def _benchmarks(files: Path) -> dict[str, tuple[dict[str, Any], str]]:
    """Every benchmark with all of its fields, and the place that it is written at.

    In a file it is called as there, of a directory ``FILE.NAME``.

    Raises:
        SuiteError: a file is no YAML, or something in it is wrong.
    """
    contents = [(prefix, path, _read(path)) for prefix, path in _files(files)]
    _refuse(one for _, path, content in contents for one in problems(content, path.name))
    return {
        f"{prefix}{name}": (_complete(entry), f"{path.name}: {name}")
        for prefix, path, content in contents
        for name, entry in content["benchmarks"].items()
    }


def _files(files: Path) -> Iterator[tuple[str, Path]]:
    if not files.is_dir():
        yield "", files
        return
    for path in sorted(files.glob("*.y*ml")):
        yield f"{path.stem}.", path


def _read(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        raise SuiteError(
            "a file of the suite is no YAML",
            problems=[
                Problem(
                    message=str(getattr(error, "problem", None) or error),
                    where=f"{path.name}:{mark.line + 1}" if mark else path.name,
                )
            ],
        ) from error


def _refuse(found: Iterator[Problem]) -> None:
    if wrong := tuple(found):
        raise SuiteError(
            f"the suite has {len(wrong)} mistakes" if len(wrong) > 1 else "the suite has a mistake",
            problems=wrong,
        )


def _complete(entry: Mapping[str, Any]) -> dict[str, Any]:
    complete = {**_DEFAULTS, **entry}
    return {**complete, "metric": _metric(complete)}


def _metric(entry: Mapping[str, Any]) -> str:
    """The metric that a benchmark exists for."""
    if entry["scenario"] == TRAINING:
        return "train"
    tasks = [entry.get("task"), *entry["params"].get("task", ())]
    return "generate" if any(task in GENERATING for task in tasks) else "forward"


def _benchmark(name: str, entry: Mapping[str, Any], where: str) -> Benchmark:
    return Benchmark(
        name=name,
        axes=tuple(
            Axis(
                name=parameter,
                values=tuple(Values(values).texts),
                open=parameter != "model",  # the contents of another would not be of the suite
                least=LEAST.get(parameter),
                choices=tuple(map(repr, CHOICES.get(parameter, ()))),
            )
            for parameter, values in entry["params"].items()
        ),
        metric=entry["metric"],
        timeout=entry["timeout"],
        where=where,
    )


def _directory(files: Path) -> Path:
    return files if files.is_dir() else files.parent
