"""The loaded part of compiled modules."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.environments.elf import loaded


@given(st.binary())
def test_what_is_no_module_stays(content: bytes) -> None:
    assert loaded(content) == content


@given(st.binary())
def test_a_broken_module_does_not_blow_up(rest: bytes) -> None:
    content = b"\x7fELF\x02\x01" + rest
    assert loaded(content)


def test_a_real_module_keeps_its_code() -> None:
    if not math.__spec__.origin or not math.__spec__.origin.endswith(".so"):
        pytest.skip("this Python has no compiled module of its own to look at")
    content = Path(math.__spec__.origin).read_bytes()
    if content[:4] != b"\x7fELF":
        pytest.skip("this system has other modules")
    part = loaded(content)
    assert part != content
    assert b".text\0" in part
    assert b".debug_info\0" not in part
    assert b".note.gnu.build-id\0" not in part
