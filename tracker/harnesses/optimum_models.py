"""Directories that a suite for optimum-benchmark names: are the models there?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tracker import resources
from tracker.errors import Problem


def directories(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Field and path of every directory that a benchmark reads; a pinned model has none here."""
    if "revision" not in entry:
        if "model" in entry:
            yield "model", entry["model"]
        for model in entry["params"].get("model", ()):
            yield "params.model", model
    if "processor" in entry:
        yield "processor", entry["processor"]


def not_there(entry: Mapping[str, Any], suite: Path, where: str) -> Iterator[Problem]:
    """A problem for each directory that is missing or has no model in it.

    Args:
        suite: directory from which paths count.
        where: place of the benchmark.
    """
    for field, path in directories(entry):
        if flaw := _flaw(suite / path, field):
            hint = "" if field == "processor" else _hint(path)
            yield Problem(message=flaw, where=f"{where}.{field}", value=path, hint=hint)


def _flaw(directory: Path, field: str) -> str:
    if not directory.is_dir():
        return "there is no such directory"
    if field != "processor" and not (directory / "config.json").is_file():
        return "there is no model in this directory: it has no config.json"
    return ""


def _hint(path: str) -> str:
    script = resources.directory("benchmarks") / "gold" / "transformers_generation" / "_models.py"
    return (
        "one of the hub needs `revision`, the full hash of a commit there; "
        f"`python {script} gpt2-tiny {path}` makes one with random weights"
    )
