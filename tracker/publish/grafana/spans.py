"""A link that sets the range of time to that in which there is something to see."""

from __future__ import annotations

from dataclasses import dataclass

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.cog import builder
from grafana_foundation_sdk.models import dashboard as model

from tracker.publish.grafana.api.contents import NAME
from tracker.publish.grafana.parts import one_of


@dataclass(frozen=True)
class _Unseen(builder.Builder[model.VariableModel]):
    """A variable that only a link needs: not shown, and no part of addresses."""

    shown: build.QueryVariable

    def build(self) -> model.VariableModel:
        made = self.shown.build()
        made.hide = model.VariableHide.HIDE_VARIABLE
        made.skip_url_sync = True
        return made


@dataclass(frozen=True)
class Span:
    """From a little before the first to a little after the last of some rows."""

    #: name of the dashboard
    uid: str
    #: what stands between ``WITH`` and ``SELECT``
    rows: str
    #: what stands behind ``FROM``
    source: str
    #: the times, summed up; null for no rows
    first: str
    last: str

    def variables(self) -> tuple[_Unseen, _Unseen]:
        """``start`` and ``end``, which ask for those before them."""
        return (
            self._moment("start", f"{self.first} - interval '5 seconds'", "now-1y"),
            self._moment("end", f"{self.last} + interval '5 seconds'", "now"),
        )

    def _moment(self, name: str, moment: str, otherwise: str) -> _Unseen:
        milliseconds = f"(extract(epoch FROM {moment}) * 1000)::bigint::text"
        sql = f"""
        WITH {self.rows}
        SELECT coalesce({milliseconds}, '{otherwise}') AS moment FROM {self.source}
        """
        return _Unseen(one_of(name, name, sql))

    def link(self) -> build.DashboardLink:
        return (
            build.DashboardLink("Go to data")
            .type(model.DashboardLinkType.LINK)
            .url(f"/d/{NAME}-{self.uid}?from=${{start}}&to=${{end}}")
            .include_vars(True)
        )
