"""What a user may choose about the rules, in addition to the catalogue, and alerts made by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aggregates.catalogue.kpi import Kpi
from exporters.dashboards.outline import OUTLINES
from exporters.rules.rule import Alert

RUNBOOKS: Final = "docs/runbooks"
"""Where runbooks are by default: their folder in this repository, which a link may be put before.
"""

GRAFANA: Final = ""
"""Where Grafana is by default: links then begin with ``/d/`` and hold on its own pages."""

JOB: Final = "tidemark"
"""Name of the scrape job in the shipped prometheus.yml."""

SERVICE_UID: Final = OUTLINES[-1].uid
"""The dashboard about Tidemark itself."""

_UIDS: Final = {outline.number: outline.uid for outline in OUTLINES}


@dataclass(frozen=True, slots=True)
class RuleOptions:
    """Where links lead, what the job is called, and how patient alerts are.

    Attributes:
        runbooks: Address of the folder of runbooks.
        grafana: Address of Grafana.
        job: Name of the job that scrapes the exporters.
        interval_s: Time between two evaluations of every group; None for each group's own.
        hold_max_s: Longest time that a condition must hold before its alert fires, and that the
            alert stays after it; None for each alert's own.
    """

    runbooks: str = RUNBOOKS
    grafana: str = GRAFANA
    job: str = JOB
    interval_s: int | None = None
    hold_max_s: int | None = None

    def interval(self, own_s: int | None) -> int | None:
        """Returns the time between two evaluations of a group that has one of its own."""
        return own_s if self.interval_s is None else self.interval_s

    def alert(
        self,
        name: str,
        expr: str,
        labels: Mapping[str, str],
        summary: str,
        description: str,
        *,
        hold_s: int,
        keep_s: int = 0,
        runbook: str | None = None,
        dashboard: str | None = None,
    ) -> Alert:
        """Returns an alert with the links and the patience that were chosen.

        Args:
            name: Its name.
            expr: PromQL.
            labels: Labels in addition to those of the series.
            summary: What it says in short.
            description: What it says.
            hold_s: How long it must be so before it fires.
            keep_s: How long it goes on firing when it is no longer so.
            runbook: Name of its runbook; None if that is the alert's name.
            dashboard: The uid of the dashboard that it leads to; None for none.
        """
        longest_s = max(hold_s, keep_s) if self.hold_max_s is None else self.hold_max_s
        page = f"{self.runbooks.rstrip('/')}/{runbook or name}.md#what-it-means"
        annotations = {"summary": summary, "description": description, "runbook_url": page}
        if dashboard is not None:
            annotations["dashboard_url"] = f"{self.grafana.rstrip('/')}/d/{dashboard}"
        return Alert(
            name, expr, min(hold_s, longest_s), min(keep_s, longest_s), labels, annotations
        )


def dashboard_of(kpi: Kpi) -> str | None:
    """Returns the uid of the first dashboard that shows a KPI, or None if none does."""
    return next((_UIDS[number] for number in kpi.dashboards if number in _UIDS), None)
