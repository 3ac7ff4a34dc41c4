"""Things made once: among threads, after crashes, and when room is needed."""

from __future__ import annotations

import errno
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tracker.environments.eviction import Eviction
from tracker.environments.locking import Taken, discard, hold
from tracker.environments.shelf import Shelf
from tracker.errors import DiskFullError, InfrastructureError


def maker(content: str = "x", *, size: int = 10) -> Any:
    def make(path: Path) -> dict[str, Any]:
        path.mkdir()
        (path / "file").write_text(content)
        return {"bytes": size, "content": content}

    return make


def never(path: Path) -> dict[str, Any]:
    raise AssertionError("made twice")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "a shelf é")


def put(shelf: Shelf, key: str, *, used: float, size: int = 10) -> None:
    with shelf.holding(key, maker(size=size)) as kept:
        pass
    os.utime(kept.path / ".tracker.json", (used, used))


def keys(shelf: Shelf) -> set[str]:
    return {weight.key for weight in shelf.weights()}


def test_an_entry_is_made_once(shelf: Shelf) -> None:
    with shelf.holding("a", maker("first")) as kept:
        assert (kept.path / "file").read_text() == "first"
    with shelf.holding("a", never) as again:
        assert again.facts == {"bytes": 10, "content": "first"}


def test_many_threads_make_an_entry_once(shelf: Shelf) -> None:
    made = []

    def make(path: Path) -> dict[str, Any]:
        made.append(path)
        time.sleep(0.02)
        facts: dict[str, Any] = maker()(path)
        return facts

    def use(_: int) -> bool:
        with shelf.holding("a", make) as kept:
            return (kept.path / "file").exists()

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(use, range(16)))
    assert len(made) == 1


def test_what_fails_leaves_nothing(shelf: Shelf) -> None:
    def fail(path: Path) -> dict[str, Any]:
        path.mkdir()
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"), shelf.holding("a", fail):
        pass
    assert not shelf.path("a").exists()
    with shelf.holding("a", maker()) as kept:
        assert kept.path.exists()


@pytest.mark.parametrize(
    ("number", "expected"), [(errno.ENOSPC, DiskFullError), (errno.EIO, InfrastructureError)]
)
def test_the_machines_faults_are_errors(
    shelf: Shelf, number: int, expected: type[Exception]
) -> None:
    def fail(path: Path) -> dict[str, Any]:
        raise OSError(number, os.strerror(number))

    with pytest.raises(expected), shelf.holding("a", fail):
        pass


def test_what_a_crash_left_half_made_is_swept_and_made_again(shelf: Shelf) -> None:
    put(shelf, "whole", used=1)
    half = shelf.path("half")
    (half / "deep").mkdir(parents=True)
    (half / "deep").chmod(0o555)
    shelf.path("gone.lock").touch()
    shelf.sweep()
    assert {path.name for path in shelf.path("").iterdir()} == {"whole", "whole.lock"}


def test_half_made_entries_are_never_used(shelf: Shelf) -> None:
    shelf.path("a").mkdir(parents=True)
    (shelf.path("a") / "file").write_text("half")
    with shelf.held("a") as kept:
        assert kept is None
    with shelf.holding("a", maker("whole")) as kept:
        assert (kept.path / "file").read_text() == "whole"


def test_a_marker_cut_short_is_no_marker(shelf: Shelf) -> None:
    put(shelf, "a", used=1)
    (shelf.path("a") / ".tracker.json").write_text("{")
    with shelf.holding("a", maker("again")) as kept:
        assert (kept.path / "file").read_text() == "again"


def test_the_least_recently_used_go_first(shelf: Shelf, tmp_path: Path) -> None:
    other = Shelf(tmp_path / "other")
    put(shelf, "old", used=1)
    put(other, "older", used=0)
    put(shelf, "new", used=2)
    Eviction([shelf, other], limit=30)
    with shelf.holding("newest", maker()):
        pass
    assert keys(shelf) == {"old", "new", "newest"}
    assert keys(other) == set()


def test_what_is_in_use_stays(shelf: Shelf) -> None:
    put(shelf, "used", used=1)
    put(shelf, "unused", used=2)
    freed = []
    Eviction([shelf], limit=5, also=lambda: freed.append(True))
    with shelf.held("used"), shelf.holding("new", maker()):
        assert keys(shelf) == {"used", "new"}
    assert freed


def test_use_makes_an_entry_recent(shelf: Shelf) -> None:
    put(shelf, "a", used=1)
    put(shelf, "b", used=2)
    with shelf.held("a"):
        pass
    Eviction([shelf], limit=20)
    with shelf.holding("c", maker()):
        pass
    assert keys(shelf) == {"a", "c"}


def test_a_lock_is_alone_or_shared(tmp_path: Path) -> None:
    lock = tmp_path / "deep" / "a.lock"
    many = hold(lock, shared=True), hold(lock, shared=True)
    with many[0], many[1], pytest.raises(Taken), hold(lock, wait=False):
        pass
    with hold(lock), pytest.raises(Taken), hold(lock, shared=True, wait=False):
        pass


def test_who_waits_for_a_discarded_lock_gets_a_new_one(tmp_path: Path) -> None:
    lock = tmp_path / "a.lock"
    waiting, done = threading.Event(), threading.Event()

    def wait() -> None:
        waiting.set()
        with hold(lock):
            assert lock.exists()
        done.set()

    with hold(lock):
        thread = threading.Thread(target=wait)
        thread.start()
        waiting.wait()
        discard(lock)
    thread.join(5)
    assert done.is_set()
