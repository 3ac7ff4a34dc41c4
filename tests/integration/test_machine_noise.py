"""The noise of this machine, heard through real processes."""

from __future__ import annotations

from tracker.machine.fingerprint import usable_cores
from tracker.machine.noise_probe import Loudness, Setting, loudness, settings


def test_settings_are_tried_in_turns_and_summed_up() -> None:
    tried = settings(usable_cores()[-1:])
    told: list[tuple[int, int]] = []
    heard = loudness(tried, rounds=3, progress=lambda done, total: told.append((done, total)))
    assert [one.setting for one in heard] == list(tried)
    assert all(one.seconds > 0 and one.between >= 0 for one in heard)
    assert told[-1] == (3 * len(tried), 3 * len(tried))


def test_only_a_clear_difference_is_one() -> None:
    def heard(noise: float, number: int = 20) -> Loudness:
        return Loudness(setting=Setting(name="s"), seconds=1e-3, between=noise, processes=number)

    assert heard(0.0084).louder_than(heard(0.01)) == 1
    assert heard(0.004).louder_than(heard(0.01)) == 0.4
    assert heard(0.01).louder_than(heard(0.004)) == 2.5
    assert heard(0.0084, 2000).louder_than(heard(0.01, 2000)) == 0.84
    assert heard(0.01).louder_than(heard(0.0)) == 1
