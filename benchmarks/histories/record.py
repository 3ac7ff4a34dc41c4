"""``python -m benchmarks.histories.record``: a history of one program, measured on this machine.

Every "commit" is the same code, so whatever differs is noise as it really is: 120 commits, in
batches of a hundred, each in five rounds of one process a commit in random order, as the tracker
measures. CPU time, as others may use the machine too. Takes some two minutes and writes
``recorded.json``, in which changes are planted later.
"""

from __future__ import annotations

import json
import os
import platform
import random
import re
import subprocess
import sys
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import thread_time

RECORDED = Path(__file__).with_name("recorded.json")
COMMITS, BATCH, ROUNDS = 120, 100, 5
#: samples of a benchmark in one process, and seconds that one lasts; the process is their median
SAMPLES, SECONDS = 5, 0.001

WORDS = [f"word{number * 7919 % 1009}" for number in range(400)]
TEXT = " ".join(WORDS)
DOCUMENT = json.dumps({word: [number, word] for number, word in enumerate(WORDS)})
PATTERN = re.compile(r"(\w+?)(\d+)")


def _collatz() -> int:
    steps = 0
    for start in range(1, 60):
        number = start
        while number > 1:
            number = 3 * number + 1 if number % 2 else number // 2
            steps += 1
    return steps


def _sieve() -> int:
    flags = bytearray([1]) * 2000
    for number in range(2, 45):
        if flags[number]:
            flags[number * number :: number] = bytes(len(range(number * number, 2000, number)))
    return sum(flags)


def _count() -> int:
    counts: dict[str, int] = {}
    for word in WORDS:
        counts[word] = counts.get(word, 0) + 1
    return len(counts)


def _matrix() -> float:
    rows = [[float(row * column) for column in range(12)] for row in range(12)]
    return sum(
        sum(a * b for a, b in zip(row, column, strict=True)) for row in rows for column in rows
    )


BENCHMARKS: dict[str, Callable[[], object]] = {
    "collatz": _collatz,
    "compress": lambda: zlib.compress(TEXT.encode()),
    "count": _count,
    "dumps": lambda: json.dumps(WORDS),
    "loads": lambda: json.loads(DOCUMENT),
    "match": lambda: PATTERN.findall(TEXT),
    "matrix": _matrix,
    "objects": lambda: [{"name": word} for word in WORDS],
    "replace": lambda: TEXT.replace("word", "sentence").upper(),
    "sets": lambda: {word[::-1] for word in WORDS} & set(WORDS),
    "sieve": _sieve,
    "sort": lambda: sorted(WORDS, key=lambda word: word[-2:]),
}


def main() -> None:
    order = random.Random(1)
    values = {name: [[0.0] * ROUNDS for _ in range(COMMITS)] for name in BENCHMARKS}
    for first in range(0, COMMITS, BATCH):
        batch = range(first, min(first + BATCH, COMMITS))
        for turn in range(ROUNDS):
            for commit in order.sample(batch, len(batch)):
                for name, value in _process().items():
                    values[name][commit][turn] = value
        print(f"{batch.stop} of {COMMITS} commits", flush=True)
    document = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "load": os.getloadavg(),
        "clock": "CPU time",
        "unit": "ns",
        "values": values,
    }
    RECORDED.write_text(json.dumps(document).replace('], "', '],\n"') + "\n")


def _process() -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.histories.record", "process"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(json.loads(said))


def _measured(run: Callable[[], object]) -> float:
    """Nanoseconds of CPU time of one call."""
    started = thread_time()
    calls = 0
    while thread_time() - started < SECONDS:
        run()
        calls += 1
    samples = []
    for _ in range(SAMPLES):
        started = thread_time()
        for _ in range(calls):
            run()
        samples.append((thread_time() - started) / calls)
    return round(sorted(samples)[SAMPLES // 2] * 1e9, 1)


if __name__ == "__main__":
    if sys.argv[1:] == ["process"]:
        print(json.dumps({name: _measured(run) for name, run in BENCHMARKS.items()}))
    else:
        main()
