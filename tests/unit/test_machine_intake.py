import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tracker.machine.intake import OUTPUT_TAIL, Lines, Pipe, Tail


def pieces(whole: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(whole) + 1) for cut in cuts), len(whole)]
    return [whole[a:b] for a, b in pairwise(edges)]


@given(st.lists(st.dictionaries(st.text(), st.integers() | st.text())), st.lists(st.integers(0)))
def test_lines_come_back_however_they_were_cut(
    events: list[dict[str, int]], cuts: list[int]
) -> None:
    lines = Lines()
    for piece in pieces("".join(json.dumps(e) + "\n" for e in events).encode(), cuts):
        lines.feed(piece)
    assert list(lines.parsed()) == events


@given(st.binary())
def test_any_bytes_give_objects(garbage: bytes) -> None:
    lines = Lines()
    lines.feed(garbage)
    assert all(isinstance(line, dict) for line in lines.parsed())


def test_garbage_is_noted_beside_what_is_good() -> None:
    lines = Lines()
    lines.feed(b'{"event": "hello"}\nprinted by a C library\n[1]\n\xff\n{"event": "end"}')
    assert [line["event"] for line in lines.parsed()] == [
        "hello",
        "garbage",
        "garbage",
        "garbage",
        "end",
    ]
    assert lines.parsed()[1]["text"] == "printed by a C library"


@given(st.text(max_size=9000), st.lists(st.integers(0)))
def test_the_tail_is_the_end_of_the_text(text: str, cuts: list[int]) -> None:
    tail = Tail()
    for piece in pieces(text.encode(errors="replace"), cuts):
        tail.feed(piece)
    assert tail.text() == text.encode(errors="replace").decode()[-OUTPUT_TAIL:]


def test_a_pipe_never_waits() -> None:
    pipe = Pipe()
    try:
        assert pipe.take() == b""
        assert not pipe.ended
        pipe.close_writing()
        assert pipe.take() == b""
        assert pipe.ended
    finally:
        pipe.close()
