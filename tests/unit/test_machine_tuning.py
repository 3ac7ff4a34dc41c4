"""What could be tuned is told as it is; writing it is a step of its own that can be undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.machine.tuning import Knob, isolated, knobs, turned

CPUS = "sys/devices/system/cpu"


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def found(tmp_path: Path) -> dict[str, Knob]:
    write(
        tmp_path,
        {
            f"{CPUS}/online": "0-3\n",
            f"{CPUS}/isolated": "\n",
            f"{CPUS}/cpu0/cpufreq/scaling_governor": "powersave\n",
            f"{CPUS}/cpu1/cpufreq/scaling_governor": "performance\n",
            f"{CPUS}/intel_pstate/no_turbo": "0\n",
            "proc/sys/kernel/randomize_va_space": "2\n",
        },
    )
    return {knob.name: knob for knob in knobs(tmp_path)}


def test_each_setting_says_what_it_is_and_what_is_best(found: dict[str, Knob]) -> None:
    assert found["CPU governor"].now == "performance, powersave"
    assert not found["CPU governor"].is_set
    assert found["CPU governor"].is_allowed
    assert found["turbo off"].wanted == "1"
    assert found["address randomization"].is_set
    assert not found["perf sampling rate"].is_there
    assert not found["isolated processors"].is_allowed
    assert "isolcpus=3" in found["isolated processors"].advice


def test_reading_changes_nothing_and_turning_can_be_undone(found: dict[str, Knob]) -> None:
    governor = found["CPU governor"]
    texts = [file.read_text() for file in governor.files]
    assert texts == ["powersave\n", "performance\n"]
    before = list(turned(governor))
    assert {file.read_text() for file in governor.files} == {"performance"}
    assert [text for _, text in before] == ["powersave", "performance"]


def test_processors_are_read_as_the_kernel_writes_them(tmp_path: Path) -> None:
    write(tmp_path, {f"{CPUS}/isolated": "2-3,7\n"})
    assert isolated(tmp_path) == (2, 3, 7)
    assert isolated(tmp_path / "nowhere") == ()


def test_a_system_without_settings_has_none(tmp_path: Path) -> None:
    assert not any(knob.is_there and knob.is_allowed for knob in knobs(tmp_path))
