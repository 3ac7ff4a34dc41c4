"""Programs that take too much, and what is seen of those that do not."""

import itertools
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from tracker.errors import ConfigurationError
from tracker.machine import cgroup, nvidia, telemetry
from tracker.machine.launch import launch
from tracker.machine.program import Ended, Limits, Program
from tracker.machine.sensed import Sensed

MiB = 1 << 20

REPORT = "import os, json; fd = int(os.environ['TRACKER_RESULTS_FD'])\n"


@pytest.fixture(params=["cgroup", "looks"])
def watched_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Memory is watched in both ways, where both are there."""
    if request.param == "looks":
        monkeypatch.setattr(cgroup, "_place", lambda: None)
    elif cgroup._place() is None:
        pytest.skip("this user can make no control group with a limit on memory")
    return str(request.param)


def run(home: Path, code: str, *, memory: int = 0, **options: Any) -> Ended:
    program = Program(
        argv=[sys.executable, "-c", textwrap.dedent(code)],
        limits=Limits(timeout=60, memory_bytes=memory),
        home=home,
        **options,
    )
    return launch(program)


def is_gone(pid: int) -> bool:
    """Whether a process is gone, but for a parent that has not noticed."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_eating_memory_ends_it(tmp_path: Path, watched_by: str) -> None:
    ended = run(
        tmp_path,
        """
        import time
        hoard = []
        while True:
            hoard.append(b'x' * (4 << 20)); time.sleep(0.002)
        """,
        memory=150 * MiB,
    )
    assert (ended.how, ended.exit_code) == ("memory", -9)
    assert (ended.guarded.limit, ended.guarded.watched_by) == ("memory", watched_by)
    assert ended.guarded.peak_bytes >= 150 * MiB


def test_the_memory_of_children_counts(tmp_path: Path, watched_by: str) -> None:
    ended = run(
        tmp_path,
        """
        import subprocess, sys
        eat = "hoard = b'x' * (60 << 20); import time; time.sleep(1000)"
        children = [subprocess.Popen([sys.executable, "-c", eat]) for _ in range(4)]
        for child in children: child.wait()
        """,
        memory=180 * MiB,
    )
    assert (ended.how, ended.guarded.watched_by) == ("memory", watched_by)


def test_a_child_that_eats_memory_ends_who_waits_for_others(
    tmp_path: Path, watched_by: str
) -> None:
    ended = run(
        tmp_path,
        """
        import subprocess, sys, time
        eat = "import time; hoard = []\\nwhile True: hoard.append(b'x' * 4194304); time.sleep(.01)"
        subprocess.Popen([sys.executable, "-c", eat])
        time.sleep(1000)
        """,
        memory=150 * MiB,
    )
    assert ended.how == "memory"


def test_memory_that_forks_share_counts_once(tmp_path: Path, watched_by: str) -> None:
    ended = run(
        tmp_path,
        """
        import os, time
        shared = b"x" * (100 << 20)
        children = [os.fork() for _ in range(2)]
        time.sleep(2)
        """,
        memory=250 * MiB,
        interval=0.05,
    )
    assert (ended.how, ended.exit_code) == ("exited", 0)
    assert ended.guarded.limit == ""
    assert ended.guarded.peak_bytes > 250 * MiB


def test_nobody_leaves_a_control_group_and_nothing_of_it_stays(tmp_path: Path) -> None:
    place = cgroup._place()
    if place is None:
        pytest.skip("this user can make no control group with a limit on memory")
    ended = run(
        tmp_path,
        REPORT
        + """if True:
            import time
            while "tracker-" not in open("/proc/self/cgroup").read(): time.sleep(0.01)
            told, tell = os.pipe()
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.write(fd, json.dumps({"pid": os.getpid()}).encode())
                    os.write(tell, b".")
                    os.execve("/bin/sleep", ["sleep", "1000"], {})
                os._exit(0)
            os.read(told, 1)
        """,
        memory=500 * MiB,
    )
    assert ended.how == "exited"
    assert list(place[0].glob(f"tracker-{os.getpid()}-*")) == []
    assert is_gone(ended.lines[0]["pid"])


def test_what_a_process_takes_is_recorded(tmp_path: Path, watched_by: str) -> None:
    ended = run(
        tmp_path,
        REPORT
        + """if True:
            import time
            hoard = b"x" * (80 << 20)
            while time.process_time() < 0.5: pass
            time.sleep(1)
            os.write(fd, json.dumps({"cpu": time.process_time()}).encode())
        """,
        memory=500 * MiB,
        interval=0.05,
    )
    (said,) = ended.lines
    cpu, memory = ended.telemetry.channel("cpu_time"), ended.telemetry.channel("memory")
    assert cpu is not None
    assert memory is not None
    assert cpu.growth == pytest.approx(said["cpu"], abs=0.2)
    assert cpu.values == tuple(sorted(cpu.values))
    assert max(memory.values) > 80 * MiB
    assert min(memory.values) > 0
    assert cpu.offsets[0] < memory.offsets[0] < ended.seconds
    assert cpu.offsets[-1] >= 1
    assert 0 < ended.telemetry.overhead < ended.seconds
    assert ended.suspended_seconds < 1


def test_others_are_told_from_the_process_itself(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as hog:
        try:
            # what the hog takes meanwhile: how long it takes to start and to end is anybody's guess
            ended = run(
                tmp_path,
                REPORT
                + f"""if True:
                    import psutil, time
                    taken = lambda: sum(psutil.Process({hog.pid}).cpu_times()[:2])
                    before = taken()
                    while time.process_time() < 1: pass
                    os.write(fd, json.dumps({{"hog": taken() - before}}).encode())
                """,
                interval=0.1,
            )
        finally:
            hog.kill()
    others = ended.telemetry.channel("other_cpu_time")
    assert others is not None
    assert others.growth > ended.lines[0]["hog"] - 0.3


def test_a_process_that_is_over_at_once_has_been_read(tmp_path: Path) -> None:
    ended = run(tmp_path, "pass", interval=1.0)
    cpu = ended.telemetry.channel("cpu_time")
    assert cpu is not None
    assert len(cpu.values) == 2
    assert cpu.growth >= 0


def test_the_limit_on_time_is_told(tmp_path: Path) -> None:
    ended = launch(
        Program(
            argv=[sys.executable, "-c", "import time; time.sleep(1000)"],
            limits=Limits(timeout=0.3),
            home=tmp_path,
        )
    )
    assert (ended.how, ended.guarded.limit) == ("timed-out", "wall-time")


def test_a_limit_that_nothing_can_watch_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nvidia, "library", lambda: None)
    program = Program(
        argv=[sys.executable, "-c", "import time; time.sleep(1000)"],
        limits=Limits(device_memory_bytes=1),
        home=tmp_path,
    )
    with pytest.raises(ConfigurationError) as caught:
        launch(program)
    assert caught.value.problems[0].where == "policy.device_memory_bytes"


def test_more_of_a_device_than_allowed_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = itertools.count(5 * MiB, 2 * MiB)

    def read(_core: int | None) -> list[Sensed]:
        return [Sensed("gpu0_memory", "bytes", next(used))]

    monkeypatch.setattr(nvidia, "library", object)
    monkeypatch.setattr(telemetry, "sensors", lambda: SimpleNamespace(read=read))
    program = Program(
        argv=[sys.executable, "-c", "import time; time.sleep(1000)"],
        limits=Limits(device_memory_bytes=3 * MiB),
        home=tmp_path,
    )
    ended = launch(program)
    assert (ended.how, ended.guarded.limit) == ("device-memory", "device-memory")
    assert ended.guarded.peak_device_bytes >= 4 * MiB
