"""From a cell of a table to another dashboard."""

from __future__ import annotations


def commit(column: str, sha: str = "sha") -> tuple[str, str, str]:
    """From a column to what a commit changed, which another column names in full."""
    place = "/d/commit-tracker-commit?var-project=${project:percentencode}"
    which = f"&var-branch=${{branch:percentencode}}&var-commit=${{__data.fields.{sha}}}"
    return (column, "The commit", place + which)


#: column, title and address
COMMIT = commit("short")
PAGE = ("link", "Its page", "${__value.raw}")

#: beside it stand columns with the benchmark and its parameters
SERIES = (
    "title",
    "Its series",
    "/d/commit-tracker-series?${__url_time_range}&var-project=${project:percentencode}"
    "&var-branch=${branch:percentencode}"
    + "".join(
        f"&var-{name}=${{__data.fields.{name}:percentencode}}"
        for name in ("benchmark", "parameters", "metric")
    ),
)
