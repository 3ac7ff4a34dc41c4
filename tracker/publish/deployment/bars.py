"""Speed-ups as a picture: an SVG file that every browser, forge and paper shows.

Bars of ratios with their intervals, from a line at 1 to both sides on a logarithmic axis, so that
twice and half as fast are equally long. Names stand above their bars: they may be long, and
phones are narrow. Plain shapes are all that it takes; a library that draws
them would be larger than the tracker.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from math import log

from tracker.publish.deployment.contents import Speedup, Speedups
from tracker.publish.deployment.words import times
from tracker.publish.wording import clean

_WIDTH, _MARGIN, _FIGURES = 640, 14, 76
_TOP, _STEP, _BAR, _FOOT = 40, 38, 12, 34
#: characters of a name that fit
_LONGEST = 80
#: least pixels between two ticks
_APART = 56
#: what may be a tick, with its reciprocal; what people count by comes first
_ROUND = (1.0, 2.0, 10.0, 100.0, 1000.0, 5.0, 20.0, 50.0, 200.0, 500.0, 1.5, 3.0, 1.2, 1.1)
#: vermillion for slower, blue for faster (Okabe and Ito), as in the report
STYLE = """
.su { font: 13px system-ui, sans-serif; fill: #14181f; }
.su .back { fill: #ffffff; } .su .grid { stroke: #e2e6ec; } .su .one { stroke: #5b6472; }
.su .name { paint-order: stroke; stroke: #ffffff; stroke-width: 4px; }
.su .muted { fill: #5b6472; } .su .head { font-weight: 600; font-size: 15px; }
.su .good { fill: #0063a8; } .su .bad { fill: #b8460b; } .su .whisker { stroke: #14181f; }
@media (prefers-color-scheme: dark) {
  .su { fill: #e9edf2; }
  .su .back { fill: #181d24; } .su .grid { stroke: #2a323d; } .su .one { stroke: #9aa5b4; }
  .su .name { stroke: #181d24; }
  .su .muted { fill: #9aa5b4; } .su .good { fill: #62b6f7; } .su .bad { fill: #ff9a5c; }
  .su .whisker { stroke: #e9edf2; }
}
"""


def render(speedups: Speedups) -> str:
    """The picture, standing on its own or inside of a page."""
    bars = [
        (f"{name} · {column}" if len(speedups.columns) > 1 else name, one)
        for name, ones in (*speedups.rows, ("geometric mean", speedups.means))
        for column, one in zip(speedups.columns, ones, strict=True)
        if one
    ]
    height = _TOP + _STEP * len(bars) + _FOOT
    axis = _Axis([one for _, one in bars])
    title = f"Speed-up against {clean(speedups.reference)}: above 1 is faster"
    size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="su" {size} role="img">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<rect class="back" width="{_WIDTH}" height="{height}"/>',
        f'<text class="head" x="{_MARGIN}" y="26">{escape(title)}</text>',
        *_grid(axis, height),
    ]
    for number, (name, one) in enumerate(bars):
        lines += _bar(clean(name), one, axis, _TOP + _STEP * number)
    return "\n".join([*lines, "</svg>"]) + "\n"


class _Axis:
    """From ratios to pixels."""

    def __init__(self, ones: list[Speedup]) -> None:
        ends = [1 / 1.1, 1.1, *(one.ratio for one in ones)]
        ends += [end for one in ones for end in one.bounds or ()]
        self.low, self.high = min(ends) / 1.03, max(ends) * 1.03

    def x(self, ratio: float) -> float:
        """The place of a ratio; beyond an end of the axis: that end."""
        held = min(max(ratio, self.low), self.high)
        share = log(held / self.low) / log(self.high / self.low)
        return _MARGIN + share * (_WIDTH - _MARGIN - _FIGURES)

    @property
    def ticks(self) -> list[float]:
        """Round ratios that fit beside each other, such as 2 and half."""
        chosen: list[float] = []
        for one in _ROUND:
            for tick in dict.fromkeys((one, 1 / one)):
                free = all(abs(self.x(tick) - self.x(other)) >= _APART for other in chosen)
                if free and self.low <= tick <= self.high:
                    chosen.append(tick)
        return chosen


def _grid(axis: _Axis, height: int) -> Iterator[str]:
    foot = height - _FOOT
    for tick in axis.ticks:
        x = axis.x(tick)
        kind = "one" if tick == 1 else "grid"
        yield f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 6}" y2="{foot}"/>'
        text = f"{round(tick, 3):,g}×"
        yield f'<text class="muted" text-anchor="middle" x="{x:.1f}" y="{foot + 20}">{text}</text>'


def _bar(name: str, one: Speedup, axis: _Axis, top: int) -> Iterator[str]:
    start, end = sorted((axis.x(1.0), axis.x(one.ratio)))
    beam = top + _STEP - _BAR - 6
    middle = beam + _BAR / 2
    title = f"<title>{escape(name)}</title>"
    yield (
        f'<text class="name" x="{_MARGIN}" y="{beam - 6}">{escape(_shortened(name))}{title}</text>'
    )
    kind = "good" if one.ratio >= 1 else "bad"
    yield (
        f'<rect class="{kind}" x="{start:.1f}" y="{beam}" width="{end - start:.1f}"'
        f' height="{_BAR}"/>'
    )
    if one.bounds:
        low, high = map(axis.x, one.bounds)
        place = f'x1="{low:.1f}" x2="{high:.1f}" y1="{middle:.1f}" y2="{middle:.1f}"'
        yield f'<line class="whisker" {place}/>'
    yield f'<text x="{_WIDTH - _FIGURES + 8}" y="{middle + 4.5:.1f}">{times(one.ratio)}×</text>'


def _shortened(name: str) -> str:
    """Cut in its middle where it is too long: names that begin alike differ in their parameters."""
    if len(name) <= _LONGEST:
        return name
    head = _LONGEST // 2
    return f"{name[:head]}…{name[1 + head - _LONGEST :]}"
