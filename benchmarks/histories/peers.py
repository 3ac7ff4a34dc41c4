"""Other judges of a history: each takes one value a commit and says where new levels begin.

As they come, and adjusted on a corpus of this kind (other seeds) to their best F1.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import log, sqrt

import numpy as np
from scipy.ndimage import median_filter

from tracker.statistics.arrays import Floats

Judge = Callable[[Floats], list[int]]


def otava(values: Floats, window: int, p: float) -> list[int]:
    """Apache Otava, formerly Hunter: E-divisive in windows, with a t test."""
    from otava.analysis import compute_change_points  # noqa: PLC0415

    # of an array, version 0.8 takes wrong slices
    found, _ = compute_change_points(
        values.tolist(), window_len=window, max_pvalue=p, min_magnitude=0
    )
    return [point.index for point in found]


def asv_steps(values: Floats) -> list[int]:
    """asv's step detection: every step."""
    from asv.step_detect import detect_steps  # noqa: PLC0415

    return [step[0] for step in detect_steps(values.tolist())[1:]]


def asv_filtered(values: Floats) -> list[int]:
    """Only between steps of three commits, and above the error of both."""
    from asv.step_detect import detect_steps  # noqa: PLC0415

    return [
        after[0]
        for before, after in pairwise(detect_steps(values.tolist()))
        if min(before[1] - before[0], after[1] - after[0]) >= 3
        and abs(after[2] - before[2]) > max(before[4], after[4])
    ]


def weighted_t(values: Floats) -> list[int]:
    """In the manner of Perfherder: t of 12 commits against the 12 to 24 before, each side with
    linear weights; where it is above 7, its largest value names the commit.
    """
    scores = np.zeros(len(values))
    for at in range(12, len(values) - 11):
        before, after = values[max(0, at - 24) : at], values[at : at + 12]
        (low, low_error), (high, high_error) = _weighted(before), _weighted(after[::-1])
        error = sqrt(low_error + high_error)
        away = abs(high - low)
        scores[at] = away / error if error else (np.inf if away else 0.0)
    above = np.concatenate(([False], scores > 7, [False])).astype(int)
    runs = np.flatnonzero(np.diff(above)).reshape(-1, 2)
    return [int(start + scores[start:stop].argmax()) for start, stop in runs]


def _weighted(values: Floats) -> tuple[float, float]:
    """Mean, and the variance of it; the last value has the most weight."""
    weights = np.arange(1, len(values) + 1)
    mean = float(np.average(values, weights=weights))
    spread = float(np.average((values - mean) ** 2, weights=weights))
    return mean, spread / (len(values) - 1)


def kernel(values: Floats, penalty: float) -> list[int]:
    """ruptures: optimal partitioning with a Gaussian kernel."""
    import ruptures  # noqa: PLC0415

    spread = float(values.std()) or 1.0
    signal = ((values - values.mean()) / spread).reshape(-1, 1)
    return list(ruptures.KernelCPD(kernel="rbf", min_size=2).fit(signal).predict(pen=penalty)[:-1])


def pelt(values: Floats) -> list[int]:
    """ruptures: optimal partitioning of logarithms by squares, outliers clipped at three sd.

    What is clipped is the distance to a running median, and sd is that of neighbours.
    """
    import ruptures  # noqa: PLC0415

    if len(values) < 10:
        return []
    logs = np.log(values) if values.min() > 0 else values
    steps = np.diff(logs)
    spread = 1.4826 * float(np.median(np.abs(steps))) / sqrt(2)
    spread = spread or float(steps.std()) / sqrt(2) or 1.0
    scaled = (logs - np.median(logs)) / spread
    middle = median_filter(scaled, size=7, mode="nearest")
    signal = (middle + np.clip(scaled - middle, -3, 3)).reshape(-1, 1)
    search = ruptures.KernelCPD(kernel="linear", min_size=5).fit(signal)
    return list(search.predict(pen=20 * log(len(values)))[:-1])


PEERS: dict[str, Judge] = {
    "Otava": lambda values: otava(values, 50, 1e-3),
    "Otava tuned": lambda values: otava(values, 100, 1e-6),
    "asv": asv_steps,
    "asv filtered": asv_filtered,
    "weighted t": weighted_t,
    "kernel rbf": lambda values: kernel(values, 10),
    "kernel rbf tuned": lambda values: kernel(values, log(len(values))),
    "PELT L2 tuned": pelt,
}
