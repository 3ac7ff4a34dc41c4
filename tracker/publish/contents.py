"""What a report is made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from tracker.model.cells import NOT_APPLICABLE, Coordinate
from tracker.model.findings import ChangePoint, Drift, Finding, FindingKind
from tracker.model.measurements import State
from tracker.model.series import Point
from tracker.publish.spots import Spot, spot
from tracker.publish.wording import NAMES, series_name


@dataclass(frozen=True, kw_only=True)
class Series:
    """The values of one coordinate along the history, and what detection says about them."""

    series: str
    coordinate: Coordinate
    #: what tells it from other series of the same title and metric; usually empty
    variant: str
    points: tuple[Point, ...]
    changes: tuple[ChangePoint, ...]
    #: index of the first spot of each level, and its value
    levels: tuple[tuple[int, float], ...]
    #: where it goes from level to level slowly
    drifts: tuple[Drift, ...]
    #: relative standard deviation between the processes of one commit; None: not judged
    noise: float | None
    #: smallest relative change that would have been seen; None: too few values to see any
    mde: float | None

    @cached_property
    def spots(self) -> tuple[Spot, ...]:
        """The points as they are drawn; made when somebody draws them."""
        return tuple(map(spot, self.points))

    @property
    def short(self) -> str:
        """The start of its hash: what pages and their files call it."""
        return self.series[:12]

    @property
    def title(self) -> str:
        return self.coordinate.title

    @property
    def name(self) -> str:
        """Title and metric, what else it takes to tell the series from the others, and a badge."""
        return series_name(
            self.title, self.coordinate.metric, self.coordinate.dataset, self.variant
        )

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What a reader may want to know about how it was measured: (name, value)."""
        coordinate = self.coordinate
        named = (
            ("python", coordinate.python),
            ("device", coordinate.device),
            ("threads", str(coordinate.threads or NOT_APPLICABLE)),
            ("backend", coordinate.backend),
            ("precision", coordinate.precision),
            ("dataset", coordinate.dataset),
            ("environment", coordinate.environment_class[:8]),
            ("harness", coordinate.harness),
            ("profile", coordinate.profile),
        )
        return tuple((name, value) for name, value in named if value != NOT_APPLICABLE)

    @property
    def measured(self) -> tuple[Spot, ...]:
        return tuple(spot for spot in self.spots if spot.value is not None)

    @property
    def since_first(self) -> float | None:
        """Last value against the first one, as a relative change."""
        values = [spot.value for spot in self.spots if spot.value is not None]
        if len(values) < 2 or not values[0]:
            return None
        return (values[-1] - values[0]) / abs(values[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A change beside the project's code, from this commit on."""

    commit: str
    #: "environment" or "machine"
    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A commit that does not build (no title), or a benchmark that ends without values."""

    title: str
    state: State
    reason: str
    #: SHAs, oldest first
    commits: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What stands behind the words "no change"."""

    series: int
    #: without a change
    unchanged: int
    #: of these: counts that no noise touches, where any change is seen
    exact: int
    #: of these: too few values to see any change
    blind: int
    #: smallest change that would have been seen, over the others; None where there are none
    mde_median: float | None
    mde_worst: float | None
    #: name of the series with the worst one
    mde_worst_series: str
    #: suspected changes that were measured again and were not there
    refuted: int = 0


def bad(finding: Finding) -> bool:
    """Whether a finding is bad news."""
    return finding.is_worse or finding.kind in (FindingKind.failed, FindingKind.missing)


def gravity(finding: Finding) -> tuple[bool, int]:
    """What findings are sorted by: the worst kind first."""
    return not finding.is_faster_but_wrong, list(NAMES).index(finding.kind)
