"""Squares of the matrix, and the coordinate of a number."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields

from tracker.model.canonical import digest
from tracker.model.suites import Direction, Kind

#: the value of a coordinate field that has no meaning for a benchmark; never used for "unknown"
NOT_APPLICABLE = "-"

#: (name, repr of the value), sorted by name
Parameters = tuple[tuple[str, str], ...]


def shown(value: str) -> str:
    """A parameter's value as people read it: the quotes of a plain string dropped."""
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value


def title(benchmark: str, parameters: Parameters) -> str:
    """``parse[size=8,kind=deep]``: how a benchmark and its parameters are written everywhere."""
    if not parameters:
        return benchmark
    return f"{benchmark}[{','.join(f'{name}={shown(value)}' for name, value in parameters)}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentRequest:
    """The environment that a cell asks for; which packages that means is resolved later."""

    #: "pinned" or "contemporary"
    recipe: str
    #: a version request such as "3.11"
    python: str
    #: digest of whatever else is configured for it: with other settings a commit is built anew
    settings: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Benchmark x parameters x environment x device request: the matrix without the commit."""

    suite: str
    #: hash of the suite
    suite_hash: str
    harness: str
    benchmark: str
    parameters: Parameters
    kind: Kind
    environment: EnvironmentRequest
    #: what was asked for, e.g. "cpu"
    device: str
    #: threads asked for; 0 leaves the library's default
    threads: int
    profile: str
    #: seconds after which one process is given up
    timeout: float = field(compare=False, default=0.0)
    #: may its process be forked from one that others are forked from too? Part of the suite's hash
    shares_start: bool = field(compare=False, default=False)

    @property
    def key(self) -> str:
        """Identity of the cell: SHA-256 of everything that could change a number."""
        identity = asdict(self)
        del identity["timeout"], identity["shares_start"]
        # Settings decide the build, and a build that they leave as it was keeps its measurements.
        del identity["environment"]["settings"]
        return digest(identity)

    @property
    def title(self) -> str:
        return title(self.benchmark, self.parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coordinate:
    """Every field that could change a number, except the commit. None of them may be unknown."""

    project: str
    suite: str
    suite_hash: str
    benchmark: str
    parameters: Parameters
    kind: Kind
    metric: str
    unit: str
    direction: Direction
    #: a count that no noise touches: compared exactly
    exact: bool
    harness: str
    #: what computes: "python", "torch", "onnxruntime", ...
    backend: str
    precision: str
    dataset: str
    #: the device actually used, read back
    device: str
    #: the number of threads actually used, read back
    threads: int
    #: implementation and full version, e.g. "cpython-3.11.7"
    python: str
    environment_class: str
    machine_class: str
    profile: str

    def __post_init__(self) -> None:
        for name in fields(self):
            if getattr(self, name.name) in ("", None):
                raise ValueError(f"coordinate field {name.name!r} is not known")

    @property
    def series(self) -> str:
        """The identity of the series: the hash of the coordinate."""
        return digest(asdict(self))

    @property
    def title(self) -> str:
        return title(self.benchmark, self.parameters)
