"""A scaling curve as a picture: an SVG of throughput by size, both on logarithmic axes.

Beside it, dashed, what the throughput of the smallest size would grow to if it grew as the size
does. A line marks the knee.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from math import ceil, floor, log, log10

from tracker.publish.deployment.bars import STYLE
from tracker.publish.deployment.contents import Scaled
from tracker.publish.scaling.words import rate
from tracker.publish.wording import clean

_WIDTH, _HEIGHT = 420, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 16, 40, 44
#: least pixels between two ticks
_APART = 30
#: characters of a name that fit
_LONGEST = 54
_LINES = """
.su .curve { fill: none; stroke: #0063a8; stroke-width: 2; } .su .dot { fill: #0063a8; }
.su .linear { stroke: #5b6472; stroke-dasharray: 4 4; } .su .knee { stroke: #b8460b; }
@media (prefers-color-scheme: dark) {
  .su .curve { stroke: #62b6f7; } .su .dot { fill: #62b6f7; }
  .su .linear { stroke: #9aa5b4; } .su .knee { stroke: #ff9a5c; }
}
"""


def render(scaled: Scaled) -> str:
    """The picture, standing on its own or inside of a page."""
    sizes = [size for size, _ in scaled.points]
    rates = [throughput for _, throughput in scaled.points]
    linear = [rates[0] * size / sizes[0] for size in sizes]
    across = _Axis(sizes, _LEFT, _WIDTH - _RIGHT)
    up = _Axis([*rates, *linear], _HEIGHT - _BOTTOM, _TOP)
    name = clean(scaled.name)
    title = f"Throughput of {name} by {clean(scaled.parameter)}"
    shown = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
    size = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="su" {size} role="img">',
        f"<title>{escape(title)}</title><style>{STYLE}{_LINES}</style>",
        f'<rect class="back" width="{_WIDTH}" height="{_HEIGHT}"/>',
        f'<text class="name" x="8" y="22">{escape(shown)}</text>',
        *_frame(across, up, sizes, scaled.parameter),
        *_knee(scaled.knee, across),
        f'<polyline class="curve linear" points="{_path(across, up, sizes, linear)}"/>',
        f'<polyline class="curve" points="{_path(across, up, sizes, rates)}"/>',
    ]
    for point, throughput in scaled.points:
        told = escape(f"{clean(scaled.parameter)} {point:g}: {rate(throughput)}")
        place = f'cx="{across(point):.1f}" cy="{up(throughput):.1f}"'
        parts.append(f'<circle class="dot" r="3.5" {place}><title>{told}</title></circle>')
    return "\n".join([*parts, "</svg>"]) + "\n"


class _Axis:
    """From values above zero to pixels, evenly by their logarithms."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        self.low, self.high = min(values), max(values)
        self._start, self._end = start, end

    def __call__(self, value: float) -> float:
        span = log(self.high / self.low)
        share = log(value / self.low) / span if span else 0.5
        return self._start + share * (self._end - self._start)

    def apart(self, values: Sequence[float]) -> Iterator[float]:
        """Those with room between them for a text."""
        last = None
        for value in values:
            place = self(value)
            if last is None or abs(place - last) >= _APART:
                yield value
                last = place


def _frame(across: _Axis, up: _Axis, sizes: Sequence[float], parameter: str) -> Iterator[str]:
    foot = _HEIGHT - _BOTTOM
    for throughput in up.apart(_round(up.low, up.high)):
        y = up(throughput)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        place = f'x="{_LEFT - 8}" y="{y + 4.5:.1f}"'
        yield f'<text class="muted" text-anchor="end" {place}>{escape(rate(throughput))}</text>'
    for size in across.apart(sizes):
        place = f'x="{across(size):.1f}" y="{foot + 18}"'
        yield f'<text class="muted" text-anchor="middle" {place}>{size:g}</text>'
    place = f'x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 8}"'
    yield f'<text class="muted" text-anchor="end" {place}>{escape(clean(parameter))}</text>'


def _round(low: float, high: float) -> list[float]:
    """Ones, twos and fives of each power of ten between two values; their ends where none is."""
    powers = range(floor(log10(low)), ceil(log10(high)) + 1)
    found = [step * 10.0**power for power in powers for step in (1, 2, 5)]
    return [value for value in found if low <= value <= high] or [low, high]


def _knee(knee: float | None, across: _Axis) -> Iterator[str]:
    if knee is not None:
        x = across(knee)
        place = f'x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}"'
        yield f'<line class="knee" {place}><title>knee at {knee:g}</title></line>'


def _path(across: _Axis, up: _Axis, sizes: Sequence[float], rates: Sequence[float]) -> str:
    return " ".join(f"{across(x):.1f},{up(y):.1f}" for x, y in zip(sizes, rates, strict=True))
