"""Time a commit that is not inside a benchmark, beside a floor and beside asv.

One generated history of 30 commits, all with changed code, and the same four benchmarks
for everyone. Caches are warm: each tool has built another history of the same kind before.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.figures.desk import NO_BENCHMARKING, opened
from benchmarks.figures.figure import Figure
from tests.support.histories import SampleHistory, sample_project, write_asv_suite, write_suite

COMMITS = 30
UV = shutil.which(
    "uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
)

#: one process that runs the four benchmarks once: the least that anyone can do
ONE_PROCESS = (
    "from sample import work\nfor f in (work.parse, work.render, work.search, work.load): f()"
)

_BUILT = "--out-dir {build_cache_dir} {build_dir}"


def measure(directory: Path) -> list[Figure]:
    """Seconds a commit: the tracker, the floor, asv by default, asv told to use uv."""
    warm = sample_project(directory / "warm", commits=2, changes={1: 1.01})
    history = sample_project(directory / "history", commits=COMMITS)
    floor = _floor(directory, history)
    ours = _tracker(directory, warm, history)
    tuned = _asv(directory / "tuned", history, tuned=True)
    default = _asv(directory / "default", history, tuned=False)
    parts = {"tracker": ours, "floor": floor, "asv tuned to uv": tuned, "asv": default}
    return [
        Figure(
            name="overhead a commit / floor", value=ours / floor, unit="×", target=1.2, parts=parts
        ),
        Figure(name="overhead a commit / asv", value=ours / default, unit="×", target=1 / 6),
        Figure(name="overhead a commit / asv tuned", value=ours / tuned, unit="×", target=1.0),
    ]


def _tracker(directory: Path, warm: SampleHistory, history: SampleHistory) -> float:
    with opened(directory) as desk:
        suite = write_suite(directory / "suite.py")
        desk.configure("warm", warm.path, suite)
        desk.tracker("run", "ALL", *NO_BENCHMARKING)
        desk.configure("measured", history.path, suite)
        start = time.perf_counter()
        desk.tracker("run", "ALL", *NO_BENCHMARKING)
        return (time.perf_counter() - start) / COMMITS


def _floor(directory: Path, history: SampleHistory) -> float:
    """git worktree add, uv venv, a wheel by a ready interpreter, install, one process."""
    builder = directory / "builder"
    _call([UV, "venv", "--python", sys.executable, builder])
    _call([UV, "pip", "install", "--python", builder / "bin/python", "setuptools>=61"])
    start = time.perf_counter()
    for number, sha in enumerate(history.commits):
        tree, made = directory / f"floor-{number}", directory / f"floor-venv-{number}"
        _call(["git", "worktree", "add", "--detach", tree, sha], cwd=history.path)
        _call([UV, "venv", "--python", sys.executable, made])
        wheels = tree / "wheels"
        wheels.mkdir()
        build = f"from setuptools import build_meta as b; b.build_wheel({str(wheels)!r})"
        _call([builder / "bin/python", "-c", build], cwd=tree / history.subdirectory)
        (wheel,) = wheels.glob("*.whl")
        _call([UV, "pip", "install", "--python", made / "bin/python", "--no-deps", wheel])
        _call([made / "bin/python", "-c", ONE_PROCESS])
    return (time.perf_counter() - start) / COMMITS


def _asv(directory: Path, history: SampleHistory, *, tuned: bool) -> float:
    """asv over the same commits: as it comes, or told to use uv for everything it can."""
    directory.mkdir()
    write_asv_suite(directory, repository=str(history.path))
    path = directory / "asv.conf.json"
    path.write_text(json.dumps(asv_configuration(path, tuned=tuned)))
    asv = [sys.executable, "-m", "asv"]
    _call([*asv, "machine", "--yes"], cwd=directory)
    # the environment and the discovery of benchmarks are not counted: they happen once
    commits = directory / "commits.txt"
    commits.write_text(f"{history.commits[0]}\n")
    run = [*asv, "run", "--quick", f"HASHFILE:{commits}"]
    _call(run, cwd=directory)
    commits.write_text("".join(f"{sha}\n" for sha in history.commits[1:]))
    start = time.perf_counter()
    _call(run, cwd=directory)
    return (time.perf_counter() - start) / (COMMITS - 1)


def asv_configuration(path: Path, *, tuned: bool) -> dict[str, Any]:
    """A suite's configuration for virtual environments, by default or told to use uv for all."""
    configuration = json.loads(path.read_text()) | {"environment_type": "virtualenv"}
    python = "{env_dir}/bin/python"
    if tuned:
        configuration |= {
            "build_command": [
                f"{UV} build --wheel --no-build-isolation --python {python} {_BUILT}"
            ],
            "install_command": [f"{UV} pip install --python {python} --no-deps {{wheel_file}}"],
            "uninstall_command": [
                f"return-code=any {UV} pip uninstall --python {python} {{project}}"
            ],
            "matrix": {"req": {"setuptools": [""], "wheel": [""]}},
        }
    return dict(configuration)


def _call(command: Sequence[object], cwd: Path | None = None) -> None:
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{command} failed:\n{done.stdout}\n{done.stderr}")
