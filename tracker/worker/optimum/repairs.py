"""A report of optimum-benchmark 0.6.0, and what of it is true. Pure functions.

A report is what stands in ``benchmark_report.json``: target -> latency, memory and throughput,
of which each may be null. Samples are taken as they are but for two: those of ``per_token``
overlap, and ``first_generate`` is the second. Everything that it computed from samples is
computed anew.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping, Sequence

    Report = Mapping[str, Mapping[str, Any]]

#: optimum-benchmark's megabyte, in bytes
_MB = 1_000_000
#: target -> metric, where a target is not what it is called: one generation comes before the
#: "first", and memory of "decode" is that of all that ``generate`` does
_LATENCIES = {"first_generate": "second_generate"}
_MEMORIES = {**_LATENCIES, "decode": "generate"}
#: the main one first
_OF_GENERATION = ("generate", "prefill", "decode", "load_model", "first_generate")
_OF_FORWARD = ("forward", "load_model", "first_forward")


class Volumes:
    """What one call handles, for throughput."""

    def __init__(self, samples: int, tokens: int = 0, sequences: int = 1) -> None:
        #: things that one call, or one step of training, handles
        self.samples = samples
        #: that are generated for each; 0 where none are
        self.tokens = tokens
        #: that are computed for each: beams, or answers that are drawn
        self.sequences = sequences

    @property
    def decoded(self) -> int:
        """Tokens that one call generates after the first of each sequence."""
        return self.samples * self.sequences * (self.tokens - 1)


def inference_readings(report: Report, volumes: Volumes) -> list[dict[str, Any]]:
    """The readings of scenario ``inference``, the main one first.

    Raises:
        ValueError: the report lacks latencies, or has them in another unit.
    """
    targets = _OF_GENERATION if volumes.tokens else _OF_FORWARD
    timed = {target: latencies(report, target) for target in targets}
    readings = [
        _seconds(_LATENCIES.get(target, target), samples) for target, samples in timed.items()
    ]
    if volumes.tokens:
        between = token_intervals(latencies(report, "per_token"), timed["decode"], volumes.tokens)
        readings.append(_seconds("per_token", between))
        readings.append(_throughput("decode", timed["decode"], volumes.decoded, "tokens/s"))
    readings += [
        _throughput(target, timed[target], volumes.samples, "samples/s")
        for target in (("generate", "prefill") if volumes.tokens else ("forward",))
    ]
    return readings + memory_readings(report, targets)


def training_readings(report: Report, volumes: Volumes) -> list[dict[str, Any]]:
    """The readings of scenario ``training``: a step after the warm-up, and the first of all.

    Raises:
        ValueError: the report lacks latencies, or has them in another unit.
    """
    steps = latencies(report, "train")
    return [
        _seconds("train", steps),
        _seconds("first_train", latencies(report, "overall")[:1]),
        _throughput("train", steps, volumes.samples, "samples/s"),
        *memory_readings(report, ("train",)),  # that of the others is the same number
    ]


def latencies(report: Report, target: str) -> list[float]:
    """The samples of a target in seconds, as plain numbers: those of numpy are no JSON.

    Raises:
        ValueError: there are none, or they are in another unit.
    """
    latency = (report.get(target) or {}).get("latency")
    if not latency or not latency["values"]:
        raise ValueError("the report of optimum-benchmark has no latency of %s" % target)
    if latency["unit"] != "s":
        raise ValueError("latency of %s is in %s, not in s" % (target, latency["unit"]))
    return [float(value) for value in latency["values"]]


def token_intervals(values: list[float], decode: list[float], tokens: int) -> list[float]:
    """Seconds between neighbouring tokens: ``len(decode) * (tokens - 1)`` of them.

    optimum-benchmark keeps the moments of all tokens since the start. After each generation it
    adds the intervals between all of them once more, also those from the last token of one
    generation to the first of the next. So the last ``tokens * generations - 1`` values are all
    intervals in their order, and every ``tokens``-th of these lies between two generations.

    Args:
        values: as reported.
        decode: seconds from the first token to the end, for each generation.
        tokens: that each generation has, 2 or more.

    Returns:
        The intervals; where ``values`` are not as many as that makes, the mean interval of each
        generation.
    """
    generations = len(decode)
    if len(values) != sum(tokens * one - 1 for one in range(1, generations + 1)):
        return [seconds / (tokens - 1) for seconds in decode]
    last = values[-(tokens * generations - 1) :]
    return [value for place, value in enumerate(last, 1) if place % tokens]


def memory_readings(report: Report, targets: Sequence[str]) -> list[dict[str, Any]]:
    """The peaks of some targets, in bytes; none where memory was not tracked.

    Raises:
        ValueError: one is in another unit.
    """
    return [
        _reading("%s_%s" % (_MEMORIES.get(target, target), name), "bytes", [float(value) * _MB])
        for target in targets
        for name, value in _peaks(report, target).items()
        if value is not None
    ]


def _peaks(report: Report, target: str) -> dict[str, Any]:
    """The peaks of a target in MB, by name; those that do not apply are None."""
    memory = dict((report.get(target) or {}).get("memory") or {"unit": "MB"})
    unit = memory.pop("unit")
    if unit != "MB":
        raise ValueError("memory of %s is in %s, not in MB" % (target, unit))
    return memory


def _seconds(metric: str, samples: list[float]) -> dict[str, Any]:
    return _reading(metric, "s", samples)


def _throughput(target: str, seconds: list[float], volume: int, unit: str) -> dict[str, Any]:
    """One sample for each call, of what that call handled."""
    metric = "%s_throughput" % target
    return _reading(metric, unit, [volume / one for one in seconds], direction="higher")


def _reading(
    metric: str, unit: str, samples: list[float], direction: str = "lower"
) -> dict[str, Any]:
    return {
        "metric": metric,
        "unit": unit,
        "direction": direction,
        "kind": "performance",
        "exact": False,
        "samples": samples,
    }
