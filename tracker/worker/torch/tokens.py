"""When the tokens of a generation were there."""

from __future__ import annotations

from time import perf_counter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Tokens:
    """When each token of each call of ``generate`` was there; a streamer for transformers."""

    def __init__(self) -> None:
        self._calls: list[list[float]] = []

    def clear(self) -> None:
        self._calls.clear()

    def begin(self) -> None:
        self._calls.append([perf_counter()])

    def put(self, tokens: Any) -> None:  # noqa: ARG002 - the interface of streamers
        """Note the time; tokens are handed over on the CPU, so the device is done with them."""
        self._calls[-1].append(perf_counter())

    def end(self) -> None:
        """Nothing is left to do at the end."""

    def seconds(self) -> dict[str, list[float]]:
        """Return for each call its first token, its second, and the mean of later ones, if any.

        The first thing that is put is the prompt; the first token counts from the call.
        """
        calls = self._calls
        found = {
            "first_token": [times[2] - times[0] for times in calls if len(times) > 2],
            "second_token": [times[3] - times[2] for times in calls if len(times) > 3],
            "later_token": [
                (times[-1] - times[3]) / (len(times) - 4) for times in calls if len(times) > 4
            ],
        }
        return {metric: samples for metric, samples in found.items() if samples}
