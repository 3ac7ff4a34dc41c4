"""What should be in Grafana beside what is there, and the steps between the two taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tracker import resources
from tracker.errors import InfrastructureError, StoreError
from tracker.publish.grafana.api import alerts, compare
from tracker.publish.grafana.api.access import PASSWORD
from tracker.publish.grafana.api.alerts import Contact
from tracker.publish.grafana.api.contents import LOGIN, Source, dashboards
from tracker.publish.grafana.api.marks import Mark, mark
from tracker.publish.grafana.api.server import Grafana
from tracker.publish.grafana.api.steps import Step
from tracker.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What of a project should be in Grafana, beside the dashboards that ship."""

    project: str
    source: Source
    marks: tuple[Mark, ...]
    contact: Contact | None


def wanted(store: Store, project: str, source: Source, contact: Contact | None) -> Wanted:
    """What should be there by what is stored now.

    Raises:
        StoreError: ``store.reader``: Grafana could not read the database.
    """
    if not store.is_reader(LOGIN):
        raise StoreError(
            f"the database has no login {LOGIN!r} that can read the tracker's tables",
            code="store.reader",
            hint="make it: psql \"$(tracker db url)\" -v password='...' -f "
            f"{resources.directory('grafana') / 'reader.sql'}",
        )
    marks = (mark(project, one) for one in store.sightings(project))
    return Wanted(
        project=project,
        source=source,
        marks=tuple(one for one in marks if one is not None),
        contact=contact,
    )


def steps(grafana: Grafana, wanted: Wanted, *, force: bool = False) -> tuple[Step, ...]:
    """What differs, in the order that it can be mended in.

    Raises:
        TrackerError: the server does not answer, is too old, or does not let the token look.
    """
    grafana.check_version()
    shown: list[Step] = []
    for dashboard in dashboards():
        shown += compare.for_dashboard(dashboard, grafana.dashboard(dashboard.uid), force=force)
    shown += compare.for_marks(wanted.marks, grafana.marks(wanted.project))
    contact = compare.for_contact(wanted.contact, grafana.contact_points())
    group = alerts.group(wanted.contact)
    called = [*contact, *compare.for_rules(group, grafana.rule_group(), grafana.rules())]
    source = compare.for_source(wanted.source, grafana.source())
    folder = compare.for_folder(grafana.folder(), [*shown, *called])
    return (*source, *folder, *shown, *called)


def take(
    grafana: Grafana, wanted: Wanted, found: Iterable[Step], told: Callable[[Step], None]
) -> None:
    """Take the steps, and tell of each; then see that Grafana can read the database.

    Raises:
        UsageError: the data source is to be made, and its password is not known.
        TrackerError: the server stops answering, or refuses something.
    """
    for step in found:
        step.send(grafana)
        told(step)
    if wanted.source.password and grafana.source_fault():
        # Grafana does not show the password that it has: it may be an old one
        stored = grafana.source() or {}
        if not stored.get("readOnly"):
            grafana.save_source(wanted.source)
    check_source(grafana)


def check_source(grafana: Grafana) -> None:
    """See that Grafana can read the database, where it has a data source for it.

    Raises:
        InfrastructureError: ``grafana.database``: it cannot.
    """
    if grafana.source() is not None and (fault := grafana.source_fault()):
        raise InfrastructureError(
            f"Grafana cannot read the database: {fault}",
            code="grafana.database",
            hint=f"TRACKER_GRAFANA_HOST is where Grafana finds it, {PASSWORD} the password that "
            "grafana/reader.sql was given",
        )
