"""Control groups, in trees of files that look like the kernel's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.errors import InfrastructureError
from tracker.machine.cgroup import V1, V2, Group, candidates


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


MOUNTED = "25 30 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"


def test_of_version_2_the_own_group_comes_before_its_parent(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "proc/self/cgroup": "0::/user.slice/app.slice/run-1.scope\n",
            "proc/self/mountinfo": MOUNTED,
            "sys/fs/cgroup/user.slice/app.slice/cgroup.subtree_control": "cpu memory pids\n",
            "sys/fs/cgroup/user.slice/app.slice/run-1.scope/cgroup.subtree_control": "\n",
        },
    )
    slice_ = root / "sys/fs/cgroup/user.slice/app.slice"
    assert list(candidates(root)) == [(slice_, V2)]
    write(slice_, {"run-1.scope/cgroup.subtree_control": "memory"})
    assert list(candidates(root)) == [(slice_ / "run-1.scope", V2), (slice_, V2)]


def test_where_version_2_has_no_memory_version_1_is_taken(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "proc/self/cgroup": "4:memory:/jobs/7\n2:cpuacct,cpu:/\n1:name=systemd:/\n0::/\n",
            "proc/self/mountinfo": "11 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
            "12 31 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
            "13 31 0:31 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
            "sys/fs/cgroup/unified/cgroup.subtree_control": "",
        },
    )
    assert list(candidates(root)) == [(root / "sys/fs/cgroup/memory/jobs/7", V1)]


def test_in_a_container_the_group_is_what_is_mounted(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "proc/self/cgroup": "4:memory:/docker/abc\n",
            "proc/self/mountinfo": "12 31 0:30 /docker/abc /sys/fs/cgroup/memory ro"
            " - cgroup cgroup rw,memory\n",
        },
    )
    assert list(candidates(root)) == [(root / "sys/fs/cgroup/memory", V1)]


def test_another_system_has_none(tmp_path: Path) -> None:
    assert list(candidates(tmp_path)) == []


def test_a_limit_of_version_2_is_for_all_of_a_group_and_leaves_no_way_to_the_swap(
    tmp_path: Path,
) -> None:
    write(tmp_path, {"memory.swap.max": "max", "memory.oom.group": "0"})
    Group(tmp_path, V2).limit(1 << 20)
    assert (tmp_path / "memory.max").read_text() == "1048576"
    assert (tmp_path / "memory.swap.max").read_text() == "0"
    assert (tmp_path / "memory.oom.group").read_text() == "1"


def test_a_kernel_without_swap_has_no_limit_for_it(tmp_path: Path) -> None:
    Group(tmp_path, V1).limit(1 << 20)
    assert [path.name for path in tmp_path.iterdir()] == ["memory.limit_in_bytes"]


@pytest.mark.parametrize(
    ("oom", "oom_kill", "exceeded"),
    [(0, 0, False), (3, 1, True), (2, 0, False), (0, 1, False)],
)
def test_only_a_kill_for_its_own_limit_counts(
    tmp_path: Path, oom: int, oom_kill: int, exceeded: bool
) -> None:
    events = f"low 0\nhigh 0\nmax {oom}\noom {oom}\noom_kill {oom_kill}\noom_group_kill 0\n"
    first = write(
        tmp_path / "1",
        {
            "memory.oom_control": f"oom_kill_disable 0\nunder_oom 0\noom_kill {oom_kill}\n",
            "memory.failcnt": f"{oom}\n",
        },
    )
    second = write(tmp_path / "2", {"memory.events": events})
    assert Group(first, V1).exceeded() is exceeded
    assert Group(second, V2).exceeded() is exceeded


def test_what_a_group_tells(tmp_path: Path) -> None:
    group = Group(
        write(
            tmp_path,
            {
                "memory.peak": "4096\n",
                "cpu.stat": "usage_usec 2500000\nuser_usec 1\n",
                "cgroup.procs": "12\n0\n13\n",
            },
        ),
        V2,
    )
    assert (group.peak_bytes(), group.cpu_seconds()) == (4096, 2.5)
    assert group.members() == [12, 13]  # 0 is one that cannot be seen from here


def test_what_a_kernel_does_not_tell_is_not_made_up(tmp_path: Path) -> None:
    assert Group(tmp_path, V2).peak_bytes() == 0
    assert Group(tmp_path, V2).cpu_seconds() is None
    assert Group(tmp_path, V1).cpu_seconds() is None


def test_a_group_that_stays_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.machine.cgroup._GRACE", 0.0)
    write(tmp_path, {"tracker-1-1/cgroup.procs": "7"})  # which rmdir refuses
    with pytest.raises(InfrastructureError, match="cannot be removed"):
        Group(tmp_path / "tracker-1-1", V2).remove()
    Group(tmp_path / "gone", V2).remove()
