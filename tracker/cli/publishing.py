"""What a night does with its report after it is shown: others are told, one step after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.cli.exporting import Files
    from tracker.config.settings import Settings
    from tracker.publish.report import Report
    from tracker.store.store import Store

Say = Callable[[str], None]
#: what it is called, and what it does with a report
Step = tuple[str, Callable[["Report"], None]]


def after_the_night(settings: Settings, files: Files, say: Say) -> tuple[Step, ...]:
    """The steps, in their order."""
    return (
        ("writing files", lambda report: files.of_report(report, settings)),
        ("notify", lambda report: notify(report, settings, say)),
    )


def look_ahead(settings: Settings, say: Say) -> None:
    """See, before anything is measured, that the steps can be done as they are configured.

    Raises:
        ConfigurationError: they cannot.
    """
    from tracker.errors import PublishError
    from tracker.publish.notifying.sending import check

    try:
        check(settings.notify.to)
    except PublishError as error:
        say(f"notify.to could not be checked: {error.line}")


def publish(report: Report, steps: Sequence[Step], say: Say) -> None:
    """Do each step; one that fails is told, and keeps none of the others from being done."""
    from tracker.errors import TrackerError

    for name, work in steps:
        try:
            work(report)
        except TrackerError as error:
            say(f"{name} failed: {error.line}")


def notify(report: Report, settings: Settings, say: Say) -> None:
    """Tell each destination, in one message, of the findings that it does not know yet.

    What a service does not take stays untold, and is in the message of the next night.

    Raises:
        TrackerError: the store cannot be opened.
    """
    from tracker.config.places import Places
    from tracker.errors import PublishError
    from tracker.store.store import open_store

    if not settings.notify.to:
        return
    with open_store(settings.store, places=Places.of_user()) as store:
        for name in settings.notify.to:
            try:
                _tell(name, report, settings, store)
            except PublishError as error:
                say(f"not notified: {error.message}; the next night tries again   [{error.code}]")


def _tell(name: str, report: Report, settings: Settings, store: Store) -> None:
    from tracker.config.settings import Level
    from tracker.publish.notifying.messages import chosen, digest
    from tracker.publish.notifying.sending import send
    from tracker.publish.trying import PAUSES, persistently

    notify = settings.notify
    project_id = store.project_id(settings.project.name)
    untold = store.untold(project_id, name)
    news = [finding for finding in store.findings(project_id) if finding.id in untold]
    findings = chosen(news, notify.level)
    if not findings and notify.level is not Level.all:
        return
    message = digest(report, findings)
    persistently(lambda: send(name, notify.to[name], message), PAUSES)
    store.told(project_id, name, [one.id for one in findings if one.id is not None])
