"""The validated configuration: frozen values, nothing of Hydra left in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from tracker.config.commands import CommandLine


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSettings:
    """The repository under test."""

    name: str
    #: local path or URL
    repository: str
    #: directory of the package inside the repository, "" for its root
    subdirectory: str
    #: head of the line of history; "" for the repository's own default
    branch: str
    #: import name to verify in every environment; "" to take it from what the commit installs
    package: str
    #: link to a commit, with ``{sha}``; "" where there is none
    commit_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistorySettings:
    """Which commits a range means."""

    first_parent: bool
    #: a date that git understands, or ""
    since: str
    #: only commits with tags, matched by these glob patterns; empty: all commits
    tags: tuple[str, ...]
    #: every Nth commit, counted from the newest
    every: int
    #: only commits that touch these paths
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteSettings:
    """Where the benchmarks are."""

    name: str
    harness: str
    #: file or directory, absolute; for a suite inside the project relative to its root
    path: str
    #: revision of the project to read the suite from; "" when it lies outside of the project
    revision: str
    version: str
    gold: bool
    #: what only one harness understands, checked by that harness
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentSettings:
    """How a commit becomes an interpreter."""

    #: "pinned" or "contemporary"
    recipes: tuple[str, ...]
    #: version requests such as "3.11"
    pythons: tuple[str, ...]
    #: requirements of the suite, beside what the project declares
    requires: tuple[str, ...]
    #: extras of the project to install
    extras: tuple[str, ...]
    #: build requirements beside what the project declares
    build_requires: tuple[str, ...]
    #: what builds a wheel instead of the hooks of the build system; empty: the hooks
    build_commands: tuple[CommandLine, ...] = ()
    #: what installs it where its files are taken from; empty: they are those of the wheel
    install_commands: tuple[CommandLine, ...] = ()
    #: may identical installed content share measurements?
    identity: bool
    #: globs from the repository's root that never reach a benchmark: documentation, CI
    inert_paths: tuple[str, ...]
    #: update submodules in the work tree
    submodules: bool
    #: fetch large files of LFS in the work tree
    lfs: bool
    #: seconds for one build
    build_timeout: float
    #: bytes that environments and wheels may take before the least recently used go
    cache_bytes: int

    @property
    def commands(self) -> tuple[tuple[str, ...], ...]:
        """The command lines as written, of building and of installing; empty where there are none.

        Their part in what tells one way to build from another.
        """
        texts = tuple(
            tuple(line.text for line in lines)
            for lines in (self.build_commands, self.install_commands)
        )
        return texts if any(texts) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorSettings:
    """Where work runs."""

    kind: str
    #: builds at the same time; measuring is always one at a time
    build_jobs: int
    #: run builds and workers without network and with a read-only system (bubblewrap)
    sandbox: bool
    #: names of environment variables that workers may see, beside the fixed allow-list
    passthrough: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """Where results are kept."""

    #: SQLAlchemy-style or libpq URL; "" starts the embedded server
    url: str


class Level(StrEnum):
    """Which findings of a night somebody is told of."""

    #: regressions that were measured again and are there
    quiet = "quiet"
    #: whatever was, and what fails or is missing
    normal = "normal"
    #: suspected ones too, and that there was a night
    all = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifySettings:
    """Who is told of a night's findings."""

    #: name -> Apprise's URL of the service, a secret
    to: Mapping[str, str] = field(hash=False, repr=False)
    level: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySettings:
    """How a number is made and judged. The reason for each default stands in ``conf/policy/``."""

    #: processes a cell at a commit
    processes: int
    #: samples a process after warm-up
    samples: int
    #: seconds that one sample lasts at least
    sample_seconds: float
    #: iterations of warm-up, at most
    warmup_iterations: int
    #: seconds of warm-up, at most
    warmup_seconds: float
    #: seconds of the first call after which the cell stops early
    preflight_seconds: float
    #: the same for each item, where a benchmark says how many a call handles; 0: never
    preflight_item_seconds: float
    #: robust variation of the samples of a process above which it is noisy
    noisy: float
    #: does the package itself have a cell: its import, and its size?
    package: bool
    #: seconds for one process
    timeout: float
    #: bytes that the processes of one measurement may take together; 0: no limit
    memory_bytes: int
    #: bytes that they may take of accelerators; 0: no limit
    device_memory_bytes: int
    #: "fail", "skip" or "fallback": what becomes of a cell whose device is not there
    device_absent: str
    #: seconds between two looks at a process and its machine
    telemetry_interval: float
    #: share of the cores that others use, beyond which a process is marked as loaded
    loaded_share: float
    #: share of the time at a reduced speed, beyond which a process is marked as throttled
    throttled_share: float
    #: seconds that the machine slept, or its clock was set by, beyond which a process is repeated
    suspended_seconds: float
    #: "median" or "minimum": the value of a process
    process_value: str
    #: what is counted of one call: "instructions", "allocations", "machine_instructions",
    #: "cachegrind"
    counts: tuple[str, ...]
    #: processes a cell that also count work
    count_processes: int
    #: seconds that counting may take in one process
    count_seconds: float
    #: processes more, at most, of a cell at a commit where so many were too noisy
    noisy_processes: int
    #: how many times longer their samples last
    noisy_stretch: float
    #: "auto", "none" or a revision: the commit that runs in every session
    reference: str
    #: processors that benchmarks run on; empty: all
    affinity: tuple[int, ...]
    #: attempts after a fault of the machine
    retries: int
    #: commits whose rounds are interleaved
    batch_commits: int
    #: seed of the shuffled rounds
    seed: int
    #: pairs of processes a cell, at most, when two commits are compared
    rounds: int
    #: turns that the processes of a pair take, and seconds that one lasts at least
    turns: int
    turn_seconds: float
    #: seconds of measuring in one run that may confirm suspected changes; 0: none
    confirm_seconds: float
    #: seconds that a night takes, with all that it does
    nightly_seconds: float
    #: two commits are the same when they are known to differ by less, relative
    band: float
    #: smallest relative change worth a finding, for timings
    practical: float
    #: smallest relative change of an exact count worth a finding
    practical_counts: float
    #: chance of a suspected change in a series where nothing changed
    alpha: float
    #: parameters that say how many things a call handles: series that differ in one alone make a
    #: scaling curve
    scaling: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixSettings:
    """Which squares of the matrix are filled."""

    #: parameter -> values as configured; restricts, or for open axes replaces, the suite's values
    axes: Mapping[str, tuple[Any, ...]] = field(default_factory=dict, hash=False)
    #: rules; a cell is in when no include rule is given or one matches, and no exclude rule matches
    include: tuple[Mapping[str, str], ...] = ()
    exclude: tuple[Mapping[str, str], ...] = ()
    devices: tuple[str, ...] = ("cpu",)
    threads: tuple[int, ...] = (1,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that a command needs to know, checked."""

    project: ProjectSettings
    history: HistorySettings
    suite: SuiteSettings
    environment: EnvironmentSettings
    executor: ExecutorSettings
    store: StoreSettings
    policy: PolicySettings
    notify: NotifySettings
    #: one a combination of swept overrides; their cells are united
    matrices: tuple[MatrixSettings, ...]
    profile: str
    #: directory that relative paths start from: where the user's configuration lies
    root: Path
    #: the resolved configuration as plain data, stored with the run
    resolved: Mapping[str, Any] = field(hash=False)
    #: dotted path -> where its value came from: "default", a file, or "command line"
    sources: Mapping[str, str] = field(hash=False)
