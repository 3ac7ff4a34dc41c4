"""Numbers and names as people read them."""

from __future__ import annotations

import math
import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.publish.wording import (
    ago,
    clean,
    duration,
    interval,
    percent,
    quantity,
    smallest_seen,
    step,
)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (8.21e-3, "s", "8.21 ms"),
        (0.9996, "s", "1.000 s"),
        (3e-10, "s", "0.300 ns"),
        (0, "s", "0 s"),
        (125.0, "s", "125 s"),
        (31.4e6, "B", "31.4 MB"),
        (512, "B", "512 B"),
        (1234, "tokens/s", "1,234 tokens/s"),
        (12_345_678, "instructions", "12.3 M instructions"),
        (0.913, "ratio", "0.913"),
        (93.2, "%", "93.2 %"),
        (-0.5, "s", "-500 ms"),
    ],
)
def test_quantities_have_a_fitting_unit(value: float, unit: str, text: str) -> None:
    assert quantity(value, unit) == text


@pytest.mark.parametrize(
    ("before", "after", "unit", "text"),
    [
        (8.2e-3, 9.9e-3, "s", "8.2 → 9.9 ms"),
        (8.21e-3, 8.29e-3, "s", "8.21 → 8.29 ms"),
        (31.4e6, 31.5e6, "B", "31.40 → 31.50 MB"),
        (812_345, 958_567, "", "812,345 → 958,567"),
        (0, 1, "s", "0 → 1 s"),
        (5.0, 5.0, "s", "5 s"),
    ],
)
def test_a_step_shows_its_difference(before: float, after: float, unit: str, text: str) -> None:
    assert step(before, after, unit) == text


@given(st.floats(1e-8, 1e8), st.floats(0.01, 5), st.sampled_from(["s", "B", "", "tokens/s"]))
def test_both_ends_of_a_step_read_apart(before: float, change: float, unit: str) -> None:
    first, _, rest = step(before, before * (1 + change), unit).partition(" → ")
    assert rest
    last = float(rest.split(" ")[0].replace(",", ""))
    shown = last / float(first.replace(",", "")) - 1
    assert shown == pytest.approx(change, rel=0.3)


def test_percentages_keep_small_changes_of_counts() -> None:
    assert percent(0.2137) == "+21.4 %"
    assert percent(-0.031) == "-3.1 %"
    assert percent(2.4) == "+240 %"
    assert percent(0.00003) == "+0.003 %"
    assert percent(0) == "0.0 %"
    assert percent(0.018, sign=False) == "1.8 %"
    assert interval(0.201, 0.228) == "[+20.1, +22.8]"
    assert interval(float("-inf"), float("inf")) == "[-∞, ∞]"


def test_the_smallest_change_is_always_said() -> None:
    assert smallest_seen(0.018) == "1.8 %"
    assert smallest_seen(0.0, exact=True) == "any change"
    assert smallest_seen(None) == smallest_seen(math.inf) == "too few values to see any"


def test_times() -> None:
    now = datetime(2024, 5, 3, tzinfo=UTC)
    assert ago(now - timedelta(days=2, hours=3), now) == "2 days ago"
    assert ago(now - timedelta(minutes=1), now) == "1 minute ago"
    assert ago(now + timedelta(hours=5), now) == "just now"
    assert [duration(s) for s in (0, 72, 7390)] == ["0:00", "1:12", "2:03:10"]


@given(st.text())
def test_clean_text_steers_no_terminal(text: str) -> None:
    once = clean(text)
    assert not {unicodedata.category(character) for character in once} & {"Cc", "Cf", "Cs"}
    assert clean(once) == once


def test_clean_text_keeps_words() -> None:
    assert clean("Größe\tändern\n\x1b[31mrot\u202e") == "Größe ändern [31mrot"
