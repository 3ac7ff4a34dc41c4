"""Hands series to judges, two at a time, each in its own environment."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice

import numpy as np

from benchmarks.figures.figure import CHECKOUT
from benchmarks.histories.corpora import Series
from benchmarks.histories.peers import PEERS
from benchmarks.histories.worker import PROCESSES, Judged
from tracker.statistics.arrays import Floats

#: made by ci/setup from requirements/peers.txt: the peers' pins are not the tracker's
PEERS_PYTHON = CHECKOUT / ".venv-peers" / "bin" / "python"


def prepare() -> None:
    """Bring the environment of the peers up to date."""
    subprocess.run(["ci/setup", "requirements/peers.txt", ".venv-peers"], cwd=CHECKOUT, check=True)


def judged(judge: str, series: Sequence[Floats]) -> Judged:
    """What one judge says, in a process of its own."""
    python = str(PEERS_PYTHON) if judge in PEERS else sys.executable
    said = subprocess.run(
        [python, "-c", "from benchmarks.histories.worker import main; main()"],
        cwd=CHECKOUT,
        check=True,
        input=pickle.dumps((judge, list(series))),
        stdout=subprocess.PIPE,
    ).stdout
    answer = pickle.loads(said)  # noqa: S301 from worker.py
    assert isinstance(answer, Judged)  # noqa: S101
    return answer


def found(judges: Sequence[str], series: Sequence[Series]) -> dict[str, list[list[int]]]:
    """What each judge says, two at a time; medians of processes for those who take one value."""
    medians = [
        one.values if one.values.ndim == 1 else np.median(one.values, axis=1) for one in series
    ]
    raw = [one.values for one in series]
    with ThreadPoolExecutor(2) as pool:
        answers = pool.map(
            lambda judge: judged(judge, raw if judge == PROCESSES else medians), judges
        )
        return {judge: answer.found for judge, answer in zip(judges, answers, strict=True)}


def while_growing(
    judges: Sequence[str], series: Sequence[Series], firsts: Sequence[int]
) -> dict[str, list[list[list[int]]]]:
    """What each judge says of each series at each of its lengths, from ``firsts`` on."""
    beginnings = [
        replace(one, values=one.values[:length])
        for one, first in zip(series, firsts, strict=True)
        for length in range(first, len(one.values) + 1)
    ]
    said = {}
    for judge, places in found(judges, beginnings).items():
        rest = iter(places)
        said[judge] = [
            list(islice(rest, len(one.values) + 1 - first))
            for one, first in zip(series, firsts, strict=True)
        ]
    return said
