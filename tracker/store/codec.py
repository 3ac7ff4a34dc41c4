"""Measurements as JSON and back, exactly: what the spool writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from tracker.model.cells import Coordinate
from tracker.model.measurements import Measurement, Provenance, Reading, State
from tracker.model.purposes import Aim, Purpose
from tracker.model.suites import Direction, Kind
from tracker.model.telemetry import Channel, Guarded, Telemetry

#: columns of ``series`` that make a coordinate, beside its project
COORDINATE_COLUMNS = tuple(f.name for f in fields(Coordinate) if f.name != "project")


def measurement_to_json(measurement: Measurement) -> dict[str, Any]:
    """A measurement as JSON values."""
    plain = _plain(measurement)
    plain["purpose"] = asdict(measurement.purpose)
    plain["started_at"] = measurement.started_at.isoformat()
    plain["readings"] = [
        _plain(reading) | {"coordinate": asdict(reading.coordinate)}
        for reading in measurement.readings
    ]
    if measurement.provenance is not None:
        plain["provenance"] = provenance_to_json(measurement.provenance)
    for name in ("guarded", "telemetry"):
        if (seen := plain[name]) is not None:
            plain[name] = asdict(seen)
    return plain


def measurement_from_json(plain: Mapping[str, Any]) -> Measurement:
    """The measurement that ``measurement_to_json`` was given.

    Raises:
        ValueError, TypeError, KeyError: it is something else.
    """
    provenance = plain["provenance"]
    # lines that wait since before these were known have none
    guarded, telemetry = plain.get("guarded"), plain.get("telemetry")
    return Measurement(
        **{
            **plain,
            "state": State(plain["state"]),
            "purpose": Purpose(aim=Aim(plain["purpose"]["aim"]), key=plain["purpose"]["key"]),
            "started_at": datetime.fromisoformat(plain["started_at"]),
            "flags": tuple(plain["flags"]),
            "readings": tuple(map(_reading, plain["readings"])),
            "provenance": None if provenance is None else Provenance(**provenance),
            "guarded": None if guarded is None else Guarded(**guarded),
            "telemetry": None if telemetry is None else _telemetry(telemetry),
        }
    )


def provenance_to_json(provenance: Provenance) -> dict[str, Any]:
    """A provenance as JSON values."""
    return _plain(provenance) | {"extra": dict(provenance.extra)}


def coordinate_from_json(plain: Mapping[str, Any]) -> Coordinate:
    """A coordinate from its fields, parameters as pairs.

    Raises:
        ValueError: a field that must be known is empty.
    """
    return Coordinate(
        **{
            **plain,
            "parameters": tuple((name, value) for name, value in plain["parameters"]),
            "kind": Kind(plain["kind"]),
            "direction": Direction(plain["direction"]),
        }
    )


def _reading(plain: Mapping[str, Any]) -> Reading:
    return Reading(
        **{
            **plain,
            "coordinate": coordinate_from_json(plain["coordinate"]),
            "samples": tuple(plain["samples"]),
            "warmup": tuple(plain["warmup"]),
        }
    )


def _telemetry(plain: Mapping[str, Any]) -> Telemetry:
    channels = (
        Channel(
            **{
                **channel,
                "offsets": tuple(channel["offsets"]),
                "values": tuple(channel["values"]),
            }
        )
        for channel in plain["channels"]
    )
    return Telemetry(channels=tuple(channels), overhead=plain["overhead"])


def _plain(value: Measurement | Reading | Provenance) -> dict[str, Any]:
    """The fields alone: ``asdict`` would copy every sample."""
    return {field.name: getattr(value, field.name) for field in fields(value)}
