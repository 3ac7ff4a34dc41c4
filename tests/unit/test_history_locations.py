from __future__ import annotations

from pathlib import Path

import pytest

from tracker.errors import RepositoryError
from tracker.history.locations import Source, locate


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("https://example.org/group/project.git", "project"),
        ("https://example.org/group/project/", "project"),
        ("ssh://git@example.org:2222/~/project", "project"),
        ("git@example.org:group/größe.git", "größe"),
        ("example.org:project", "project"),
    ],
)
def test_addresses_of_servers(tmp_path: Path, location: str, name: str) -> None:
    assert locate(location, tmp_path) == Source(address=location, name=name, local=False)


def test_every_address_has_a_readable_directory_of_its_own() -> None:
    one = Source(address="https://example.org/a/größe.git", name="größe", local=False).slug
    other = Source(address="https://example.org/b/größe.git", name="größe", local=False).slug
    assert one != other
    assert one.startswith("gr-e-")
    assert Source(address="/", name="..", local=True).slug.startswith("repository-")


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("ext::sh -c evil", "repository.protocol"),
        ("EXT::sh -c evil", "repository.protocol"),
        ("fd::3", "repository.protocol"),
        ("evil://example.org/x", "repository.protocol"),
        ("ftp://example.org/x", "repository.protocol"),
        ("--config=x", "repository.location"),
        ("missing", "repository.missing"),
        ("file:///missing/größe", "repository.missing"),
    ],
)
def test_what_is_refused(tmp_path: Path, location: str, code: str) -> None:
    with pytest.raises(RepositoryError) as caught:
        locate(location, tmp_path)
    assert caught.value.code == code
    assert caught.value.hint
