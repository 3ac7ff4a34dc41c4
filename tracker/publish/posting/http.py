"""JSON over HTTP, bounded in time and size.

The standard library's client does: the clients of both services that are kept well are under the
LGPL, or bring a framework for four requests.
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from tracker.errors import PublishError
from tracker.publish.wording import clean
from tracker.version import VERSION

#: seconds that one answer may take
_PATIENCE = 20.0
#: bytes of the longest answer that is read: a hundred comments of full length
_LARGEST = 32 * 1024 * 1024
#: bytes read at once
_PIECE = 65_536
#: characters of what a service says about a mistake
_TOLD = 200
#: too many requests; an answer of 500 and above is the service's own trouble
_LATER = 429


#: what a status may mean, where a reader could not guess it
_MOVED = "it lies elsewhere now: give its new name"
_HINTS = {
    http.client.MOVED_PERMANENTLY: _MOVED,
    http.client.TEMPORARY_REDIRECT: _MOVED,
    http.client.PERMANENT_REDIRECT: _MOVED,
    http.client.UNAUTHORIZED: "the token is wrong, or has run out",
    http.client.FORBIDDEN: "the token may not do this; that of a fork's pull request never may",
    http.client.NOT_FOUND: "it does not exist, or the token may not see it",
}


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A token goes to the address that it is meant for, and to no other."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirects)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One service that speaks JSON."""

    #: what people call it
    name: str
    #: ``https://host/path``, which every request's path is added to
    base: str
    #: sent with each request; one of them holds the token
    headers: Mapping[str, str] = field(repr=False)
    #: seconds in which nothing may come from the service
    silence: float = 10.0

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON that the service answers; None for an empty answer.

        Raises:
            PublishError: ``publish.unreachable``: no answer came in time; ``publish.unwell``: the
                service is in trouble; ``publish.refused``: it will not do it.
        """
        if not self.base.startswith(("https://", "http://")):
            raise PublishError(f"{self.base} is no address of {self.name}", code="publish.address")
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310  the scheme is checked above
            self.base + path,
            data=data,
            method=method,
            headers={
                "Content-Type": "application/json",
                "User-Agent": f"commit-tracker/{VERSION}",
                **self.headers,
            },
        )
        try:
            with _OPENER.open(request, timeout=self.silence) as response:
                text = _read(response)
            return json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            with error:
                raise self._refused(error) from None
        except (OSError, http.client.HTTPException) as error:
            raise PublishError(
                f"{self.name} gives no answer: {_reason(error)}",
                code="publish.unreachable",
                passing=True,
            ) from None
        except ValueError:
            raise PublishError(
                f"{self.name} answers with something else than JSON",
                code="publish.unwell",
                passing=True,
            ) from None

    def _refused(self, error: urllib.error.HTTPError) -> PublishError:
        passing = error.code == _LATER or error.code >= http.client.INTERNAL_SERVER_ERROR
        said = _said(error)
        return PublishError(
            f"{self.name} answers {error.code}" + (f": {said}" if said else ""),
            code="publish.unwell" if passing else "publish.refused",
            passing=passing,
            hint=_HINTS.get(error.code, ""),
        )


def _read(response: http.client.HTTPResponse) -> bytes:
    """The whole answer.

    Raises:
        OSError: it takes too long, or is too long.
    """
    end = time.monotonic() + _PATIENCE
    pieces = bytearray()
    while piece := response.read1(_PIECE):
        pieces += piece
        if len(pieces) > _LARGEST or time.monotonic() > end:
            raise TimeoutError("the answer does not end")
    return bytes(pieces)


def _said(error: IO[bytes]) -> str:
    """What the service says about a mistake, in one line."""
    try:
        told = json.loads(error.read(_PIECE))
    except (OSError, http.client.HTTPException, ValueError):
        return ""  # the number of the status says enough
    message = told.get("message", told.get("error", "")) if isinstance(told, dict) else ""
    return clean(str(message))[:_TOLD]


def _reason(error: Exception) -> str:
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(inner, TimeoutError):
        return "timed out"
    return clean(str(inner)) or type(inner).__name__
