"""Parameter values as text, and back."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence

#: a repr up to this length stands for its value
_LONGEST = 60
_PLAIN = (int, float, complex, bool, str, bytes, type(None), tuple, list, dict, set, frozenset)


class Values:
    """The values of one parameter, each under the text that names it.

    The text is the ``repr``. Where that says where the object lies in memory, it is
    the object's own ``__name__``, or its type and place in the list; where it is long,
    its beginning and a checksum.
    """

    def __init__(self, values: Sequence[Any]) -> None:
        self._by_text: dict[str, Any] = {}
        self.texts: list[str] = []
        for place, value in enumerate(values):
            text = label(value, place)
            if text in self._by_text:
                text = "%s#%d" % (text, place)
            self.texts.append(text)
            self._by_text[text] = value
            self._by_text.setdefault(repr(value), value)
        #: may a value be given that the suite does not list? Not where values are objects
        self.open = all(isinstance(value, _PLAIN) for value in values)

    def value(self, text: str) -> Any:
        """Find the value that a text names: a listed one, else a Python literal.

        Raises:
            LookupError: neither.
        """
        if text in self._by_text:
            return self._by_text[text]
        import ast  # noqa: PLC0415 - only values from the configuration need it

        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError):
            known = ", ".join(self.texts)
            raise LookupError("no value %s among %s, and no literal" % (text, known)) from None


def label(value: Any, place: int) -> str:
    """Return the text that names a value: short, and the same in every process."""
    text = repr(value)
    if " at 0x" in text:
        own = getattr(value, "__name__", "")
        return str(own) if own else "%s#%d" % (type(value).__name__, place)
    if len(text) > _LONGEST:
        from zlib import crc32  # noqa: PLC0415 - rare

        return "%s...%08x" % (text[:40], crc32(text.encode("utf-8", "surrogatepass")))
    return text
