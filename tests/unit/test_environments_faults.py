"""Whose fault a failure is."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from tracker.environments.faults import Unbuildable, refuse_full_disk
from tracker.errors import DiskFullError


def statvfs(*, free: int, names: int) -> object:
    return lambda _: SimpleNamespace(f_bavail=free, f_frsize=1, f_files=100, f_favail=names)


def test_a_program_that_says_so_met_a_full_disk(tmp_path: Path) -> None:
    refuse_full_disk("building", "SyntaxError: invalid syntax", tmp_path)
    with pytest.raises(DiskFullError, match="building: no space left"):
        refuse_full_disk("building", "gcc: No space left on device", tmp_path)


@pytest.mark.parametrize(("free", "names"), [(1000, 100), (10**9, 0)])
def test_a_program_that_does_not_say_so_met_one_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, names: int
) -> None:
    monkeypatch.setattr(os, "statvfs", statvfs(free=free, names=names))
    with pytest.raises(DiskFullError):
        refuse_full_disk("building", "it did not work", tmp_path)


def test_a_reason_is_one_line_and_a_log_its_end() -> None:
    failure = Unbuildable("first\nsecond  line", log="x" * 10_000 + "end").failure
    assert failure.reason == "first second line"
    assert failure.log.endswith("end")
    assert len(failure.log) == 4000
