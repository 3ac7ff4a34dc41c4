"""From a cell of a table to another dashboard."""

from __future__ import annotations

from tracker.publish.grafana.parts import offered

_ON_BRANCH = "&var-branch=${branch:percentencode}"


def commit(column: str, sha: str = "sha", branch: str = _ON_BRANCH) -> tuple[str, str, str]:
    """From a column to what a commit changed, which another column names in full."""
    place = "/d/commit-tracker-commit?var-project=${project:percentencode}"
    return (column, "The commit", f"{place}{branch}&var-commit=${{__data.fields.{sha}}}")


#: column, title and address
COMMIT = commit("short")
#: of a dashboard without branches
COMMIT_ALONE = commit("short", branch="")
PAGE = ("link", "Its page", "${__value.raw}")

#: columns that ``series`` needs beside its own, and what they are of ``s``
OF_SERIES = ("chosen_benchmark", "chosen_parameters", "chosen_metric")
CHOSEN_SERIES = ", ".join(
    f"{offered(name.replace('chosen_', 's.'))} AS {name}" for name in OF_SERIES
)


def series(column: str) -> tuple[str, str, str]:
    """From a column to its series along the commits, which ``OF_SERIES`` name."""
    place = "/d/commit-tracker-series?${__url_time_range}&var-project=${project:percentencode}"
    which = "".join(
        f"&var-{name.removeprefix('chosen_')}=${{__data.fields.{name}:percentencode}}"
        for name in OF_SERIES
    )
    return (column, "Its series", f"{place}{_ON_BRANCH}{which}")


#: columns of ``run_summary`` that ``RUN`` needs: as text, which Grafana hands on as it is
OF_RUN = """run_id::text AS run,
       ((extract(epoch FROM started_at) - 5) * 1000)::bigint::text AS since,
       ((extract(epoch FROM coalesce(finished_at, now())) + 5) * 1000)::bigint::text AS until"""
OF_RUN_HIDDEN = ("run", "since", "until")
_WHEN = "from=${__data.fields.since}&to=${__data.fields.until}"
_WHICH = "var-project=${project:percentencode}&var-run=${__data.fields.run}"
RUN = ("started_at", "Its sensors", f"/d/commit-tracker-device?{_WHEN}&{_WHICH}")
