"""What suites measure quality with: ``from tracker import quality``.

Plain Python: whatever has ``tolist`` (arrays of numpy, tensors of torch) is taken as that list.
"""

from __future__ import annotations

import math
import os
import sys
from operator import eq, sub

from .datasets import dataset, ids_hash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable

__all__ = [
    "absolute_error",
    "accuracy",
    "dataset",
    "ids_hash",
    "perplexity",
    "relative_error",
    "stored",
]


def accuracy(answers: Iterable[object], expected: Iterable[object]) -> float:
    """Return the share of the answers that are as expected, from 0 to 1.

    Raises:
        ValueError: there are none, or not as many as are expected.
    """
    given, right = list(_plain(answers)), list(_plain(expected))
    if len(given) != len(right) or not right:
        raise ValueError("%d answers to %d samples" % (len(given), len(right)))
    return sum(map(bool, map(eq, given, right))) / len(right)


def perplexity(losses: Any, tokens: int | None = None) -> float:
    """Return the exponential of the mean negative log-likelihood, in nats.

    Args:
        losses: of each token; or sums over parts of the text.
        tokens: how many these are about; as many as there are losses.

    Raises:
        ValueError: there are none, or one is not finite.
    """
    _, numbers = _flat(losses, "the losses")
    count = len(numbers) if tokens is None else tokens
    if not numbers or count < 1:
        raise ValueError("no token has a negative log-likelihood")
    return math.exp(math.fsum(numbers) / count)


def absolute_error(output: Any, reference: Any) -> float:
    """Return the largest difference to a reference, in the unit of both.

    Raises:
        ValueError: the shapes differ, or a number is not finite.
    """
    ours, theirs = _alike(output, reference)
    return max(map(abs, map(sub, ours, theirs)), default=0.0)


def relative_error(output: Any, reference: Any) -> float:
    """Return the largest difference to a reference as a share of its largest number.

    Not number by number: what is almost 0 in the reference says nothing about the error.

    Raises:
        ValueError: the shapes differ, a number is not finite, or the reference is 0 everywhere.
    """
    ours, theirs = _alike(output, reference)
    largest = max(map(abs, theirs), default=0.0)
    if not largest:
        raise ValueError("the reference is 0 everywhere: ask for the absolute error")
    difference: float = max(map(abs, map(sub, ours, theirs)))
    return difference / largest


def stored(name: str) -> Any:
    """Read a reference that lies in the suite's directory, and so belongs to its hash.

    ``.json``: the value in it. ``.npy``: the array, which needs numpy.

    Raises:
        ValueError: the suite is one file, the name leads out of its hash, or it is of another kind.
        OSError: it cannot be read.
    """
    homes = getattr(sys.modules.get("suite"), "__path__", None)
    if not homes:
        raise ValueError("%s: a suite of one file stores nothing; make it a directory" % name)
    parts = name.split("/")
    if any(not part or part.startswith((".", "__pycache__")) for part in parts):
        raise ValueError("%s: a name below the suite's directory, without hidden parts" % name)
    path = os.path.join(homes[0], *parts)
    if name.endswith(".json"):
        import json  # noqa: PLC0415 - costs milliseconds where not needed

        with open(path, encoding="utf-8") as file:
            return json.load(file)
    if name.endswith(".npy"):
        return _array(path, name)
    raise ValueError("%s: a stored reference ends with .json or .npy" % name)


def _array(path: str, name: str) -> Any:
    try:
        import numpy as np  # noqa: PLC0415 - the environment need not have it
    except ImportError:
        raise ValueError("%s: reading it needs numpy in environment.requires" % name) from None
    return np.load(path, allow_pickle=False)


def _alike(output: Any, reference: Any) -> tuple[list[float], list[float]]:
    """The numbers of two outputs of one shape."""
    shape, ours = _flat(output, "the output")
    wanted, theirs = _flat(reference, "the reference")
    if shape != wanted:
        raise ValueError("the output has the shape %s, the reference %s" % (shape, wanted))
    return ours, theirs


def _flat(value: Any, what: str) -> tuple[tuple[int, ...], list[float]]:
    """The shape of nested lists, and their numbers in order."""
    plain = _plain(value)
    shape, level = _shaped(plain, what)
    numbers = []
    for place, number in enumerate(level):
        if isinstance(number, bool) or not hasattr(number, "__float__"):
            raise ValueError("%s in %s is no number" % (type(number).__name__, what))
        numbers.append(float(number))
        if not math.isfinite(numbers[-1]):
            raise ValueError("number %d of %s is %r" % (place, what, numbers[-1]))
    return shape, numbers


def _shaped(value: Any, what: str) -> tuple[tuple[int, ...], list[Any]]:
    """The shape, and the values of the deepest level."""
    shape: tuple[int, ...] = ()
    level = [value]
    while level and all(isinstance(one, (list, tuple)) for one in level):
        lengths = {len(one) for one in level}
        if len(lengths) > 1:
            raise ValueError("the rows of %s have different lengths" % what)
        shape += (lengths.pop(),)
        level = [_plain(below) for one in level for below in one]
    return shape, level


def _plain(value: Any) -> Any:
    """A value of any library as lists and numbers of Python."""
    as_list = getattr(value, "tolist", None)
    return as_list() if callable(as_list) else value
