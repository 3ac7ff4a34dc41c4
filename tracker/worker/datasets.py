"""Which data a number was measured on, in one readable text for its coordinate."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Mapping

#: digits of the hash of the ids that are shown
_DIGITS = 8


def dataset(
    name: str,
    ids: Iterable[object] | None = None,
    *,
    of: int,
    size: int | None = None,
    sha256: str = "",
) -> dict[str, Any]:
    """Declare a data set: what it is called, and which of its samples are used.

    Args:
        name: such as ``"imagenette/val"``.
        ids: of the samples that are used, in any order; or give ``size`` and ``sha256``.
        of: samples that the whole has: with fewer ids it is a subset, and called one everywhere.
        size: how many samples are used.
        sha256: hash of their ids, as ``ids_hash`` computes it.

    Raises:
        ValueError: no name or one that reads like a subset, no ids, ids that are not unique, more
            of them than there are, a hash that is none.
    """
    who = "data set %r" % name
    if not name or set("@: \n\t") & set(name):
        raise ValueError("%s: a name has no '@', ':' or space" % who)
    if ids is not None:
        known = [str(one) for one in ids]
        if len(set(known)) < len(known):
            raise ValueError("%s: its ids are not unique" % who)
        size, sha256 = len(known), ids_hash(known)
    if not size or size < 0:
        raise ValueError("%s: it has no samples" % who)
    if size > of:
        raise ValueError("%s: %d ids of %d samples" % (who, size, of))
    if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
        raise ValueError("%s: sha256 has 64 hexadecimal digits" % who)
    return {"name": name, "size": size, "of": of, "sha256": sha256}


def ids_hash(ids: Iterable[object]) -> str:
    """Return the SHA-256 of the ids: sorted as text, one a line."""
    from hashlib import sha256  # noqa: PLC0415 - few suites have data

    lines = "".join("%s\n" % one for one in sorted(map(str, ids)))
    return sha256(lines.encode("utf-8", "surrogatepass")).hexdigest()


def text_of(declared: Mapping[str, Any]) -> str:
    """``imagenette/val:3f2a91c0``; of a subset of 500 ``imagenette/val@500:3f2a91c0``."""
    subset = "@%d" % declared["size"] if declared["size"] < declared["of"] else ""
    return "%s%s:%s" % (declared["name"], subset, declared["sha256"][:_DIGITS])
