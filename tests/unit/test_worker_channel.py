import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.worker.channel import Channel, encoded, read_job

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    # a lone surrogate stands for a byte of a file name that is no text
    | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(values)
def test_what_is_written_is_json(value: Any) -> None:
    text = encoded(value)
    assert json.loads(text) == value
    text.encode()
    assert "\n" not in text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [-float("inf")]])
def test_no_json_for_what_is_no_number(value: object) -> None:
    with pytest.raises(ValueError, match="not a finite number"):
        encoded(value)


def test_no_json_for_objects() -> None:
    with pytest.raises(TypeError):
        encoded(object())


@given(job=st.dictionaries(st.text(), values, max_size=4), ascii_only=st.booleans())
def test_jobs_come_in_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, job: dict[str, Any], ascii_only: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "jöb.json"
    text = json.dumps(job, ensure_ascii=ascii_only)
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    assert read_job(str(path)) == job


def test_the_pipe_is_hidden(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    monkeypatch.setenv("TRACKER_RESULTS_FD", str(writing))
    channel = Channel.inherited()
    assert "TRACKER_RESULTS_FD" not in os.environ
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(writing)
    channel.send("flag", name="noisy")
    assert json.loads(os.read(reading, 1000)) == {"event": "flag", "name": "noisy"}
    os.close(reading)
