"""Summaries of one commit made to order, of everything that a reader may meet."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.support import reports
from tests.support.series import POLICY
from tracker.model.cells import Coordinate
from tracker.model.measurements import State
from tracker.model.series import Failure
from tracker.model.standing import Given, Standing
from tracker.model.suites import Direction, Kind
from tracker.publish.deployment.contents import Speedups, Summary
from tracker.publish.deployment.making import summary

COMMIT = reports.commit(1, tag="v2.0", subject="Fuse <b>layers</b> | @team")


def standing(
    of: Coordinate,
    value: float,
    *,
    within: float = 0.01,
    between: float = 0.005,
    processes: int = 5,
    **given: Any,
) -> Standing:
    """Processes that scatter around a value, and their samples around each of them."""
    threads = given.pop("threads", 1)
    chance = random.Random(f"{of.series}{value}")
    known: dict[str, Any] = {
        "loops": 1,
        "warmup": 20,
        "state": State.measured,
        "reason": "",
        "flags": (),
    }

    def one() -> Given:
        own = value if of.exact else value * (1 + chance.gauss(0, between))
        samples = 1 if of.exact else 10
        return Given(
            samples=tuple(own * (1 + abs(chance.gauss(0, within))) for _ in range(samples)),
            value=own,
            **(known | given),
        )

    return Standing(
        coordinate=of, threads=threads, processes=tuple(one() for _ in range(processes))
    )


def coordinate(benchmark: str, **fields: object) -> Coordinate:
    parameters = fields.pop("parameters", {})
    assert isinstance(parameters, dict)
    return reports.coordinate(benchmark, parameters=tuple(sorted(parameters.items())), **fields)


def forward(batch: int, **fields: object) -> Coordinate:
    return coordinate("forward", parameters={"batch": str(batch)}, **fields)


def everything() -> list[Standing]:
    """A benchmark by batch, with memory and work, and one for each badge."""
    ones = []
    for batch in (1, 2, 4, 8, 16, 32):
        ones += [
            standing(forward(batch), (batch + 40) * 1e-4),
            standing(forward(batch, metric="peak_memory", unit="bytes"), 6e7 + 4e6 * batch),
            standing(forward(batch, metric="flops", unit="flops", exact=True), 3.5e9 * batch),
        ]
    return [
        *ones,
        standing(forward(1, metric="first_call"), 0.9),
        standing(coordinate("slow"), 0.072),
        standing(coordinate("loud"), 2e-3, within=0.8),
        standing(coordinate("jumpy"), 2e-3, between=0.5),
        standing(coordinate("cold"), 2e-3, warmup=620, flags=("not-converged",)),
        standing(coordinate("threaded", threads=4), 2e-3),
        standing(
            coordinate("endless"),
            61.0,
            state=State.early_stopped,
            reason="the first call took 61 s, the limit is 60 s",
            processes=1,
        ),
        standing(
            coordinate(
                "digits",
                kind=Kind.quality,
                metric="accuracy",
                unit="ratio",
                direction=Direction.more,
                dataset="imagenette/val@500:3f2a91c0",
            ),
            0.913,
        ),
    ]


def summed(
    standings: Sequence[Standing], speedups: Speedups | None = None, **fields: Any
) -> Summary:
    known: dict[str, Any] = {
        "project": reports.project(),
        "suite": reports.SUITE,
        "machine": reports.MACHINE,
        "commit": COMMIT,
        "standings": standings,
        "failures": (),
        "policy": POLICY,
        "speedups": speedups,
        "generated_at": reports.NOW,
    }
    return summary(**(known | fields))


def whole(speedups: Speedups | None = None) -> Summary:
    """One of each."""
    return summed(
        everything(),
        speedups,
        failures=[
            Failure(
                title="forward[batch=64]",
                state=State.resource_exceeded,
                reason="took 8192 MiB of memory: policy.memory_bytes is the limit",
                commits=(COMMIT.sha,),
            ),
            Failure(title="gpu", state=State.unsupported, reason="no", commits=(COMMIT.sha,)),
        ],
    )


def libraries() -> list[Standing]:
    """Two benchmarks in three libraries, one of which lacks one."""
    seconds = {
        "blur": {"opencv": 1e-3, "pillow": 4e-3, "kornia": 2e-3},
        "flip": {"opencv": 2e-4, "pillow": 1.6e-4},
    }
    return [
        standing(coordinate(name, parameters={"library": repr(library), "size": "8"}), value)
        for name, of_library in seconds.items()
        for library, value in of_library.items()
    ]


def faster(standings: Sequence[Standing], factor: float) -> list[Standing]:
    """The same, so many times as fast, in another environment."""
    return [
        replace(
            one,
            coordinate=replace(one.coordinate, environment_class="f" * 64),
            processes=tuple(
                replace(
                    given,
                    value=given.value / factor,
                    samples=tuple(sample / factor for sample in given.samples),
                )
                for given in one.processes
            ),
        )
        for one in standings
    ]
