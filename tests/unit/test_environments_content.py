"""The identity of what a wheel installs, and the facts that are read from it."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.environments.content import essential, from_facts, read_wheel
from tracker.environments.faults import Unbuildable

CODE = "def answer():\n    return 42\n"


def write_wheel(
    directory: Path,
    files: Mapping[str, str],
    *,
    name: str = "my_thing",
    version: str = "1.0",
    metadata: str = "",
    tampered: str = "",
) -> Path:
    """A wheel as backends write it; ``tampered`` names a file that is not that of the record."""
    directory.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    everything = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{path},sha256={_hash(content)},{len(content)}\n" for path, content in everything.items()
    )
    path = directory / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for place, content in everything.items():
            archive.writestr(place, content + ("# more\n" if place == tampered else ""))
        archive.writestr(f"{info}/RECORD", f"{record}{info}/RECORD,,\n")
    return path


def _hash(content: str) -> str:
    found = hashlib.sha256(content.encode()).digest()
    return base64.urlsafe_b64encode(found).rstrip(b"=").decode()


def content(path: Path, *, salt: str = "") -> str:
    return read_wheel(path, salt=salt).content


def test_version_and_metadata_do_not_count(tmp_path: Path) -> None:
    old = write_wheel(
        tmp_path,
        {"pkg/__init__.py": f'__version__ = "1.0"\n{CODE}', "pkg/_version.py": "version = '1.0'\n"},
        metadata="Requires-Dist: attrs\n\nText\n",
    )
    new = write_wheel(
        tmp_path,
        {"pkg/__init__.py": f'__version__ = "2.0"\n{CODE}', "pkg/_version.py": "version = '2.0'\n"},
        version="2.0",
        metadata="Requires-Dist: attrs>1\n\nOther text\n",
    )
    assert content(old) == content(new)
    assert content(old, salt="commit") != content(new, salt="commit")


@pytest.mark.parametrize(
    "files",
    [
        {"pkg/a.py": CODE + "\n"},
        {"pkg/b.py": CODE},
        {"pkg/a.py": CODE, "pkg/data.txt": "1.0"},
        {"pkg/a.py": CODE, "my_thing-1.0.dist-info/entry_points.txt": "[console_scripts]\n"},
    ],
)
def test_other_files_are_other_content(tmp_path: Path, files: dict[str, str]) -> None:
    one = content(write_wheel(tmp_path / "one", {"pkg/a.py": CODE}))
    assert content(write_wheel(tmp_path / "two", files)) != one


def test_facts_survive_being_written_down(tmp_path: Path) -> None:
    files = {"pkg/a.py": CODE, "single.py": CODE, "native.cpython-311-x86_64-linux-gnu.so": ""}
    wheel = read_wheel(
        write_wheel(tmp_path, files, metadata="Requires-Dist: attrs\nRequires-Python: >=3.8\n"),
        salt="",
    )
    assert wheel.name == "my-thing"
    assert wheel.top_level == ("native", "pkg", "single")
    assert wheel.requires == ("attrs",)
    assert wheel.python == ">=3.8"
    assert from_facts(wheel.facts()) == wheel


def test_a_file_that_is_not_the_records_is_refused(tmp_path: Path) -> None:
    path = write_wheel(tmp_path, {"pkg/a.py": CODE}, tampered="pkg/a.py")
    with pytest.raises(Unbuildable, match=r"pkg/a\.py in the wheel is not the file of its record"):
        read_wheel(path, salt="")


@pytest.mark.parametrize("name", ["broken-1.0-py3-none-any.whl", "broken.whl"])
def test_what_is_no_wheel_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"no archive")
    with pytest.raises(Unbuildable, match="which is no wheel"):
        read_wheel(tmp_path / name, salt="")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("pkg/_version.py", "__version__ = version = '1.2.dev3+gabc'"),
        ("pkg/_version.py", "__version_tuple__ = version_tuple = (1, 2, 'dev3', 'gabc')"),
        ("pkg/_version.py", "__commit_id__ = commit_id = 'gabc'"),
        ("pkg/_version.py", "commit_id: COMMIT_ID = None"),
        ("pkg/_version.py", ' "full-revisionid": "abc",'),
        ("pkg/version.py", 'VERSION = "1.2"  # of the release'),
        ("pkg/version.py", "git_revision = 'abc'"),
        ("pkg/__about__.py", "__version__ = '1.2'"),
        ("pkg/__init__.py", "__version__ = '1.2'"),
        ("pkg/__init__.py", "__version_info__ = (1, 2)"),
    ],
)
def test_lines_that_say_the_version_are_left_out(path: str, line: str) -> None:
    text = f"before = 1\n{line}\nafter = 2\n"
    assert essential(path, text.encode()) == b"before = 1\n\nafter = 2\n"


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("pkg/_version.py", "version = compute()"),
        ("pkg/_version.py", "size = '1.2'"),
        ("pkg/__init__.py", "version = 3"),
        ("pkg/__init__.py", "PROTOCOL_VERSION = '2'"),
        ("pkg/module.py", "__version__ = '1.2'"),
        ("pkg/version.txt", "__version__ = '1.2'"),
    ],
)
def test_lines_that_may_compute_stay(path: str, line: str) -> None:
    assert essential(path, f"{line}\n".encode()) == f"{line}\n".encode()


@given(st.binary())
def test_bytes_that_are_no_text_stay(data: bytes) -> None:
    assert essential("pkg/module.py", data) == data
