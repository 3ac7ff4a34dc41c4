"""Which machine this is, and everything about it that could move a number."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

import psutil

from tracker.model.canonical import digest
from tracker.model.machines import Machine

#: what a fact says where the machine has no such thing
NONE = "none"

#: facts that decide the class: numbers of machines that differ here are never compared
CLASS_FACTS = (
    *("cpu", "cpu_id", "physical_cores", "logical_cores", "memory_gib", "architecture", "gpu"),
)

_CPU = "sys/devices/system/cpu"


def identify(name: str = "", *, root: Path = Path("/")) -> Machine:
    """Read the machine's facts, each as text; ``"none"`` where it has no such thing.

    The class is the given name, or else a readable summary of the facts that decide it
    with a short hash of them. ``root`` is where ``proc`` and ``sys`` are.
    """
    gpu, driver = _gpu()
    processor = _processor(root)
    facts = {
        "cpu": processor["model name"],
        "cpu_id": "-".join(processor[key] for key in ("cpu family", "model", "stepping")),
        "physical_cores": str(psutil.cpu_count(logical=False) or psutil.cpu_count() or 1),
        "logical_cores": str(psutil.cpu_count() or 1),
        "usable_cores": str(len(usable_cores())),
        "memory_gib": str(max(1, round(psutil.virtual_memory().total / 2**30))),
        "architecture": platform.machine(),
        "gpu": gpu,
        "gpu_driver": driver,
        "os": _system(),
        "kernel": platform.release(),
        "libc": " ".join(part for part in platform.libc_ver() if part) or NONE,
        "governor": _text(root / _CPU / "cpu0/cpufreq/scaling_governor"),
        "max_khz": _text(root / _CPU / "cpu0/cpufreq/scaling_max_freq"),
        "turbo": _turbo(root),
        "smt": _switch(root / _CPU / "smt/active"),
        "isolated_cores": _text(root / _CPU / "isolated"),
        "clock_source": _text(
            root / "sys/devices/system/clocksource/clocksource0/current_clocksource"
        ),
        "thermal_zones": _thermal_zones(root),
        "huge_pages": _chosen(_text(root / "sys/kernel/mm/transparent_hugepage/enabled")),
        "address_randomization": _text(root / "proc/sys/kernel/randomize_va_space"),
        "cpu_quota": _text(root / "sys/fs/cgroup/cpu.max"),
        "container": _container(root),
        "virtualization": _virtualization(root, processor["flags"]),
    }
    return Machine(
        name=name or platform.node() or "this-machine",
        machine_class=_slug(name) if name else _class(facts),
        facts=facts,
    )


def load() -> float:
    """Return the load average over one minute; 0 where the system does not keep one."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def _class(facts: dict[str, str]) -> str:
    deciding = {name: facts[name] for name in CLASS_FACTS}
    readable = _slug(
        f"{facts['cpu']} {facts['logical_cores']}c {facts['memory_gib']}g"
        + (f" {facts['gpu']}" if facts["gpu"] != NONE else "")
    )
    return f"{readable}-{digest(deciding)[:8]}"


def _slug(text: str) -> str:
    plain = re.sub(r"\((r|tm|c)\)|@ *[\d.]+ *[gm]hz|\b(cpu|processor)\b", " ", text.lower())
    return re.sub(r"[^\w.]+", "-", plain).strip("-") or "machine"


def _text(path: Path) -> str:
    try:
        return " ".join(path.read_text(encoding="utf-8", errors="replace").split()) or NONE
    except OSError:
        return NONE


def _switch(path: Path, *, on: str = "1") -> str:
    text = _text(path)
    if text == NONE:
        return NONE
    return "on" if text == on else "off"


def _turbo(root: Path) -> str:
    intel = _switch(root / _CPU / "intel_pstate/no_turbo", on="0")
    return intel if intel != NONE else _switch(root / _CPU / "cpufreq/boost")


def _chosen(choices: str) -> str:
    """Return the word in brackets, as the kernel writes a choice among several."""
    found = re.search(r"\[(.+?)\]", choices)
    return found.group(1) if found else choices


def _processor(root: Path) -> dict[str, str]:
    """Fields of the first processor in /proc/cpuinfo, in the names of x86."""
    fields = dict.fromkeys(("cpu family", "model", "stepping", "flags"), NONE)
    fields["model name"] = platform.processor() or platform.machine()
    try:
        text = (root / "proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return fields
    arm = {"cpu implementer": "cpu family", "cpu part": "model", "cpu revision": "stepping"}
    for line in text.split("\n\n")[0].splitlines():
        key, _, value = (part.strip() for part in line.partition(":"))
        name = arm.get(key.lower(), key)
        if name in fields and value:
            fields[name] = " ".join(value.split())
    return fields


def usable_cores() -> tuple[int, ...]:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return tuple(sorted(os.sched_getaffinity(0)))
    return tuple(range(os.cpu_count() or 1))


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return f"{platform.system()} {platform.mac_ver()[0] or platform.version()}".strip()


def _thermal_zones(root: Path) -> str:
    zones = {_text(path) for path in root.glob("sys/class/thermal/thermal_zone*/type")}
    return ",".join(sorted(zones)) or NONE


def _gpu() -> tuple[str, str]:
    """Names of the GPUs and their driver's version, as nvidia-smi tells them."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return NONE, NONE
    query = [program, "--query-gpu=name,driver_version", "--format=csv,noheader"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return NONE, NONE  # the program without a device that answers
    return _gpus(answer.stdout)


def _gpus(table: str) -> tuple[str, str]:
    rows = [[cell.strip() for cell in line.rsplit(",", 1)] for line in table.splitlines() if line]
    if not rows:
        return NONE, NONE
    names = [row[0] for row in rows]
    shown = [f"{names.count(n)}x {n}" if names.count(n) > 1 else n for n in sorted(set(names))]
    return ", ".join(shown), ", ".join(sorted({row[-1] for row in rows}))


def _container(root: Path) -> str:
    told = _text(root / "run/systemd/container")
    if told != NONE:
        return told
    for mark, name in ((".dockerenv", "docker"), ("run/.containerenv", "podman")):
        if (root / mark).exists():
            return name
    groups = _text(root / "proc/1/cgroup")
    return next((name for name in ("kubepods", "docker", "lxc") if name in groups), NONE)


def _virtualization(root: Path, flags: str) -> str:
    if "hypervisor" not in flags.split():
        return NONE
    told = [_text(root / "sys/hypervisor/type"), _text(root / "sys/class/dmi/id/product_name")]
    return next((name for name in told if name != NONE), "virtual machine")
