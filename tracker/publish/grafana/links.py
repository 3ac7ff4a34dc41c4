"""From a cell of a table to another dashboard."""

from __future__ import annotations

_TO_COMMIT = (
    "/d/commit-tracker-commit?var-project=${project:percentencode}"
    "&var-branch=${branch:percentencode}&var-commit=${__data.fields.sha}"
)

#: column, title and address
COMMIT = ("short", "The commit", _TO_COMMIT)
PAGE = ("link", "Its page", "${__value.raw}")
SERIES = (
    "title",
    "Its series",
    "/d/commit-tracker-series?${__url_time_range}&var-project=${project:percentencode}",
)
