"""What a key of a metrics recorder says of the number behind it. The whole key is the metric.

==============================================  =====  =========
key                                             unit   better
==============================================  =====  =========
contains ``per_sec``                            1/s    higher
contains ``throughput``                         ``-``  higher
ends in ``_secs``, ``_sec``, ``_seconds``       s      lower
ends in ``_time``                               s      lower
ends in ``_ms``, ``_us``, ``_ns``               itself lower
ends in ``_bytes``                              bytes  lower
ends in ``_megabytes``, ``_mb``                 MB     lower
any other                                       ``-``  lower
==============================================  =====  =========
"""

from __future__ import annotations

_UNITS = (
    ("_secs", "s"),
    ("_sec", "s"),
    ("_seconds", "s"),
    ("_time", "s"),
    ("_ms", "ms"),
    ("_us", "us"),
    ("_ns", "ns"),
    ("_bytes", "bytes"),
    ("_megabytes", "MB"),
    ("_mb", "MB"),
)


def unit_and_direction(key: str) -> tuple[str, str]:
    """The unit of what a key names, and which way is better, by the first line that fits."""
    name = key.lower()
    if "per_sec" in name:
        return "1/s", "higher"
    if "throughput" in name:
        return "-", "higher"
    return next((unit for ending, unit in _UNITS if name.endswith(ending)), "-"), "lower"
