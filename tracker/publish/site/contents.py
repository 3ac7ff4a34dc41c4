"""What a site is made of, read from the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tracker.config.places import Places
from tracker.config.settings import Settings
from tracker.engine.plan import in_range, make_plan
from tracker.publish.gather import gather
from tracker.publish.report import Report
from tracker.store.store import open_store


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One report, and what its feed has to know besides."""

    report: Report
    #: number of a finding -> when it was found, and when it last changed its state; aware
    times: Mapping[int, tuple[datetime, datetime]]
    #: address of the start page, with a slash in the end; empty: links of the feed are relative
    url: str = ""


def stored_site(settings: Settings, range_text: str, *, url: str = "") -> Site:
    """The site of a range from the store alone.

    Raises:
        TrackerError: as ``stored_report``.
    """
    places = Places.of_user()
    plan = make_plan(settings, places=places, choose=in_range(range_text))
    with open_store(settings.store, places=places) as store:
        report = gather(plan, store, suite=plan.suite, cells=plan.cells)
        times = store.finding_times(store.project_id(settings.project.name))
    return Site(report=report, times=times, url=url)
