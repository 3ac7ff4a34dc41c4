from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.config.quantities import byte_count, seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((90, 90.0), (0.5, 0.5), ("90", 90.0), ("90s", 90.0), ("20ms", 0.02), ("10m", 600.0)),
        *(("1.5h", 5400.0), (" 2 d ", 172800.0), (0, 0.0)),
    ],
)
def test_durations(text: object, expected: float) -> None:
    assert seconds(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((1000, 1000), ("1000", 1000), ("4GiB", 4 * 2**30), ("500MB", 500_000_000)),
        *(("1.5 kB", 1500), ("4gib", 4 * 2**30), ("7B", 7)),
    ],
)
def test_sizes(text: object, expected: int) -> None:
    assert byte_count(text) == expected


@pytest.mark.parametrize(
    "wrong", ["", "x", "10x", "-1", -1, True, None, [1], "1 2", "1e3", float("inf"), float("nan")]
)
def test_what_is_no_quantity(wrong: object) -> None:
    with pytest.raises(ValueError, match="a duration such as"):
        seconds(wrong)
    with pytest.raises(ValueError, match="a size such as"):
        byte_count(wrong)


@given(st.integers(0, 10**15))
def test_whole_numbers_are_what_they_say(number: int) -> None:
    assert byte_count(number) == byte_count(str(number)) == byte_count(f"{number}B") == number
    assert seconds(str(number)) == seconds(number)
