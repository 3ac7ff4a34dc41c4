from pathlib import Path

import pytest

from tracker.machine import fingerprint
from tracker.machine.fingerprint import identify, load

CPUINFO = """\
processor\t: 0
vendor_id\t: GenuineIntel
cpu family\t: 6
model\t\t: 142
model name\t: Intel(R) Core(TM) i7-8550U CPU @ 1.80GHz
stepping\t: 10
flags\t\t: fpu sse2 hypervisor

processor\t: 1
model name\t: another
"""


def place(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


def test_this_machine_has_no_empty_and_no_unknown_fact() -> None:
    machine = identify()
    assert machine.name
    assert all(isinstance(value, str) and value for value in machine.facts.values())
    assert "unknown" not in machine.facts.values()
    assert load() >= 0


def test_the_same_machine_is_the_same_twice() -> None:
    assert identify() == identify()
    assert identify().fingerprint == identify().fingerprint


def test_facts_are_read_where_the_system_keeps_them(tmp_path: Path) -> None:
    place(tmp_path, "proc/cpuinfo", CPUINFO)
    place(tmp_path, "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n")
    place(tmp_path, "sys/devices/system/cpu/intel_pstate/no_turbo", "0\n")
    place(tmp_path, "sys/devices/system/cpu/smt/active", "1\n")
    place(tmp_path, "sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n")
    place(tmp_path, "sys/class/thermal/thermal_zone0/type", "x86_pkg_temp\n")
    place(tmp_path, "sys/class/dmi/id/product_name", "Standard PC\n")
    place(tmp_path, "run/.containerenv", "")
    machine = identify(root=tmp_path)
    expected = {
        "cpu": "Intel(R) Core(TM) i7-8550U CPU @ 1.80GHz",
        "cpu_id": "6-142-10",
        "governor": "powersave",
        "turbo": "on",
        "smt": "on",
        "huge_pages": "madvise",
        "thermal_zones": "x86_pkg_temp",
        "virtualization": "Standard PC",
        "container": "podman",
    }
    assert {name: machine.facts[name] for name in expected} == expected
    assert machine.machine_class.startswith("intel-core-i7-8550u-")


def test_what_a_machine_lacks_is_none(tmp_path: Path) -> None:
    facts = identify(root=tmp_path).facts
    for name in ("governor", "turbo", "smt", "container", "virtualization", "clock_source"):
        assert facts[name] == "none"


def test_a_governor_changes_the_fingerprint_and_not_the_class(tmp_path: Path) -> None:
    place(tmp_path, "proc/cpuinfo", CPUINFO)
    before = identify(root=tmp_path)
    place(tmp_path, "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n")
    after = identify(root=tmp_path)
    assert before.machine_class == after.machine_class
    assert before.fingerprint != after.fingerprint


def test_another_processor_is_another_class(tmp_path: Path) -> None:
    place(tmp_path, "proc/cpuinfo", CPUINFO)
    before = identify(root=tmp_path)
    place(tmp_path, "proc/cpuinfo", CPUINFO.replace(": 142", ": 158"))
    assert identify(root=tmp_path).machine_class != before.machine_class


def test_a_given_name_is_the_class() -> None:
    machine = identify("Büro 2")
    assert machine.name == "Büro 2"
    assert machine.machine_class == "büro-2"


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("", ("none", "none")),
        ("NVIDIA A100, 550.54\n", ("NVIDIA A100", "550.54")),
        ("A, 1\nB, 1\nA, 1\n", ("2x A, B", "1")),
    ],
)
def test_gpus(table: str, expected: tuple[str, str]) -> None:
    assert fingerprint._gpus(table) == expected
