"""Processes of two builds that ran side by side, made to order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tests.support.series import POLICY, coordinate
from tests.support.values import PINNED, cell, commit
from tracker.findings.pairs import Judge
from tracker.findings.sides import Sides
from tracker.model.cells import Coordinate
from tracker.model.measurements import Process, Reading
from tracker.model.requests import Known
from tracker.statistics.arrays import Floats

BASE, HEAD = commit(1), commit(2)
CELL = cell("parse")


def judge(**policy: Any) -> Judge:
    return Judge(
        policy=replace(POLICY, **policy),
        mains={"parse": "time", "load": "time"},
        scales={},
        sequential=True,
        cells=1,
    )


def sides(cells: Sequence[Any] = (CELL,), **fields: Any) -> Sides:
    known: dict[str, Any] = {"base": BASE, "head": HEAD, "cells": tuple(cells), "judge": judge()}
    return Sides(**(known | fields))


def process(number: int, *readings: tuple[Coordinate, Sequence[float]], batch: int = 1) -> Process:
    """What a process gave: samples by coordinate."""
    return Process(
        round=number,
        batch=batch,
        readings=tuple(
            Reading(
                coordinate=of, samples=tuple(samples), loops=10, value=float(np.median(samples))
            )
            for of, samples in readings
        ),
        seconds=0.3,
    )


def duel(
    rounds: int, ratio: float, *, seed: int = 1, sd: float = 0.005, turns: int = 9
) -> tuple[tuple[Process, ...], tuple[Process, ...]]:
    """Rounds of two processes that took turns on a machine whose speed jumps all the time."""
    random = np.random.default_rng(seed)
    of = coordinate()
    both: list[tuple[Process, Process]] = []
    for number in range(rounds):
        machine = 1e-3 * np.exp(random.choice([0.0, 0.47], turns))
        luck = np.exp(random.normal(0, sd, 2))
        base: Floats = machine * luck[0]
        head: Floats = machine * luck[1] * ratio
        both.append((process(number, (of, base.tolist())), process(number, (of, head.tolist()))))
    return tuple(one for one, _ in both), tuple(other for _, other in both)


def known(base: Sequence[Process] = (), head: Sequence[Process] = (), **fields: Any) -> Known:
    """What is known of the cell at builds "a" and "b" of the two commits, in one environment."""
    targets = {("a", CELL.key): tuple(base), ("b", CELL.key): tuple(head)}
    processes: Mapping[tuple[str, str], tuple[Process, ...]] = targets
    everything: dict[str, Any] = {
        "builds": {(BASE.sha, PINNED): ("a",), (HEAD.sha, PINNED): ("b",)},
        "classes": {"a": "class", "b": "class"},
        "processes": {target: given for target, given in processes.items() if given},
        "measured": {
            target: frozenset(one.round for one in given) for target, given in processes.items()
        },
    }
    return Known(**(everything | fields))
