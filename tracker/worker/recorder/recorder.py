"""The metrics recorder that scripts meet, and where it puts what they hand to it."""

from __future__ import annotations

import logging
import sys
from threading import Lock

from .. import surroundings
from ..protocol import flaw, plain_number
from .measured_keys import unit_and_direction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping, Protocol

    class Teller(Protocol):
        """Takes what is to leave the process."""

        def sample(self, metric: str, unit: str, direction: str, value: float) -> None: ...

        def about(self, **facts: Any) -> None: ...


#: characters of a logged error that a reason may have
_LONGEST = 200


class Record:
    """What the script of this process recorded. Its threads may use it together."""

    def __init__(self) -> None:
        #: takes the measurements while the benchmark runs
        self.teller: Teller | None = None
        #: what the script logged as an error, or handed over in vain
        self.errors: list[str] = []
        self._lock = Lock()
        self._metadata: Any = None
        self._begun = False
        self._keys: set[str] = set()
        self._devices: dict[str, _Summary] = {}

    def begin(self, metadata: Mapping[str, Any]) -> int:
        """Begin the benchmark, or begin it again with the same metadata.

        Returns:
            Its number.

        Raises:
            ValueError: with other metadata, so that one key would have two meanings.
            TypeError: the metadata is no dict.
        """
        if not isinstance(metadata, dict):
            raise TypeError("metadata is a dict, not %s" % type(metadata).__name__)
        plain = _json(metadata)
        with self._lock:
            if self._begun and plain != self._metadata:
                raise ValueError(
                    "a second benchmark with other metadata needs a script of its own: %r"
                    % (metadata,)
                )
            if not self._begun:
                self._telling().about(metadata=plain)
            self._begun, self._metadata = True, plain
        return 1

    def measured(self, benchmark_id: Any, measurements: Mapping[str, Any]) -> None:
        """Send each number on. What is none is refused when the others are safe.

        Raises:
            ValueError: something was refused.
        """
        refused = []
        with self._lock:
            self._check(benchmark_id)
            for key, value in measurements.items():
                reason = self._take(key, plain_number(value))
                if reason:
                    refused.append("%s: %s" % (key, reason))
        if refused:
            self.errors += refused
            raise ValueError("; ".join(refused))

    def devices(self, benchmark_id: Any, readings: Mapping[str, Any]) -> None:
        """Add to the summaries; what is no number there is a device that tells nothing."""
        with self._lock:
            self._check(benchmark_id)
            for name, value in readings.items():
                number = plain_number(value)
                if not flaw([number], signed=True):
                    self._devices.setdefault(name, _Summary()).add(number)

    def close(self) -> None:
        """Send what is known at the end only. Nothing is taken any more."""
        with self._lock:
            teller, self.teller = self._telling(), None
            if self._devices:
                told = {name: one.summary() for name, one in self._devices.items()}
                teller.about(device_measurements=told)
            if self._keys and "peak_memory" not in self._keys:
                teller.sample("peak_memory", "bytes", "lower", surroundings.peak_memory())

    def failure(self) -> str:
        """Why the benchmark failed; "" where it did not."""
        if not self._keys:
            logged = "; it logged: " + self.errors[0] if self.errors else ""
            return "the script ended without a measurement" + logged
        return "the script logged an error: " + self.errors[0] if self.errors else ""

    def _take(self, key: Any, value: Any) -> str:
        """Send one number; why not, where it is refused."""
        if not isinstance(key, str) or not key.strip() or not key.isprintable():
            return "this is no name for a measurement"
        unit, direction = unit_and_direction(key)
        reason = flaw([value], signed=unit != "s")
        if not reason:
            self._telling().sample(key, unit, direction, value)
            self._keys.add(key)
        return reason

    def _check(self, benchmark_id: Any) -> None:
        self._telling()
        if not self._begun or benchmark_id != 1:
            raise ValueError("no benchmark %r was initialised" % (benchmark_id,))

    def _telling(self) -> Teller:
        if self.teller is None:
            raise RuntimeError("measurements are recorded while run_benchmark runs")
        return self.teller


class _Summary:
    """Of a series that grows without end."""

    def __init__(self) -> None:
        self.count = 0
        self._sum = 0.0
        self._most = 0.0

    def add(self, value: float) -> None:
        self._most = value if not self.count else max(self._most, value)
        self._sum += value
        self.count += 1

    def summary(self) -> dict[str, float]:
        return {"count": self.count, "mean": self._sum / self.count, "max": self._most}


def _json(value: Any) -> Any:
    """A value as JSON has it; what it cannot have, as text."""
    if isinstance(value, dict):
        return {_text(name): _json(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(one) for one in value]
    if value is None or isinstance(value, (bool, int)):
        return value
    number = plain_number(value)
    return number if isinstance(number, float) and number - number == 0 else _text(value)


def _text(value: Any) -> str:
    """As every database takes it: no zero, no half of a character."""
    return str(value).replace("\0", "\ufffd").encode("utf-8", "replace").decode()


class MetricsRecorder:
    """In the place of the recorder that scripts know, with its methods and their arguments.

    A connection, the branch and the commit are of no use here: the tracker knows what it
    measures, and has no database in this process.
    """

    #: of this process
    record: Record

    def __init__(self, *known: object, **named: object) -> None:
        """Take whatever the recorder took in any of its revisions."""

    def initialise_benchmark(self, metadata: Mapping[str, Any]) -> int:
        """See ``Record.begin``."""
        return self.record.begin(metadata)

    def collect_device_measurements(
        self,
        benchmark_id: int,
        cpu_util: float,
        mem_megabytes: float,
        gpu_util: float,
        gpu_mem_megabytes: float,
    ) -> None:
        """See ``Record.devices``."""
        self.record.devices(
            benchmark_id,
            {
                "cpu_util": cpu_util,
                "mem_megabytes": mem_megabytes,
                "gpu_util": gpu_util,
                "gpu_mem_megabytes": gpu_mem_megabytes,
            },
        )

    def collect_model_measurements(
        self, benchmark_id: int, measurements: Mapping[str, float]
    ) -> None:
        """See ``Record.measured``."""
        self.record.measured(benchmark_id, measurements)

    def export_to_csv(self, *known: object, **named: object) -> None:
        """There is nothing to write: measurements have left already, whatever the directory."""

    def close(self) -> None:
        """There is nothing to close, for the same reason."""


def recorder_of(record: Record) -> type[MetricsRecorder]:
    """The class that scripts of this process import."""
    return type("MetricsRecorder", (MetricsRecorder,), {"record": record})


def logger_of(record: Record) -> logging.Logger:
    """The logger that scripts get: it prints, and an error on it is an error of the benchmark."""
    logger = logging.getLogger("benchmarks_entrypoint")
    logger.setLevel(logging.INFO)
    printing = logging.StreamHandler(sys.stderr)
    printing.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger.addHandler(printing)
    logger.addHandler(_Errors(record))
    return logger


class _Errors(logging.Handler):
    """Keeps what scripts that swallow their exceptions say of them."""

    def __init__(self, record: Record) -> None:
        super().__init__(logging.ERROR)
        self._record = record

    def emit(self, record: logging.LogRecord) -> None:
        lines = record.getMessage().strip().splitlines() or ["(an empty message)"]
        self._record.errors.append(_text(lines[0])[:_LONGEST])
