from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tests.support import values
from tests.support.stored import world
from tracker.config.places import Places
from tracker.config.settings import StoreSettings
from tracker.errors import StoreError
from tracker.store import schema, tables
from tracker.store.embedded import Embedded
from tracker.store.store import Store, connect, open_store

CELL = values.cell()


def test_tables_of_the_queries_are_those_of_the_migrations(store: Store) -> None:
    with store.engine.connect() as connection:
        differences = compare_metadata(
            MigrationContext.configure(
                connection, opts={"include_object": lambda _o, _n, kind, *_: kind != "index"}
            ),
            tables.metadata,
        )
    # comments and constraints are the migrations' alone; changes of a column come as a list
    flat = [d for item in differences for d in (item if isinstance(item, list) else [item])]
    assert [d for d in flat if "comment" not in d[0] and "constraint" not in d[0]] == []


def test_everything_says_what_it_is(store: Store) -> None:
    with store.engine.connect() as connection:
        silent = connection.scalars(
            sa.text(
                "SELECT relname FROM pg_class WHERE relkind IN ('r', 'v')"
                " AND relnamespace IN ('public'::regnamespace, 'recorder'::regnamespace)"
                " AND relname <> 'alembic_version'"
                " AND obj_description(oid) IS NULL"
            )
        ).all()
    assert silent == []


def test_down_and_up_again(store: Store) -> None:
    assert store.migrate(to=0) == (schema.newest(), 0)
    with store.engine.connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["alembic_version"]
        assert sa.inspect(connection).get_view_names() == []
    assert store.migrate() == (0, schema.newest())


def test_measurements_survive_migrations(store: Store) -> None:
    """Down to the first schema and up again: what a history shows stays the same."""
    here = world(store)
    build = values.build()
    here.built(0, build)
    here.ingest(here.measurement(0, build, CELL, 0), here.measurement(0, build, CELL, 1))
    before = [
        history.points[0].values for history in store.histories(here.project_id, here.commits)
    ]
    store.migrate(to=1)
    store.migrate()
    after = [history.points[0].values for history in store.histories(here.project_id, here.commits)]
    assert before == after == [(1.0, 1.0)]


def test_a_newer_schema_is_refused(store: Store, database_url: str, places: Places) -> None:
    with store.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError) as refused:
        open_store(StoreSettings(url=database_url), places=places)
    assert refused.value.code == "store.newer-schema"
    assert refused.value.exit_status == 4
    with pytest.raises(StoreError, match="9999"):
        store.migrate()


def test_an_older_schema_of_a_shared_server_is_not_touched(
    store: Store, database_url: str, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = schema.newest() + 1
    monkeypatch.setattr(schema, "newest", lambda: newer)
    with pytest.raises(StoreError) as refused:
        open_store(StoreSettings(url=database_url), places=places)
    assert refused.value.code == "store.old-schema"
    assert "tracker db migrate" in refused.value.hint


def test_opening_imports_no_alembic_where_the_schema_is_right(
    store: Store, database_url: str, places: Places
) -> None:
    import subprocess
    import sys

    program = (
        "import sys; from tracker.config.places import Places;"
        "from tracker.config.settings import StoreSettings;"
        "from tracker.store.store import open_store;"
        "open_store(StoreSettings(url=sys.argv[1]), places=Places.of_user()).close();"
        "sys.exit('alembic' in sys.modules)"
    )
    subprocess.run(
        [sys.executable, "-c", program, database_url],
        env={"TRACKER_HOME": str(places.state.parent)},
        check=True,
    )


def test_the_reader_may_read_and_nothing_else(store: Store) -> None:
    with store.engine.connect() as connection:
        connection.execute(sa.text("SET ROLE tracker_reader"))
        assert connection.execute(sa.text("SELECT * FROM series_point")).all() == []
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            connection.execute(sa.text("DELETE FROM reading"))


def test_two_commands_make_the_schema_once(database_url: str, places: Places) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def opened(_: int) -> int:
        with (
            open_store(StoreSettings(url=database_url), places=places) as store,
            store.engine.connect() as connection,
        ):
            return schema.current(connection)

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(opened, range(4))) == {schema.newest()}


def test_looking_after_a_database_does_not_need_its_schema(
    database_url: str, places: Places, embedded: Embedded
) -> None:
    with connect(StoreSettings(url=database_url), places=places) as store:
        assert store.migrate() == (0, schema.newest())
