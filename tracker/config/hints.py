"""What the person may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that is most like this one; "" where none is."""
    near = difflib.get_close_matches(word, tuple(known), n=1)
    return near[0] if near else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint: the nearest of the known words, else all of them; "" where there are none."""
    known = tuple(known)
    if near := nearest(word, known):
        return f"did you mean {near!r}?"
    return f"there are: {', '.join(known)}" if known else ""
