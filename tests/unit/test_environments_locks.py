"""Whether a lock satisfies a requirement."""

from __future__ import annotations

import pytest

from tests.unit.test_environments_declared import LINUX_311
from tracker.environments.locks import lock_text, satisfies
from tracker.model.environments import EnvironmentClass

LOCKED = EnvironmentClass(
    recipe="pinned",
    python="3.11",
    lock="attrs==23.1.0\nbeta==2.0rc1\ndirect @ https://example.org/direct-1.0.zip\nuvicorn==0.30",
    requires=("attrs", "beta>=2.0rc1", "direct @ https://example.org/direct-1.0.zip"),
)


@pytest.mark.parametrize(
    ("requirement", "satisfied"),
    [
        ("attrs", True),
        ("Attrs>=22,<24", True),
        ("attrs>23.1", False),
        ("beta>=1", True),
        ("missing", False),
        ("missing; sys_platform == 'win32'", True),
        ("uvicorn[standard]", False),
        ("direct", True),
        ("direct>=1", False),
        ("direct @ https://example.org/direct-1.0.zip", True),
        ("direct @ https://example.org/direct-2.0.zip", False),
        ("attrs @ https://example.org/attrs.zip", False),
    ],
)
def test_a_lock_satisfies_what_packaging_says(requirement: str, satisfied: bool) -> None:
    assert satisfies(LOCKED, [requirement], LINUX_311) is satisfied


def test_an_empty_lock_satisfies_who_needs_nothing() -> None:
    nothing = EnvironmentClass(recipe="pinned", python="3.11")
    assert satisfies(nothing, [], LINUX_311)
    assert not satisfies(nothing, ["attrs"], LINUX_311)


def test_extras_count_when_they_were_resolved() -> None:
    with_extras = EnvironmentClass(
        recipe="pinned", python="3.11", lock="uvicorn==0.30", requires=("uvicorn[standard]>=0.2",)
    )
    assert satisfies(with_extras, ["uvicorn[standard]"], LINUX_311)


def test_the_project_itself_is_not_in_its_lock() -> None:
    assert lock_text(["b==1", "My.Thing==2", "a==1"], {"my-thing"}) == "a==1\nb==1"
