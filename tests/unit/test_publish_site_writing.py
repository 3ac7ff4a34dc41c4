"""How a site reaches a directory."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import reports
from tracker.errors import DiskFullError, InfrastructureError, UsageError
from tracker.publish.site.contents import Site
from tracker.publish.site.files import File, files
from tracker.publish.site.writing import Written, check, write


def of(commits: int) -> list[File]:
    return list(files(Site(report=reports.wide(8, commits), times={}))[1])


def contents(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


def test_a_second_time_only_what_is_new_is_written(tmp_path: Path) -> None:
    place = tmp_path / "für alle" / "site"
    first = write(of(4), place, "p")
    assert (first.changed, first.removed) == (first.files, 0)
    stamps = {path: path.stat().st_mtime_ns for path in place.rglob("*") if path.is_file()}
    assert write(of(4), place, "p") == Written(files=first.files, changed=0, removed=0)
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps
    second = write(of(5), place, "p")
    assert 0 < second.changed < second.files


def test_what_the_site_no_longer_has_is_removed_and_nothing_else(tmp_path: Path) -> None:
    write(of(5), tmp_path, "p")
    kept = ["CNAME", ".git/config", "commits/notes.txt", "assets/logo.png"]
    for name in kept:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("mine")
    gone = f"commits/{reports.commit(4).sha}.html"
    assert (tmp_path / gone).exists()
    assert write(of(4), tmp_path, "p").removed == 2
    assert not (tmp_path / gone).exists()
    assert all((tmp_path / name).read_text() == "mine" for name in kept)


def test_an_interruption_leaves_a_site_that_works(tmp_path: Path) -> None:
    write(of(4), tmp_path, "p")
    before = contents(tmp_path)
    new = of(5)
    for stop in range(0, len(new), 5):

        def interrupted(stop: int = stop) -> Iterator[File]:
            yield from new[:stop]
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            write(interrupted(), tmp_path, "p")
        now = contents(tmp_path)
        assert now["index.html"] == before["index.html"]
        assert before.keys() <= now.keys()  # what the old pages ask for is there
        assert {now[path] for path, _ in new[:stop]} == {text.encode() for _, text in new[:stop]}
    check(tmp_path, "p", force=False)
    write(new, tmp_path, "p")
    assert contents(tmp_path).keys() - {"tracker-site.json"} == {path for path, _ in new}


def test_only_an_empty_directory_or_a_site_of_the_project_is_written_to(tmp_path: Path) -> None:
    check(tmp_path / "new", "p", force=False)
    (tmp_path / ".git").write_text("gitdir: elsewhere")
    check(tmp_path, "p", force=False)
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(UsageError, match="not empty, and not a site"):
        check(tmp_path, "p", force=False)
    check(tmp_path, "p", force=True)
    with pytest.raises(UsageError, match=r"index\.html is a file"):
        check(tmp_path / "index.html", "p", force=True)
    write([], tmp_path, "p")
    check(tmp_path, "p", force=False)
    with pytest.raises(UsageError, match="the site of project 'p', not of 'q'"):
        check(tmp_path, "q", force=False)


@pytest.mark.parametrize("marker", ["", "[]", '{"project": 3}', "\ufeff{"])
def test_a_marker_that_says_nothing_is_none(tmp_path: Path, marker: str) -> None:
    (tmp_path / "tracker-site.json").write_text(marker, encoding="utf-8")
    with pytest.raises(UsageError):
        check(tmp_path, "p", force=False)


def test_faults_of_the_disk_are_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "file").touch()
    with pytest.raises(InfrastructureError, match="cannot write the site into"):
        write([], tmp_path / "file" / "below", "p")
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(DiskFullError, match="no space left"):
        write([("index.html", "x")], tmp_path / "site", "p")
