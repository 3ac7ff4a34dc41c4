"""Reports to test with: the releases of a library, and a large history."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import inf
from statistics import median

from tracker.config.settings import ProjectSettings
from tracker.findings.bending import with_curves
from tracker.model.cells import Coordinate
from tracker.model.commits import Commit
from tracker.model.findings import (
    ChangePoint,
    Confirmation,
    Effect,
    Finding,
    FindingKind,
    Judgement,
    Outcome,
    Verdict,
)
from tracker.model.machines import Machine
from tracker.model.measurements import State
from tracker.model.runs import RunSummary
from tracker.model.series import History, Point
from tracker.model.standing import Given, Standing
from tracker.model.suites import Direction, Kind, Suite
from tracker.publish.assembling import assemble
from tracker.publish.contents import Event, Failure
from tracker.publish.report import Report

SCALING = ("batch", "batch_size")
NOW = datetime(2024, 5, 3, 8, 30, tzinfo=UTC)
FIRST = datetime(2022, 8, 1, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Found:
    """What detection would have found."""

    judgements: Mapping[str, Judgement] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    events: Sequence[Event] = ()


def commit(index: int, *, subject: str = "", tag: str = "", days: float = 40.0) -> Commit:
    when = FIRST + timedelta(days=days * index)
    return Commit(
        sha=f"{random.Random(index).getrandbits(160):040x}",
        tree=f"{index:040x}",
        parents=(),
        author=("Ada Byron", "Grace Murray", "Søren Ørsted")[index % 3],
        authored_at=when,
        committed_at=when,
        subject=subject or f"Change number {index}",
        tags=(tag,) if tag else (),
        position=index,
    )


def coordinate(benchmark: str, **changes: object) -> Coordinate:
    fields: dict[str, object] = {
        "project": "jsonschema",
        "suite": "jsonschema-users",
        "suite_hash": "5" * 64,
        "benchmark": benchmark,
        "parameters": (),
        "kind": Kind.performance,
        "metric": "time",
        "unit": "s",
        "direction": Direction.less,
        "exact": False,
        "harness": "python",
        "backend": "python",
        "precision": "-",
        "dataset": "-",
        "device": "cpu",
        "threads": 1,
        "python": "cpython-3.11.7",
        "environment_class": "e" * 64,
        "machine_class": "c" * 64,
        "profile": "full",
    }
    return Coordinate(**(fields | changes))  # type: ignore[arg-type]


def history(
    of: Coordinate,
    commits: Sequence[Commit],
    level: Callable[[int], float],
    *,
    noise: float = 0.01,
    processes: int = 5,
    failed: Mapping[int, tuple[State, str]] | None = None,
    seed: int = 1,
) -> History:
    """A series whose values scatter around ``level(index)``; ``failed`` has no values."""
    chance = random.Random(f"{of.series}{seed}")
    points = []
    for index, one in enumerate(commits):
        state, reason = (failed or {}).get(index, (State.measured, ""))
        values = (
            ()
            if index in (failed or {})
            else tuple(
                level(index) if of.exact else level(index) * (1 + abs(chance.gauss(0, noise)))
                for _ in range(processes)
            )
        )
        points.append(
            Point(
                commit=one,
                build=f"{index:064x}",
                values=values,
                rounds=tuple(range(len(values))),
                state=state,
                reason=reason,
            )
        )
    return History(series=of.series, coordinate=of, points=tuple(points))


def judged(of: History, steps: Sequence[int] = (), *, noise: float, mde: float) -> Judgement:
    """A judgement with changes at these points."""
    starts = [0, *steps]
    values = []
    for start, stop in zip(starts, [*steps, len(of.points)], strict=True):
        level = [value for point in of.points[start:stop] for value in point.values]
        values.append(median(level) if level else 0.0)
    return Judgement(
        series=of.series,
        changes=tuple(
            ChangePoint(
                index=index,
                verdict=verdict(before, after, of.coordinate, mde),
                before=before,
                after=after,
            )
            for index, before, after in zip(steps, values, values[1:], strict=False)
        ),
        levels=tuple(zip(starts, values, strict=True)),
        noise=noise,
        mde=mde,
    )


def verdict(before: float, after: float, of: Coordinate, mde: float) -> Verdict:
    effect = after / before - 1
    width = 0.0 if of.exact else 0.015
    worse = (effect > 0) == (of.direction is Direction.less)
    return Verdict(
        outcome=Outcome.slower if worse else Outcome.faster,
        effect=effect,
        low=effect - width,
        high=effect + width,
        mde=mde,
        p=0.0 if of.exact else 1e-6,
    )


def finding(
    kind: FindingKind,
    changed: Sequence[tuple[History, Judgement]],
    *,
    confirmation: Confirmation = Confirmation.suspected,
    number: int | None = None,
    which: int = 0,
) -> Finding:
    """A finding over the change number ``which`` of each of these series."""
    at = changed[0][1].changes[which].index
    points = changed[0][0].points
    return Finding(
        kind=kind,
        commit=points[at].commit.sha,
        after=points[at - 1].commit.sha,
        effects=tuple(
            Effect(
                series=of.series,
                title=of.coordinate.title,
                metric=of.coordinate.metric,
                unit=of.coordinate.unit,
                verdict=judgement.changes[which].verdict,
                before=judgement.changes[which].before,
                after=judgement.changes[which].after,
                q=0.0 if of.coordinate.exact else 4e-5,
                kind=of.coordinate.kind,
                dataset=of.coordinate.dataset,
            )
            for of, judgement in changed
        ),
        confirmation=confirmation,
        id=number,
    )


def project(commit_url: str = "https://git.example.org/jsonschema/commit/{sha}") -> ProjectSettings:
    return ProjectSettings(
        name="jsonschema",
        repository="releases of jsonschema",
        subdirectory="",
        branch="",
        package="jsonschema",
        commit_url=commit_url,
    )


SUITE = Suite(name="jsonschema-users", harness="python", hash="5" * 64, benchmarks=(), version="1")
MACHINE = Machine(
    name="bench-1",
    machine_class="c" * 64,
    facts={"processor": "Example 9000 @ 3.2 GHz", "cores": "8", "memory": "32 GB", "gpu": "none"},
)
RUN = RunSummary(
    run="r1",
    machine="bench-1",
    measured=436,
    failed=4,
    started_at=datetime(2024, 5, 3, 2, 10, tzinfo=UTC),
    finished_at=datetime(2024, 5, 3, 3, 42, tzinfo=UTC),
    state="finished",
    command=("/opt/tracker/bin/tracker", "run", "ALL"),
    tool_version="0.1.0",
)


def report(
    commits: Sequence[Commit],
    histories: Sequence[History],
    found: Found,
    *,
    failures: Sequence[Failure] = (),
    warnings: Sequence[str] = (),
    commit_url: str = "https://git.example.org/jsonschema/commit/{sha}",
    standings: Sequence[Standing] = (),
) -> Report:
    return assemble(
        project=project(commit_url),
        suite=SUITE,
        machine=MACHINE,
        commits=commits,
        histories=histories,
        analysis=found,
        run=RUN,
        generated_at=NOW,
        failures=failures,
        warnings=warnings,
        scaling=SCALING,
        standings=standings,
    )


def stepped(base: float, *steps: tuple[int, float]) -> Callable[[int], float]:
    """A level of ``base`` times the factor of the last step that was reached."""

    def level(index: int) -> float:
        factors = [factor for at, factor in steps if index >= at]
        return base * factors[-1] if factors else base

    return level


def releases() -> Report:
    """15 releases, 6 series: a regression of 40 %, one of 11 %, an improvement, failures."""
    subjects = {
        7: "Use the `referencing` library | resolves $ref <script>alert(1)</script> @team",
        12: "Keep evaluated properties in a list",
        5: "Do not copy the schema for every item",
    }
    commits = [
        commit(n, subject=subjects.get(n, f"v4.{11 + n}.0"), tag=f"v4.{11 + n}.0")
        for n in range(15)
    ]
    built = [one for n, one in enumerate(commits) if n != 3]

    why = "ImportError: no module named 'rfc3339_validator'"
    failed = dict.fromkeys(range(10, 14), (State.benchmark_failed, why))
    refs = coordinate("validate", parameters=(("schema", "'refs'"),))
    flat = coordinate("validate", parameters=(("schema", "'flat'"),))
    counts = {"metric": "instructions", "unit": "instructions", "exact": True}
    histories = [
        history(refs, built, stepped(5.93e-3, (6, 1.4), (11, 1.556))),
        history(flat, built, stepped(2.01e-3, (11, 1.02))),
        history(
            coordinate("validate", parameters=(("schema", "'refs'"),), **counts),
            built,
            lambda index: 812_345 if index < 6 else 958_567,
        ),
        history(coordinate("startup"), built, lambda index: 0.082, noise=0.06),
        history(
            coordinate("errors"), built, stepped(4.4e-3, (4, 0.86)), failed=failed, noise=0.015
        ),
        history(
            coordinate("validate", metric="peak_memory", unit="B"), built, lambda index: 31.4e6
        ),
    ]
    steps = [(6, 11), (), (6,), (), (4,), ()]
    noises = [0.006, 0.006, 0.0, 0.036, 0.009, 0.006]
    mdes = [0.014, 0.016, 0.0, 0.061, 0.021, 0.015]
    judgements = [
        judged(of, at, noise=noise, mde=mde)
        for of, at, noise, mde in zip(histories, steps, noises, mdes, strict=True)
    ]
    pairs = list(zip(histories, judgements, strict=True))
    findings = (
        finding(FindingKind.improvement, [pairs[4]], number=10),
        finding(
            FindingKind.regression,
            [pairs[0], pairs[2]],
            confirmation=Confirmation.confirmed,
            number=12,
        ),
        finding(FindingKind.regression, [pairs[0]], number=13, which=1),
        Finding(
            kind=FindingKind.failed,
            commit=built[10].sha,
            after=built[9].sha,
            effects=(
                Effect(
                    series=histories[4].series,
                    title="errors",
                    metric="time",
                    unit="s",
                    verdict=None,
                    before=None,
                    after=None,
                    q=None,
                    reason=why,
                ),
            ),
        ),
    )
    return report(
        commits,
        histories,
        Found(
            judgements={judgement.series: judgement for judgement in judgements},
            findings=findings,
            events=(
                Event(commit=built[8].sha, kind="machine-change", text="kernel 6.1.0 → 6.8.2"),
            ),
        ),
        failures=[
            Failure(
                title="",
                state=State.build_failed,
                reason="error: invalid command 'bdist_wheel'",
                commits=(commits[3].sha,),
            )
        ],
        warnings=["load average of 3.1 on 8 cores while measuring"],
    )


def large(series: int = 50, commits: int = 500, processes: int = 5) -> Report:
    """Many series over many commits: one in ten has a change."""
    history_of = [commit(n, days=1.5) for n in range(commits)]
    histories = [
        history(
            coordinate(f"bench_{n % 10}", parameters=(("size", str(2 ** (n // 10))),)),
            history_of,
            lambda index, n=n: (n + 1) * 1e-3 * (1.2 if n % 10 == 0 and index > 300 else 1.0),  # type: ignore[misc]
            processes=processes,
            noise=0.013,
        )
        for n in range(series)
    ]
    judgements = [
        judged(of, (301,) if n % 10 == 0 and commits > 301 else (), noise=0.008, mde=0.02)
        for n, of in enumerate(histories)
    ]
    changed = [pair for pair in zip(histories, judgements, strict=True) if pair[1].changes]
    return report(
        history_of,
        histories,
        Found(
            judgements={judgement.series: judgement for judgement in judgements},
            findings=(finding(FindingKind.regression, changed, number=1),) if changed else (),
        ),
    )


#: names and messages that pages, paths and feeds must take as text
HOSTILE = (
    "../../etc/passwd",
    "</script><script>document.title = 'taken over'</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1)) {{data}} & \"quoted' `code`",
    "sortieren größe 🙂\ufffe\x00",
)


def hostile() -> Report:
    """Benchmarks, parameters and commits that are called by markup; all are slower at a commit."""
    commits = [commit(n, subject=f"{HOSTILE[n % 5]} {n}") for n in range(10)]
    histories = [
        history(coordinate(name, parameters=((name, repr(name)),)), commits, stepped(1e-3, (5, 2)))
        for name in HOSTILE
    ]
    pairs = [(of, judged(of, (5,), noise=0.006, mde=0.02)) for of in histories]
    judgements = {judgement.series: judgement for _, judgement in pairs}
    found = (finding(FindingKind.regression, pairs, number=1),)
    return report(commits, histories, Found(judgements=judgements, findings=found))


def wide(series: int = 2000, commits: int = 6) -> Report:
    """Very many series: four parameters of each benchmark, the first of the first one slower."""
    line = [commit(n) for n in range(commits)]
    histories = [
        history(
            coordinate(
                f"module_{n // 40}.bench_{n // 4}", parameters=(("size", str(4 ** (n % 4))),)
            ),
            line,
            stepped(1e-3, (3, 2.0 if n == 0 else 1.0)),
            processes=1,
        )
        for n in range(series)
    ]
    judgements = [
        judged(of, () if n else (3,), noise=0.01, mde=0.02) for n, of in enumerate(histories)
    ]
    return report(
        line,
        histories,
        Found(
            judgements={judgement.series: judgement for judgement in judgements},
            findings=(finding(FindingKind.regression, [(histories[0], judgements[0])], number=1),),
        ),
    )


def quiet() -> Report:
    """Nothing found."""
    commits = [commit(n) for n in range(4)]
    one = history(coordinate("parse"), commits, lambda index: 8.2e-3)
    return report(
        commits, [one], Found(judgements={one.series: judged(one, noise=0.006, mde=0.018)})
    )


def single() -> Report:
    """One commit: no change could have been seen."""
    one = history(coordinate("parse"), [commit(0)], lambda index: 8.2e-3)
    return report(
        [commit(0)], [one], Found(judgements={one.series: judged(one, noise=0.006, mde=inf)})
    )


def empty() -> Report:
    """Nothing was measured."""
    broken = commit(0, subject="Broken")
    return report(
        [broken],
        [],
        Found(),
        failures=[
            Failure(title="", state=State.build_failed, reason="no setup.py", commits=(broken.sha,))
        ],
        commit_url="",
    )


def scaling() -> Report:
    """A curve that bends: larger batches became slower, batch 64 no longer fits, 128 never did."""
    commits = [commit(n, tag=f"v{n}.0") for n in range(8)]
    sizes = (1, 2, 4, 8, 16, 32, 64)
    why = "took 8192 MiB of memory: policy.memory_bytes is the limit"
    lost = dict.fromkeys((6, 7), (State.resource_exceeded, why))
    histories = []
    judgements = []
    for size in sizes:
        parameters = (("batch", str(size)), ("dtype", "'f32'"))
        seconds = (size + 40) * 1e-4
        slower = 1.0 if size < 8 else 1.2 if size == 8 else 1.9
        fails = lost if size == 64 else {}
        time = history(
            coordinate("forward", parameters=parameters),
            commits,
            stepped(seconds, (4, slower)),
            failed=fails,
            noise=0.004,
        )
        memory = history(
            coordinate("forward", parameters=parameters, metric="peak_memory", unit="bytes"),
            commits,
            stepped(60e6 + 4e6 * size),
            failed=fails,
            noise=0.001,
        )
        histories += [time, memory]
        judgements += [
            judged(time, (4,) if slower > 1 else (), noise=0.004, mde=0.012),
            judged(memory, noise=0.001, mde=0.004),
        ]
    by_series = {judgement.series: judgement for judgement in judgements}
    changed = [(of, by_series[of.series]) for of in histories if by_series[of.series].changes]
    lost_effect = Effect(
        series=histories[-2].series,
        title="forward[batch=64,dtype=f32]",
        metric="time",
        unit="s",
        verdict=None,
        before=None,
        after=None,
        q=None,
        reason=why,
    )
    findings = (
        finding(FindingKind.regression, changed[::-1], number=1),
        Finding(
            kind=FindingKind.failed,
            commit=commits[6].sha,
            after=commits[5].sha,
            effects=(lost_effect,),
        ),
    )
    found = tuple(with_curves(findings, histories, by_series, SCALING))
    return report(
        commits,
        histories,
        Found(judgements=by_series, findings=found),
        failures=[
            Failure(
                title="forward[batch=128,dtype=f32]",
                state=State.resource_exceeded,
                reason=why,
                commits=tuple(one.sha for one in commits),
            )
        ],
        standings=[standing(of) for of in histories if of.points[-1].values],
    )


def standing(of: History) -> Standing:
    """The newest commit of a history with ten samples a process."""
    chance = random.Random(of.series)
    return Standing(
        coordinate=of.coordinate,
        threads=1,
        processes=tuple(
            Given(
                samples=tuple(value * (1 + abs(chance.gauss(0, 0.03))) for _ in range(10)),
                loops=1,
                warmup=12,
                value=value,
                state=State.measured,
                reason="",
                flags=(),
            )
            for value in of.points[-1].values
        ),
    )
