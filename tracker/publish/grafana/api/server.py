"""What the tracker asks of Grafana and tells it, call by call.

Needs the extra ``grafana-api``. The calls are those of Grafana's published OpenAPI description.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from tracker.errors import UsageError
from tracker.publish.grafana.api.access import PASSWORD
from tracker.publish.grafana.api.asking import Connection, RefusedError
from tracker.publish.grafana.api.contents import (
    LOGIN,
    NAME,
    TITLE,
    Dashboard,
    Document,
    Source,
)
from tracker.publish.grafana.api.marks import Mark, project_tag

#: more annotations than a project has; Grafana would give a hundred
_ALL = 1_000_000


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


class Grafana(Connection):
    """A server with what is the tracker's. Every method may raise what ``ask`` raises."""

    # folder ----------------------------------------------------------------------------

    def folder(self) -> Document | None:
        return self.find("read folders", self.api.folder.get_folder, NAME)

    def add_folder(self) -> None:
        self.ask("make a folder", self.api.folder.create_folder, TITLE, uid=NAME)

    # data source -----------------------------------------------------------------------

    def source(self) -> Document | None:
        return self.find("read data sources", self.api.datasource.get_datasource_by_uid, NAME)

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
        self.ask(
            "make a data source", self.api.datasource.create_datasource, _with_password(source)
        )

    def save_source(self, source: Source) -> None:
        """Change the data source; without a password, it keeps the one it has."""
        self.ask(
            "change a data source",
            self.api.datasource.update_datasource_by_uid,
            NAME,
            _with_password(source),
        )

    def source_fault(self) -> str:
        """Why Grafana cannot read the database, in its own words; empty where it can."""
        try:
            self.ask("ask the database", self.api.datasource.health, NAME)
        except RefusedError as error:
            return error.said
        return ""

    # dashboards ------------------------------------------------------------------------

    def dashboard(self, uid: str) -> StoredDashboard | None:
        found = self.find("read dashboards", self.api.dashboard.get_dashboard, uid)
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
        answer = self.ask(
            "read versions of dashboards",
            self.api.dashboard_versions.get_dashboard_versions_by_uid,
            uid,
        )
        # a list in older versions
        versions = answer["versions"] if isinstance(answer, dict) else answer
        newest: Document = max(versions, key=lambda one: int(one["version"]), default={})
        return str(newest.get("message", ""))

    def save_dashboard(self, dashboard: Dashboard, folder: str, version: int | None) -> None:
        """Store a dashboard in place of a version of it; refused where that is not the newest."""
        place = {} if version is None else {"version": version}
        self.ask(
            f"store the dashboard {dashboard.title!r}",
            self.api.dashboard.update_dashboard,
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
        rows = self.ask(
            "read annotations", self.api.annotations.find_annotations, tags=tags, limit=_ALL
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
        self.ask(
            "add annotations",
            self.api.annotations.add_annotation,
            panel_id=0,  # of no panel; without it the library sends what the description forbids
            time_from=mark.at,
            time_to=mark.at,
            tags=sorted(mark.tags),
            text=mark.text,
        )

    def change_mark(self, number: int, mark: Mark) -> None:
        self.ask(
            "change annotations",
            self.api.annotations.update_annotation,
            number,
            time_from=mark.at,
            time_to=mark.at,
            tags=sorted(mark.tags),
            text=mark.text,
        )

    def remove_mark(self, number: int) -> None:
        self.ask("remove annotations", self.api.annotations.delete_annotations_by_id, number)

    # alerts ----------------------------------------------------------------------------

    def contact_points(self) -> list[Document]:
        return list(
            self.ask("read contact points", self.api.alertingprovisioning.get_contactpoints)
        )

    def add_contact_point(self, document: Document) -> None:
        self.ask(
            "make a contact point", self.api.alertingprovisioning.create_contactpoint, document
        )

    def change_contact_point(self, document: Document) -> None:
        self.ask(
            "change a contact point",
            self.api.alertingprovisioning.update_contactpoint,
            NAME,
            document,
        )

    def rules(self) -> list[Document]:
        """All alert rules that the token may see, whoever made them."""
        return list(self.ask("read alert rules", self.api.alertingprovisioning.get_alertrules_all))

    def rule_group(self) -> Document | None:
        """The group of the tracker's rules."""
        return self.find(
            "read alert rules", self.api.alertingprovisioning.get_rule_group, NAME, NAME
        )

    def save_rule_group(self, document: Document) -> None:
        """Make the group what the document says; rules that it does not have are removed."""
        self.ask(
            "store alert rules",
            self.api.alertingprovisioning.update_rule_group,
            NAME,
            NAME,
            document,
        )


def _with_password(source: Source) -> Document:
    document = source.document()
    if source.password:
        document["secureJsonData"] = {"password": source.password}
    return document
