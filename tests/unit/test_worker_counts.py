import pytest

from tracker.worker import counts
from tracker.worker.counts import NotCounted, count_work, counted_apart, instructions
from tracker.worker.task import Task


def loop(times: int) -> int:
    total = 0
    for i in range(times):
        total += i
    return total


def test_doing_nothing_is_nothing() -> None:
    assert instructions(counts._nothing) == 0


def test_twice_the_work_is_twice_the_count() -> None:
    ten, twenty, thirty = (instructions(lambda n=n: loop(n)) for n in (10, 20, 30))  # type: ignore[misc]
    assert thirty - twenty == twenty - ten > 0


def test_the_same_work_is_the_same_count() -> None:
    assert len({instructions(lambda: loop(50)) for _ in range(5)}) == 1


def test_both_ways_of_counting_see_the_same_loop() -> None:
    ten, twenty = (counts._traced(lambda n=n: loop(n)) for n in (10, 20))  # type: ignore[misc]
    assert twenty > ten


class Prepared(Task):
    def __init__(self, each: bool) -> None:
        self.setup_each_sample = each
        self.log = ""
        self.call = self.work

    def setup(self) -> None:
        self.log += "("

    def teardown(self) -> None:
        self.log += ")"

    def work(self) -> None:
        self.log += "."


@pytest.mark.parametrize(("each", "log"), [(False, "(...)"), (True, "(.)(.)(.)")])
def test_counting_prepares_as_timing_does(
    each: bool, log: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "end_with_parent", lambda: None)
    task = Prepared(each)
    names = [reading["metric"] for reading in count_work(task, ["instructions", "allocations"])]
    assert names == ["instructions", "allocated_memory"]
    assert task.log == log


def test_what_would_take_too_long_is_not_started() -> None:
    with pytest.raises(NotCounted, match="too long to count"):
        counted_apart("nowhere.json", {}, call_seconds=60, limit=30)
