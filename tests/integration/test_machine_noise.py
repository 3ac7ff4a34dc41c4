"""The noise of this machine, heard through real processes."""

from __future__ import annotations

from tracker.machine.fingerprint import usable_cores
from tracker.machine.noise_probe import loudness, settings


def test_settings_are_tried_in_turns_and_summed_up() -> None:
    tried = settings(usable_cores()[-1:])
    told: list[tuple[int, int]] = []
    heard = loudness(tried, rounds=3, progress=lambda done, total: told.append((done, total)))
    assert [one.setting for one in heard] == list(tried)
    assert all(one.seconds > 0 and one.between >= 0 for one in heard)
    assert told[-1] == (3 * len(tried), 3 * len(tried))
