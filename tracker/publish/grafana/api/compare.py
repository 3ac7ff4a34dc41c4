"""Which steps lead from what Grafana has to what it should have: decisions without I/O."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from tracker.errors import UsageError
from tracker.publish.grafana.api.access import CONTACT
from tracker.publish.grafana.api.alerts import Contact
from tracker.publish.grafana.api.contents import NAME, TITLE, Dashboard, Document, Source
from tracker.publish.grafana.api.marks import Mark
from tracker.publish.grafana.api.server import Grafana, StoredDashboard, StoredMark
from tracker.publish.grafana.api.steps import Action, Step, as_asked, nothing, untouched

_BY_FILE = "Grafana reads it from a file; what that says is not what would be pushed"


def for_folder(found: Document | None, others: Iterable[Step]) -> Iterator[Step]:
    """One that has another name by now is the same; none is made for nothing.

    Args:
        others: the steps of all else.
    """
    if found is None and any(step.needs_folder for step in others):
        yield Step(action=Action.add, what=f"folder {TITLE}", send=Grafana.add_folder)


def for_source(wanted: Source, found: Document | None) -> Iterator[Step]:
    what, document = f"data source {TITLE}", wanted.document()
    if found is None:
        add = partial(Grafana.add_source, source=wanted)
        yield Step(action=Action.add, what=what, after=document, send=add)
        return
    before = as_asked(found, document)
    if before == document:
        return
    change = Step(
        action=Action.change,
        what=what,
        before=before,
        after=document,
        send=partial(Grafana.save_source, source=wanted),
    )
    yield untouched(change, _BY_FILE) if found.get("readOnly") else change


def for_dashboard(
    wanted: Dashboard, found: StoredDashboard | None, *, force: bool
) -> Iterator[Step]:
    """One that somebody else saved since stays as it is, unless forced."""
    what = f"dashboard {wanted.title}"
    if found is None:
        add = partial(Grafana.save_dashboard, dashboard=wanted, folder=NAME, version=None)
        yield Step(action=Action.add, what=what, needs_folder=True, send=add)
        return
    before = {key: value for key, value in found.document.items() if key not in ("id", "version")}
    if found.signature == wanted.signature or before == wanted.document:
        return
    change = Step(
        action=Action.change,
        what=what,
        before=before,
        after=wanted.document,
        send=partial(
            Grafana.save_dashboard,
            dashboard=wanted,
            # where somebody has moved it to
            folder=found.folder,
            version=found.document["version"],
        ),
    )
    if found.provisioned:
        yield untouched(change, _BY_FILE)
    elif found.signature.startswith(f"{NAME} ") or force:
        yield change
    else:
        yield untouched(change, "somebody changed it in Grafana; --force writes over it")


def for_marks(wanted: Sequence[Mark], found: Sequence[StoredMark]) -> Iterator[Step]:
    """One mark a finding: what is gone is removed, and what is there twice."""
    there: dict[str, list[StoredMark]] = defaultdict(list)
    for one in found:
        there[one.mark.key].append(one)
    for mark in wanted:
        what = f"annotation {mark.key}"
        same = there.get(mark.key)
        if not same:
            add = partial(Grafana.add_mark, mark=mark)
            yield Step(action=Action.add, what=what, after=_shown(mark), send=add)
            continue
        first = same.pop(0)
        if first.mark != mark:
            yield Step(
                action=Action.change,
                what=what,
                before=_shown(first.mark),
                after=_shown(mark),
                send=partial(Grafana.change_mark, number=first.number, mark=mark),
            )
    for key, superfluous in there.items():
        for one in superfluous:
            yield Step(
                action=Action.remove,
                what=f"annotation {key}",
                before=_shown(one.mark),
                send=partial(Grafana.remove_mark, number=one.number),
            )


def _shown(mark: Mark) -> Document:
    return {"time": mark.at, "text": mark.text, "tags": sorted(mark.tags)}


def for_contact(wanted: Contact | None, found: Sequence[Document]) -> Iterator[Step]:
    """The contact point, where the tracker looks after one. Its settings may open something.

    Raises:
        UsageError: it is to be somebody else's, and there is none of that name.
    """
    if wanted is None:
        return
    if wanted.document is None:
        if all(one.get("name") != wanted.receiver for one in found):
            raise UsageError(
                f"Grafana has no contact point that is called as {CONTACT} says",
                code="grafana.contact",
                hint="it has " + ", ".join(sorted({str(one.get("name")) for one in found})),
            )
        return
    what = f"contact point {wanted.receiver}"
    own = next((one for one in found if one.get("uid") == NAME), None)
    if own is None:
        add = partial(Grafana.add_contact_point, document=wanted.document)
        yield Step(action=Action.add, what=what, send=add)
    elif as_asked(own, wanted.document) != wanted.document:
        change = partial(Grafana.change_contact_point, document=wanted.document)
        yield Step(action=Action.change, what=what, send=change)


def for_rules(
    wanted: Document, found: Document | None, everywhere: Sequence[Document]
) -> Iterator[Step]:
    """The group of rules as a whole.

    Args:
        found: the group as Grafana has it.
        everywhere: all rules of Grafana; those of the tracker may come from a file.
    """
    rules = {rule["uid"]: rule for rule in wanted["rules"]}
    from_file = {
        one["uid"]: one
        for one in everywhere
        if one["uid"] in rules and one.get("provenance") == "file"
    }
    if from_file:
        yield from _rules_of_a_file(rules, from_file)
        return
    what = "alert rules"
    save = partial(Grafana.save_rule_group, document=wanted)
    after = _group(wanted, rules)
    if found is None:
        yield Step(action=Action.add, what=what, after=after, needs_folder=True, send=save)
        return
    before = _group(found, rules)
    if before != after:
        yield Step(action=Action.change, what=what, before=before, after=after, send=save)


def _rules_of_a_file(
    wanted: Mapping[str, Document], found: Mapping[str, Document]
) -> Iterator[Step]:
    """Where and how they call is the file's to say."""
    elsewhere = ("folderUID", "ruleGroup", "orgID", "notification_settings")
    for uid, rule in wanted.items():
        after = {key: value for key, value in rule.items() if key not in elsewhere}
        before = as_asked(found[uid], after) if uid in found else None
        if before != after:
            yield Step(
                action=Action.leave,
                what=f"alert rule {rule['title']}",
                before=before,
                after=after,
                because=_BY_FILE,
                send=nothing,
            )


def _group(group: Document, wanted: Mapping[str, Document]) -> Document:
    """A group with its rules by identifier, as far as they are asked for."""
    return {
        "interval": group["interval"],
        "rules": {
            rule["uid"]: as_asked(rule, wanted.get(rule["uid"], {"title": ""}))
            | {"notification_settings": {"receiver": _receiver(rule)}}
            for rule in group["rules"]
        },
    }


def _receiver(rule: Document) -> str:
    """Whom a rule calls; that nobody is asked for is asked for too."""
    return str((rule.get("notification_settings") or {}).get("receiver", ""))
