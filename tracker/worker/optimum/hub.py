"""A model of the hub at one revision, brought into a directory before anything is measured.

The bringing is a program of its own, this file: threads and memory of a download are then no part
of the process that measures, which stays offline from its first import on; time to load a model is
that from files; and of the model's files none can come from another revision.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Mapping

#: weights for other libraries and for downloads of another kind; whatever else there is, is small
_OTHERS = (
    *("*.gguf", "*.h5", "*.mlmodel", "*.msgpack", "*.onnx*", "*.ot", "*.pb", "*.tflite"),
    *("*.ckpt", "*.pt", "*.pth", "consolidated*", "original/*", "onnx/*", "openvino/*", "coreml/*"),
)
#: weights that are only needed where the better ones are missing
_SECOND_BEST = ("*.bin",)
#: what a download prints, its last line apart
_QUIET = {"HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
_TOKEN = "if it is there for some only, name HF_TOKEN in executor.passthrough"


class Hub:
    """The hub, as a process sees it that is itself offline."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Take the variables that say where hub and cache are, and what token to use."""
        self._environment = {**environment, **_QUIET}

    def directory(self, repository: str, revision: str) -> str:
        """Return where a model lies, downloaded unless it is in the cache.

        Args:
            repository: such as ``org/name``.
            revision: the full hash of a commit.

        Raises:
            Failed: it is neither at the hub nor in the cache.
        """
        from ..task import Failed  # noqa: PLC0415 - as a program this file has no package

        ended = subprocess.run(
            [sys.executable, "-I", os.path.abspath(__file__), repository, revision],
            env=self._environment,
            stdout=subprocess.PIPE,
            universal_newlines=True,
            check=False,
        )
        lines = ended.stdout.splitlines()
        if ended.returncode or not lines:
            code = ended.returncode
            raise Failed("model %s: its download ended with exit code %d" % (repository, code))
        answer: dict[str, str] = json.loads(lines[-1])
        if "directory" not in answer:
            raise Failed("model %s: %s" % (repository, answer["reason"]))
        return answer["directory"]


def _answer(repository: str, revision: str) -> dict[str, str]:
    """``{"directory": ...}``, or ``{"reason": ...}`` where there is none."""
    from huggingface_hub import utils  # noqa: PLC0415

    try:
        return {"directory": _downloaded(repository, revision)}
    except utils.RevisionNotFoundError:
        return {"reason": "the hub has no revision %s of it" % revision}
    except utils.RepositoryNotFoundError:
        return {"reason": "the hub does not have it; " + _TOKEN}
    except utils.LocalEntryNotFoundError:
        what = "the hub cannot be reached, and revision %s of it is not in the cache here"
        return {"reason": what % revision}
    except Exception as error:
        text = (str(error).strip().splitlines() or [""])[0]
        return {"reason": "it could not be downloaded: %s: %s" % (type(error).__name__, text)}


def _downloaded(repository: str, revision: str) -> str:
    from huggingface_hub import snapshot_download  # noqa: PLC0415

    def downloaded(left_out: tuple[str, ...]) -> str:
        return str(snapshot_download(repository, revision=revision, ignore_patterns=list(left_out)))

    directory = downloaded(_OTHERS + _SECOND_BEST)
    if any(name.endswith(".safetensors") for _, _, names in os.walk(directory) for name in names):
        return directory
    return downloaded(_OTHERS)


if __name__ == "__main__":
    print(json.dumps(_answer(*sys.argv[1:])))
