"""How Grafana is asked: its answers, and its faults as errors of the tracker.

Needs the extra ``grafana-api``; to import this without it is a ``UsageError``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Self

from tracker.errors import InfrastructureError, TrackerError, UsageError
from tracker.publish.grafana.api.access import TOKEN, URL, Access
from tracker.publish.grafana.api.contents import Document

try:
    from grafana_client.api import GrafanaApi
    from grafana_client.client import GrafanaClientError, GrafanaException, GrafanaServerError
    from niquests import PreparedRequest, Response
    from niquests.exceptions import RequestException, TooManyRedirects
except ModuleNotFoundError:
    raise UsageError(
        "the library that speaks with Grafana is not installed",
        code="grafana.library",
        hint="pip install 'commit-tracker[grafana-api]'",
    ) from None

#: the first that has all that is used: rules that name whom they call
OLDEST = 11

#: seconds for an answer
_TIMEOUT = 20.0
_MISSING = 404
_MAJOR = re.compile(r"(\d+)\.")


class RefusedError(InfrastructureError):
    """Grafana understood, and would not do it."""

    default_code = "grafana.refused"

    def __init__(self, what: str, said: str, status: int) -> None:
        super().__init__(f"Grafana would not {what}: {said}")
        self.said = said
        self.status = status


class Connection:
    """A server, and what it is opened with."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self.api = GrafanaApi(
            auth=access.token,
            protocol=access.scheme,
            host=access.host,
            port=access.port,
            url_path_prefix=access.prefix,
            timeout=_TIMEOUT,
        )
        self.api.client.s.hooks["response"].append(_no_detour)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.api.client.s.close()

    def __str__(self) -> str:
        return str(self._access)

    def check_version(self) -> None:
        """Make sure that this is a Grafana that is new enough.

        Raises:
            InfrastructureError: it is not.
        """
        settings = self.find("say what it is", self.api.client.GET, "/frontend/settings")
        build = settings.get("buildInfo") if isinstance(settings, dict) else None
        if not isinstance(build, dict):
            raise InfrastructureError(
                f"what answers at {self} is not Grafana",
                code="grafana.unreachable",
                hint=f"{URL} is the address that its pages have, without what follows the host "
                "and a path that it may lie below",
            )
        version = str(build.get("version") or "")
        # a Grafana that hides its version is taken for a new one
        if (major := _MAJOR.match(version)) and int(major[1]) < OLDEST:
            raise InfrastructureError(
                f"Grafana at {self} is version {version}; the oldest that this works with is "
                f"{OLDEST}.0",
                code="grafana.too-old",
                hint="with an older one, `tracker grafana render DIR` writes files for it to read",
            )

    def find(self, what: str, call: Callable[..., Any], *args: Any) -> Document | None:
        """As ``ask``; None where there is no such thing."""
        try:
            found: Document = self.ask(what, call, *args)
        except RefusedError as error:
            if error.status == _MISSING:
                return None
            raise
        return found

    def ask(self, what: str, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call, and explain what goes wrong.

        Args:
            what: what the call is to do, after "may not" and "would not".

        Raises:
            UsageError: ``grafana.token``: no token of that server, ``grafana.rights``: one that
                may not do it.
            InfrastructureError: ``grafana.unreachable``, ``grafana.failed`` with a fault of its
                own, or ``grafana.refused``.
        """
        try:
            return call(*args, **kwargs)
        except GrafanaClientError as error:
            raise self._refusal(what, error) from None
        except GrafanaServerError as error:
            raise InfrastructureError(
                f"Grafana at {self} failed to {what}: {self._said(error)}", code="grafana.failed"
            ) from None
        except (GrafanaException, RequestException) as error:
            raise InfrastructureError(
                f"Grafana at {self} cannot be reached: {_reason(error)}",
                code="grafana.unreachable",
                hint=f"does it run, and is {URL} or --url its address?",
            ) from None

    def _refusal(self, what: str, error: GrafanaClientError) -> TrackerError:
        if error.status_code == 401:
            return UsageError(
                f"Grafana at {self} does not know the token",
                code="grafana.token",
                hint=f"make one of a service account with the role Admin, and set {TOKEN}",
            )
        if error.status_code == 403:
            return UsageError(
                f"the token for Grafana may not {what}: {self._said(error)}",
                code="grafana.rights",
                hint="its service account needs the role Admin",
            )
        return RefusedError(what, self._said(error), error.status_code)

    def _said(self, error: GrafanaException) -> str:
        """What the server said, in one line, without secrets."""
        said = error.response.get("message") if isinstance(error.response, dict) else None
        text = self._access.without_secrets(str(said or f"status {error.status_code}"))
        return " ".join(text.split())[:300]


def _no_detour(answer: Response | PreparedRequest, **_: Any) -> None:
    """Refuse to be sent elsewhere with a change: a redirected POST becomes a GET, and does nothing.

    Raises:
        TooManyRedirects: it was.
    """
    if not isinstance(answer, Response) or not answer.is_redirect or answer.request is None:
        return
    if answer.request.method != "GET":
        raise TooManyRedirects(f"it sends changes elsewhere, to {answer.headers['Location']!s}")


def _reason(error: BaseException) -> str:
    """What lies at the bottom of an error; libraries wrap it in objects that nobody can read."""
    while deeper := error.__cause__ or error.__context__:
        error = deeper
    return str(getattr(error, "strerror", None) or error)
