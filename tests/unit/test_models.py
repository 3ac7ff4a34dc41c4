"""Models with random weights: what lies in their files, and that it never changes."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from benchmarks.gold.transformers_generation._models import MODELS, content_hash, main, make

#: whoever changes these changes what the suites measure: a new version of each
HASHES = {
    "bert-tiny": "a0661fc52750216532de2621ce2e8d2913031c8e8994bc87a0ec3d6184027572",
    "gpt2-tiny": "68057addb2e93c12607d384d8f8ebe7542ddbfd1d5bb9d6156cafaf532c06da1",
    "llama-tiny": "ab57b766d2ce9545f30073beafad4e05a68c9ef58ea12af190caf3d26198157d",
    "t5-tiny": "bc7b942c1eea7c44b8eb72b8e5d8c342050c568b8988b9160f6c282377a5834f",
}


@pytest.mark.parametrize("name", HASHES)
def test_the_same_bytes_for_ever(name: str, tmp_path: Path) -> None:
    assert make(name, tmp_path) == HASHES[name] == content_hash(tmp_path)


def test_weights_are_as_the_header_says(tmp_path: Path) -> None:
    make("llama-tiny", tmp_path)
    content = (tmp_path / "model.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    del header["__metadata__"]
    numbers = np.frombuffer(content[8 + length :], "<f4")
    assert max(one["data_offsets"][1] for one in header.values()) == numbers.nbytes
    for name, one in header.items():
        start, end = (offset // 4 for offset in one["data_offsets"])
        values = numbers[start:end].reshape(one["shape"])
        if "norm" in name:
            assert (values == 1).all()
        else:
            assert values.mean() == pytest.approx(0, abs=0.002)
            assert values.std() == pytest.approx(0.0239, rel=0.02)
    embeddings = header["model.embed_tokens.weight"]["shape"]
    assert embeddings == header["lm_head.weight"]["shape"] == [1000, 64]


def test_usage(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["bert-small", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert all(name in told for name in MODELS)
    assert main(["bert-tiny", str(tmp_path / "a model")]) == 0
    assert capsys.readouterr().out == f"{HASHES['bert-tiny']}\n"
