"""What a user may choose about the rules, beside the catalogue."""

from dataclasses import dataclass
from typing import Final

RUNBOOKS: Final = "docs/runbooks"
"""Where runbooks are unless told: their folder in this repository, which a link may be put before.
"""

GRAFANA: Final = ""
"""Where Grafana is unless told: links then begin with ``/d/`` and hold on its own pages."""

JOB: Final = "tidemark"
"""Name of the scrape job in the shipped prometheus.yml."""


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

    def hold(self, own_s: int) -> int:
        """Returns the patience of an alert that has one of its own."""
        return own_s if self.hold_max_s is None else min(own_s, self.hold_max_s)

    def runbook(self, page: str) -> str:
        """Returns the address of a runbook: its first section, below the name of the alert."""
        return f"{self.runbooks.rstrip('/')}/{page}.md#what-it-means"

    def dashboard(self, uid: str) -> str:
        """Returns the address of a dashboard."""
        return f"{self.grafana.rstrip('/')}/d/{uid}"
