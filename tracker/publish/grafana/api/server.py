"""Grafana's HTTP interface, as far as the tracker needs it; its faults as errors of the tracker.

Needs the extra ``grafana-api``. The calls are those of Grafana's published OpenAPI description.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote

from grafana_client.api import GrafanaApi
from grafana_client.client import GrafanaClientError, GrafanaException, GrafanaServerError
from niquests import PreparedRequest, Response
from niquests.exceptions import RequestException, TooManyRedirects

from tracker.errors import InfrastructureError, TrackerError, UsageError
from tracker.publish.grafana.api.access import PASSWORD, TOKEN, URL, Access
from tracker.publish.grafana.api.contents import (
    LOGIN,
    NAME,
    TITLE,
    Dashboard,
    Document,
    Source,
)
from tracker.publish.grafana.api.marks import Mark, project_tag

#: the first that has all that is used: rules that name whom they call
OLDEST = 11

#: seconds for an answer
_TIMEOUT = 20.0
#: more annotations than a project has; Grafana would give a hundred
_ALL = 1_000_000
_MISSING = 404
_MAJOR = re.compile(r"(\d+)\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDashboard:
    """A dashboard that Grafana has."""

    document: Document
    #: identifier of the folder that it is in
    folder: str
    #: Grafana reads it from a file, and lets nobody change it
    provisioned: bool
    #: what its newest version is called by who saved it
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMark:
    """An annotation that Grafana has."""

    number: int
    mark: Mark


class Grafana:
    """A server that is asked and told. Every method may raise what ``_ask`` raises."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._api = GrafanaApi(
            auth=access.token,
            protocol=access.scheme,
            host=access.host,
            port=access.port,
            url_path_prefix=access.prefix,
            timeout=_TIMEOUT,
        )
        self._api.client.s.hooks["response"].append(_no_detour)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._api.client.s.close()

    def __str__(self) -> str:
        return str(self._access)

    def check_version(self) -> None:
        """Make sure that this is a Grafana that is new enough.

        Raises:
            InfrastructureError: it is not.
        """
        settings = self._ask("say what it is", self._api.client.GET, "/frontend/settings")
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

    # folder ----------------------------------------------------------------------------

    def folder(self) -> Document | None:
        return self._find("read folders", self._api.folder.get_folder, NAME)

    def add_folder(self) -> None:
        self._ask("make a folder", self._api.folder.create_folder, TITLE, uid=NAME)

    # data source -----------------------------------------------------------------------

    def source(self) -> Document | None:
        return self._find("read data sources", self._api.datasource.get_datasource_by_uid, NAME)

    def add_source(self, source: Source) -> None:
        """Make the data source.

        Raises:
            UsageError: its password is not known.
        """
        if not source.password:
            raise UsageError(
                f"Grafana has no data source yet, and the password of {LOGIN!r} is not known",
                code="grafana.password",
                hint=f"set {PASSWORD} to the one that grafana/reader.sql was given",
            )
        self._ask(
            "make a data source", self._api.datasource.create_datasource, _with_password(source)
        )

    def save_source(self, source: Source) -> None:
        """Change the data source; without a password, it keeps the one it has."""
        self._ask(
            "change a data source",
            self._api.datasource.update_datasource_by_uid,
            NAME,
            _with_password(source),
        )

    def source_fault(self) -> str:
        """Why Grafana cannot read the database, in its own words; empty where it can."""
        try:
            self._ask("ask the database", self._api.datasource.health, NAME)
        except _RefusedError as error:
            return error.said
        return ""

    # dashboards ------------------------------------------------------------------------

    def dashboard(self, uid: str) -> StoredDashboard | None:
        found = self._find("read dashboards", self._api.dashboard.get_dashboard, uid)
        if found is None:
            return None
        meta = found["meta"]
        return StoredDashboard(
            document=found["dashboard"],
            folder=meta.get("folderUid", ""),
            provisioned=bool(meta.get("provisioned")),
            signature=self._signature(uid),
        )

    def _signature(self, uid: str) -> str:
        answer = self._ask(
            "read versions of dashboards",
            self._api.dashboard_versions.get_dashboard_versions_by_uid,
            uid,
        )
        # a list in older versions
        versions = answer["versions"] if isinstance(answer, dict) else answer
        newest: Document = max(versions, key=lambda one: int(one["version"]), default={})
        return str(newest.get("message", ""))

    def save_dashboard(self, dashboard: Dashboard, folder: str, version: int | None) -> None:
        """Store a dashboard in place of a version of it; refused where that is not the newest."""
        place = {} if version is None else {"version": version}
        self._ask(
            f"store the dashboard {dashboard.title!r}",
            self._api.dashboard.update_dashboard,
            {
                "dashboard": dashboard.document | place,
                "folderUid": folder,
                "message": dashboard.signature,
                "overwrite": False,
            },
        )

    # annotations -----------------------------------------------------------------------

    def marks(self, project: str) -> tuple[StoredMark, ...]:
        """The tracker's annotations about findings of a project."""
        # the library puts them into the address as they are
        tags = [quote(tag, safe="") for tag in (NAME, project_tag(project))]
        rows = self._ask(
            "read annotations", self._api.annotations.find_annotations, tags=tags, limit=_ALL
        )
        found = (
            StoredMark(
                number=row["id"],
                mark=Mark(at=row["time"], text=row["text"], tags=frozenset(row["tags"])),
            )
            for row in rows
        )
        return tuple(one for one in found if one.mark.key)

    def add_mark(self, mark: Mark) -> None:
        self._ask(
            "add annotations",
            self._api.annotations.add_annotation,
            panel_id=0,  # of no panel; without it the library sends what the description forbids
            time_from=mark.at,
            time_to=mark.at,
            tags=sorted(mark.tags),
            text=mark.text,
        )

    def change_mark(self, number: int, mark: Mark) -> None:
        self._ask(
            "change annotations",
            self._api.annotations.update_annotation,
            number,
            time_from=mark.at,
            time_to=mark.at,
            tags=sorted(mark.tags),
            text=mark.text,
        )

    def remove_mark(self, number: int) -> None:
        self._ask("remove annotations", self._api.annotations.delete_annotations_by_id, number)

    # alerts ----------------------------------------------------------------------------

    def contact_points(self) -> list[Document]:
        return list(
            self._ask("read contact points", self._api.alertingprovisioning.get_contactpoints)
        )

    def add_contact_point(self, document: Document) -> None:
        self._ask(
            "make a contact point", self._api.alertingprovisioning.create_contactpoint, document
        )

    def change_contact_point(self, document: Document) -> None:
        self._ask(
            "change a contact point",
            self._api.alertingprovisioning.update_contactpoint,
            NAME,
            document,
        )

    def rules(self) -> list[Document]:
        """All alert rules that the token may see, whoever made them."""
        return list(
            self._ask("read alert rules", self._api.alertingprovisioning.get_alertrules_all)
        )

    def rule_group(self) -> Document | None:
        """The group of the tracker's rules."""
        return self._find(
            "read alert rules", self._api.alertingprovisioning.get_rule_group, NAME, NAME
        )

    def save_rule_group(self, document: Document) -> None:
        """Make the group what the document says; rules that it does not have are removed."""
        self._ask(
            "store alert rules",
            self._api.alertingprovisioning.update_rule_group,
            NAME,
            NAME,
            document,
        )

    # asking ----------------------------------------------------------------------------

    def _find(self, what: str, call: Callable[..., Any], *args: Any) -> Document | None:
        try:
            found = self._ask(what, call, *args)
        except _RefusedError as error:
            if error.status == _MISSING:
                return None
            raise
        return dict(found)

    def _ask(self, what: str, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
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
        return _RefusedError(what, self._said(error), error.status_code)

    def _said(self, error: GrafanaException) -> str:
        """What the server said, in one line, without the token."""
        said = error.response.get("message") if isinstance(error.response, dict) else None
        text = " ".join(str(said or f"status {error.status_code}").split())
        return text.replace(self._access.token, "***")[:300]


class _RefusedError(InfrastructureError):
    """Grafana understood, and would not do it."""

    default_code = "grafana.refused"

    def __init__(self, what: str, said: str, status: int) -> None:
        super().__init__(f"Grafana would not {what}: {said}")
        self.said = said
        self.status = status


def _no_detour(answer: Response | PreparedRequest, **_: Any) -> None:
    """Refuse to be sent elsewhere with a change: a redirected POST becomes a GET, and does nothing.

    Raises:
        TooManyRedirects: it was.
    """
    if not isinstance(answer, Response) or not answer.is_redirect or answer.request is None:
        return
    if answer.request.method != "GET":
        raise TooManyRedirects(f"it sends changes elsewhere, to {answer.headers['Location']!s}")


def _with_password(source: Source) -> Document:
    document = source.document()
    if source.password:
        document["secureJsonData"] = {"password": source.password}
    return document


def _reason(error: BaseException) -> str:
    """What lies at the bottom of an error; libraries wrap it in objects that nobody can read."""
    while deeper := error.__cause__ or error.__context__:
        error = deeper
    return str(getattr(error, "strerror", None) or error)
