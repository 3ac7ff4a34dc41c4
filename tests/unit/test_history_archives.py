from __future__ import annotations

import io
import tarfile
import zipfile
from datetime import UTC, datetime

import pytest

from tracker.errors import UsageError
from tracker.history import archives
from tracker.history.archives import unpack

WHEN = datetime(2020, 2, 2, 12, tzinfo=UTC)


def tar(*entries: tuple[str, bytes | str], mode: int = 0o644) -> bytes:
    """Files by content, symbolic links by where they point."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as writer:
        for name, content in entries:
            entry = tarfile.TarInfo(name)
            entry.mtime = int(WHEN.timestamp())
            entry.mode = mode
            if isinstance(content, str):
                entry.type, entry.linkname = tarfile.SYMTYPE, content
                writer.addfile(entry)
            else:
                entry.size = len(content)
                writer.addfile(entry, io.BytesIO(content))
    return archive.getvalue()


def zipped(**files: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        for name, content in files.items():
            writer.writestr(zipfile.ZipInfo(name, WHEN.timetuple()[:6]), content)
    return archive.getvalue()


def test_the_directory_that_holds_all_is_dropped() -> None:
    members = unpack("a-1.tar.gz", tar(("a-1/PKG-INFO", b"x"), ("a-1/ä b/c.py", b"y")))
    assert {path: member.content for path, member in members.items()} == {
        "PKG-INFO": b"x",
        "ä b/c.py": b"y",
    }
    assert members["PKG-INFO"].changed_at == WHEN


def test_files_beside_the_directory_keep_it() -> None:
    assert set(unpack("a-1.tar.gz", tar(("a-1/x", b""), ("b/y", b"")))) == {"a-1/x", "b/y"}
    assert set(unpack("a-1.tar.gz", tar(("x", b"")))) == {"x"}


def test_zip() -> None:
    archive = zipped(**{"a-1/": b"", "a-1/setup.py": b"x", "a-1/../../up": b""})
    (path, member), *none = unpack("a-1.zip", archive).items()
    assert (path, member.mode, member.content, member.changed_at) == (
        "setup.py",
        "100644",
        b"x",
        WHEN,
    )
    assert not none


def test_what_is_executable_stays_so() -> None:
    assert unpack("a-1.tar.gz", tar(("a-1/run", b""), mode=0o755))["run"].mode == "100755"


@pytest.mark.parametrize(
    "name", ["../up", "a/../../up", "/etc/passwd", "a/.git/config", "a/.GIT/config", ".git", "."]
)
def test_paths_that_lead_out_are_left_out(name: str) -> None:
    assert set(unpack("a-1.tar.gz", tar(("a/in", b""), (name, b"evil")))) == {"in"}


def test_links_stay_inside() -> None:
    archive = tar(("a/d/in", "../x"), ("a/up", "../../x"), ("a/abs", "/etc/passwd"), ("a/x", b""))
    members = unpack("a-1.tar.gz", archive)
    assert set(members) == {"d/in", "x"}
    assert (members["d/in"].mode, members["d/in"].content) == ("120000", b"../x")


@pytest.mark.parametrize("filename", ["a-1.tar.gz", "a-1.zip"])
def test_what_is_no_archive(filename: str) -> None:
    with pytest.raises(UsageError) as caught:
        unpack(filename, b"no archive")
    assert caught.value.code == "releases.archive"


def test_a_truncated_archive() -> None:
    whole = tar(("a/x", bytes(range(256)) * 100))
    with pytest.raises(UsageError, match=r"a-1\.tar\.gz"):
        unpack("a-1.tar.gz", whole[: len(whole) // 2])


def test_what_grows_without_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_LARGEST", 100)
    with pytest.raises(UsageError, match="unpacks to over"):
        unpack("a-1.tar.gz", tar(("a/x", bytes(60)), ("a/y", bytes(60))))
