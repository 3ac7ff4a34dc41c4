import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.config.commands import CommandFlaw, command_line, installs_wheel


def test_prefixes_come_before_the_program() -> None:
    line = command_line(
        "A=1 return-code=0,3 in-dir={env_dir} B='x y' python -c \"print('{{}}')\" C=2"
    )
    assert line.words == ("python", "-c", "print('{{}}')", "C=2")
    assert dict(line.variables) == {"A": "1", "B": "x y"}
    assert line.statuses == frozenset({0, 3})
    assert line.directory == "{env_dir}"
    assert line.placeholders == {"env_dir"}


def test_any_exit_status_may_do() -> None:
    assert command_line("return-code=any make").statuses is None
    assert command_line("make").statuses == frozenset({0})


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "names no program", ""),
        ("A=1 in-dir=x", "names no program", ""),
        ("echo 'x", "cannot be split into words: No closing quotation", ""),
        ("make {wheelfile}", "has {wheelfile}, which nothing fills in", "'wheel_file'"),
        ("make {}", "has {}, which nothing fills in", "there are: project, commit"),
        ("make {env_dir.x}", "has {env_dir.x}, which nothing fills in", "'env_dir'"),
        ("make {env_dir!r}", "has {env_dir!r}, which nothing fills in", "'env_dir'"),
        ("A={b} make", "has {b}, which nothing fills in", "there are"),
        ("make {env_dir", "has braces that do not fit", "{{ is a brace"),
        ("return-code=no make", "has return-code=no, which is no exit status", "return-code=any"),
        ("in-dir=a in-dir=b make", "has in-dir more than once", ""),
    ],
)
def test_what_is_no_command_line(text: str, message: str, hint: str) -> None:
    with pytest.raises(CommandFlaw) as raised:
        command_line(text)
    assert str(raised.value).startswith(message)
    assert hint in raised.value.hint


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("in-dir={env_dir} python -mpip install {wheel_file}", True),
        ("python -m pip install --no-deps {wheel_file} -v", True),
        ("pip install {wheel_file}", True),
        ("python -m pip install {wheel_file} numpy", False),
        ("python -m pip install {build_dir}", False),
        ("A=1 python -m pip install {wheel_file}", False),
    ],
)
def test_what_installs_the_wheel_and_nothing_else(text: str, does: bool) -> None:
    assert installs_wheel(command_line(text)) is does


@given(st.text())
def test_whatever_is_written_is_read_or_told(text: str) -> None:
    try:
        line = command_line(text)
    except CommandFlaw:
        return
    assert line.words
    assert line.text == text
