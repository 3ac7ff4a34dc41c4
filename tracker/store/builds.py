"""What commits install, in which environments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from tracker.model.cells import EnvironmentRequest
from tracker.model.environments import Build, BuildFailure, Environment, EnvironmentClass
from tracker.store import tables as t
from tracker.store.upsert import upsert

Row = Mapping[str, Any]


def build_outcome(
    connection: sa.Connection,
    *,
    project_id: int,
    sha: str,
    request: EnvironmentRequest,
    environment_class: EnvironmentClass | None,
    outcome: Build | BuildFailure,
    seconds: float,
) -> None:
    commit_id = connection.scalar(
        sa.select(t.commit.c.id).where(t.commit.c.project_id == project_id, t.commit.c.sha == sha)
    )
    of_request = {"commit_id": commit_id, "recipe": request.recipe, "python": request.python}
    class_id = environment_class and _environment_class_id(connection, environment_class)
    row: dict[str, Any] = of_request | {
        "environment_class_id": class_id,
        "settings": request.settings,
        "build_id": None,
        "reason": None,
        "log": None,
        "seconds": seconds,
    }
    if isinstance(outcome, BuildFailure):
        row |= {"reason": outcome.reason, "log": outcome.log}
    else:
        row["build_id"] = _build_id(connection, outcome)
    if class_id is not None:
        # it was once impossible to resolve, and no longer is
        unresolved = t.commit_build.delete().filter_by(**of_request, environment_class_id=None)
        connection.execute(unresolved)
    statement = insert(t.commit_build).values(row)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["commit_id", "recipe", "python", "environment_class_id"],
            set_={
                name: statement.excluded[name]
                for name in ("settings", "build_id", "reason", "log", "seconds")
            }
            | {"recorded_at": sa.func.now()},
        )
    )


def content(connection: sa.Connection, build: Build) -> None:
    _build_id(connection, build)


def _build_id(connection: sa.Connection, build: Build) -> int:
    e = build.environment
    environment = {
        "hash": e.hash,
        "environment_class_id": _environment_class_id(connection, e.environment_class),
        "python": e.python,
        "platform": e.platform,
        "lock": e.lock,
    }
    row = {
        "key": build.key,
        "content": build.content,
        "environment_id": _id_of(connection, t.environment, "hash", environment),
        "packages": [list(package) for package in e.packages],
        "installed_bytes": build.installed_bytes,
    }
    return _id_of(connection, t.build, "key", row)


def _environment_class_id(connection: sa.Connection, known: EnvironmentClass) -> int:
    row = {
        "hash": known.hash,
        "recipe": known.recipe,
        "python": known.python,
        "lock": known.lock,
        "requires": list(known.requires),
    }
    return _id_of(connection, t.environment_class, "hash", row)


def _id_of(connection: sa.Connection, table: sa.Table, key: str, row: Row) -> int:
    """The id of a row that is the same for ever once it is stored."""
    query = sa.select(table.c.id).where(table.c[key] == row[key])
    if (found := connection.scalar(query)) is None:
        upsert(connection, table, [row], key=[key])
        found = connection.scalar(query)
    assert found is not None  # noqa: S101  it was inserted by us or by another
    return int(found)


def build(connection: sa.Connection, key: str) -> Build:
    b, e, k = t.build.c, t.environment.c, t.environment_class.c
    row = connection.execute(
        sa.select(
            b.key, b.content, b.packages, b.installed_bytes,
            e.hash, e.python, e.platform, e.lock,
            k.recipe, k.python.label("requested"), k.lock.label("class_lock"), k.requires,
        )
        .select_from(t.build.join(t.environment).join(t.environment_class))
        .where(b.key == key)
    ).one()  # fmt: skip
    return Build(
        key=row.key,
        content=row.content,
        installed_bytes=row.installed_bytes,
        environment=Environment(
            hash=row.hash,
            environment_class=EnvironmentClass(
                recipe=row.recipe,
                python=row.requested,
                lock=row.class_lock,
                requires=tuple(row.requires),
            ),
            python=row.python,
            platform=row.platform,
            lock=row.lock,
            packages=tuple((name, version) for name, version in row.packages),
        ),
    )


def environment_classes(
    connection: sa.Connection, project_id: int, request: EnvironmentRequest
) -> tuple[EnvironmentClass, ...]:
    k = t.environment_class.c
    used = (
        sa.select(t.commit_build.c.environment_class_id)
        .join(t.commit)
        .where(
            t.commit.c.project_id == project_id,
            t.commit_build.c.recipe == request.recipe,
            t.commit_build.c.python == request.python,
        )
    )
    rows = connection.execute(
        sa.select(k.recipe, k.python, k.lock, k.requires)
        .where(k.id.in_(used))
        .order_by(k.id.desc())
    )
    return tuple(
        EnvironmentClass(recipe=r.recipe, python=r.python, lock=r.lock, requires=tuple(r.requires))
        for r in rows
    )
