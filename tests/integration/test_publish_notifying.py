"""What a night tells others, to services in a thread; Apprise works in processes of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import reports
from tests.support.services import HANG, Webhook, serving
from tests.support.settings import SETTINGS
from tests.support.stored import PROJECT, world
from tracker.cli.exporting import Files
from tracker.cli.publishing import after_the_night, look_ahead, publish
from tracker.config.settings import Level, NotifySettings, Settings, StoreSettings
from tracker.errors import ConfigurationError, PublishError
from tracker.model.findings import Confirmation
from tracker.publish import trying
from tracker.publish.notifying import sending
from tracker.publish.notifying.messages import digest
from tracker.publish.notifying.sending import send
from tracker.store.store import Store

pytest.importorskip("apprise", reason="the extra `notify` brings it")

REPORT = reports.releases()
FOUND = next(one for one in REPORT.findings if one.confirmation is Confirmation.confirmed)
NO_FILES = Files(junit=None, sarif=None)
MESSAGE = digest(REPORT, [FOUND])


def _settings(database_url: str, **to: str) -> Settings:
    return replace(
        SETTINGS,
        project=PROJECT,
        store=StoreSettings(url=database_url),
        notify=NotifySettings(to=to, level=Level.quiet),
    )


def test_each_finding_is_told_once_whatever_happens_to_a_night(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = world(store)
    hook = Webhook(troubles=[HANG, 500])
    monkeypatch.setattr(trying, "PAUSES", [0.0])
    with serving(hook) as address:
        url = address.replace("http://", "json://user:s3cret@") + "/hook?rto=0.2"
        settings = _settings(database_url, hook=url)
        store.remember_destinations(here.project_id, ["hook"])
        found = replace(FOUND, commit=here.shas[1], after=here.shas[0], id=None)
        store.save_findings(here.project_id, here.run, [found])

        said: list[str] = []
        publish(REPORT, after_the_night(settings, NO_FILES, said.append), said.append)
        refused = "hook does not take the message: it answers 500; the next night tries again"
        assert said == [f"not notified: {refused}   [publish.failed]"]
        assert (len(hook.asked), hook.taken) == (2, [])

        said.clear()
        publish(REPORT, after_the_night(settings, NO_FILES, said.append), said.append)
        publish(REPORT, after_the_night(settings, NO_FILES, said.append), said.append)
        assert said == []
        (told,) = hook.taken
        assert told["title"] == "jsonschema: 1 regression"
        assert f"regression at {here.shas[1][:8]}: ● confirmed" in told["message"]
        assert told["type"] == "warning"

        every = replace(settings, notify=replace(settings.notify, level=Level.all))
        publish(REPORT, after_the_night(every, NO_FILES, said.append), said.append)
        assert [one["title"] for one in hook.taken[1:]] == ["jsonschema: nothing new"]


def test_a_sender_that_hangs_is_ended() -> None:
    with pytest.raises(PublishError, match="hook: no answer in 0") as refused:
        send("hook", "json://localhost/s3cret", MESSAGE, patience=0.01)
    assert refused.value.passing


def test_mistakes_are_found_before_the_night(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    look_ahead(_settings(""), said.append)
    both = _settings("", chat="slack://s3cret", hook="json://localhost/s3cret")
    with pytest.raises(ConfigurationError) as refused:
        look_ahead(both, said.append)
    (problem,) = refused.value.problems
    assert problem.message == "notify.to.chat: is no URL that Apprise understands"
    assert "s3cret" not in str(refused.value)
    assert said == []
    monkeypatch.setattr(sending, "_SENDER", "/nowhere.py")
    look_ahead(both, said.append)
    assert said == [
        "notify.to could not be checked: Apprise: the sender ended with 2   [publish.failed]"
    ]
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match="needs Apprise"):
        look_ahead(both, said.append)


def test_a_step_that_fails_is_told_and_stops_no_other(tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / "file").touch()
    files = Files(junit=tmp_path / "file" / "in" / "cases.xml", sarif=None)
    first, *_ = after_the_night(_settings(""), files, said.append)
    publish(REPORT, (first, ("second", lambda report: said.append(report.project))), said.append)
    why = f"{files.junit} cannot be written: Not a directory   [infrastructure.file]"
    assert said == [f"writing files failed: {why}", "jsonschema"]
