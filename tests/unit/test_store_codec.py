from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from tracker.model.canonical import canonical_json
from tracker.model.cells import Coordinate
from tracker.model.measurements import Measurement, Provenance, Reading, State
from tracker.model.suites import Direction, Kind
from tracker.model.telemetry import Channel, Guarded, Telemetry
from tracker.store.codec import measurement_from_json, measurement_to_json

numbers = st.floats(allow_nan=False, allow_infinity=False)
words = st.text(min_size=1, max_size=8)
texts = st.text(max_size=20)

coordinates = st.builds(
    Coordinate,
    project=words,
    suite=words,
    suite_hash=words,
    benchmark=words,
    parameters=st.lists(st.tuples(words, texts), max_size=3).map(tuple),
    kind=st.sampled_from(Kind),
    metric=words,
    unit=words,
    direction=st.sampled_from(Direction),
    exact=st.booleans(),
    harness=words,
    backend=words,
    precision=words,
    dataset=words,
    device=words,
    threads=st.integers(0, 512),
    python=words,
    environment_class=words,
    machine_class=words,
    profile=words,
)
readings = st.builds(
    Reading,
    coordinate=coordinates,
    samples=st.lists(numbers, min_size=1, max_size=5).map(tuple),
    loops=st.integers(1, 2**31 - 1),
    warmup=st.lists(numbers, max_size=5).map(tuple),
    value=numbers,
)
provenances = st.builds(
    Provenance,
    backend=words,
    precision=words,
    dataset=words,
    device=words,
    threads=st.integers(0, 512),
    python=words,
    imported_from=texts,
    load_before=numbers,
    load_after=numbers,
    extra=st.dictionaries(words, st.none() | st.booleans() | st.integers() | texts, max_size=3),
)
guarded = st.builds(
    Guarded,
    limit=texts,
    watched_by=words,
    peak_bytes=st.integers(0, 2**63 - 1),
    peak_device_bytes=st.integers(0, 2**63 - 1),
)
channels = st.builds(
    lambda name, unit, points: Channel(
        name=name,
        unit=unit,
        offsets=tuple(offset for offset, _ in points),
        values=tuple(value for _, value in points),
    ),
    name=words,
    unit=words,
    points=st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5),
)
telemetries = st.builds(
    Telemetry, channels=st.lists(channels, max_size=3).map(tuple), overhead=numbers
)
measurements = st.builds(
    Measurement,
    run=words,
    commit=words,
    build=words,
    cell=words,
    round=st.integers(0, 100),
    position=st.integers(0, 100),
    state=st.sampled_from(State),
    reason=texts,
    output=texts,
    started_at=st.datetimes(datetime(1970, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  the strategy adds the zone
    seconds=numbers,
    exit_code=st.none() | st.integers(-64, 255),
    readings=st.lists(readings, max_size=2).map(tuple),
    flags=st.lists(words, max_size=3).map(tuple),
    provenance=st.none() | provenances,
    guarded=st.none() | guarded,
    telemetry=st.none() | telemetries,
)


@given(measurements)
def test_a_measurement_survives_json(measurement: Measurement) -> None:
    text = canonical_json(measurement_to_json(measurement))
    assert "\n" not in text
    again = measurement_from_json(json.loads(text))
    assert again == measurement
    assert again.provenance is None or again.provenance.extra == measurement.provenance.extra  # type: ignore[union-attr]
    assert [r.coordinate.series for r in again.readings] == [
        r.coordinate.series for r in measurement.readings
    ]


@given(measurements)
def test_lines_from_before_telemetry_are_still_read(measurement: Measurement) -> None:
    plain = measurement_to_json(measurement)
    del plain["guarded"], plain["telemetry"]
    again = measurement_from_json(json.loads(canonical_json(plain)))
    assert again == replace(measurement, guarded=None, telemetry=None)
