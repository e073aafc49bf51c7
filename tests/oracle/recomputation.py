"""The second computation: raw lines into DuckDB, and one SQL file after the other.

Owns no rule of a figure: those are in the SQL files, written from the definitions alone. Imports
nothing of Tidemark.
"""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import duckdb

_FILES: Final = (
    "events",
    "windows",
    "persons",
    "usage",
    "tickets",
    "ticket_times",
    "schedules",
    "support",
    "escalations",
    "sla",
    "business",
    "surveys",
    "satisfaction",
    "subscriptions",
    "prices",
    "contracts",
    "payments",
    "changes",
    "seats",
    "movements",
    "revenue",
    "renewals",
    "plans",
    "health",
    "trials",
    "costs",
    "team",
    "progress",
    "prospects",
    "kpis",
    "usage_kpis",
    "renewal_kpis",
    "support_kpis",
    "account_kpis",
    "health_kpis",
)
"""The SQL files in the order in which they build on each other."""

_FOLDER: Final = Path(__file__).parent / "sql"


class Cell(NamedTuple):
    """What a figure is of.

    Attributes:
        measure: The measure's name.
        window: The window that it is read over; empty for a figure of the moment.
        labels: Values of the measure's labels; of a duration `count` or `sum`.
        segment: The segment of the accounts.
    """

    measure: str
    window: str
    labels: tuple[str, ...]
    segment: str


Figures = dict[Cell, int]
"""Figures that are not 0."""


class Place(NamedTuple):
    """Where a KPI has a value.

    Attributes:
        edge_ms: The instant at which it is read.
        kpi: Its id.
        labels: Its labels as `name=value`, ascending.
    """

    edge_ms: int
    kpi: str
    labels: tuple[str, ...]


class Recomputation:
    """Figures of one history at some instants."""

    def __init__(
        self,
        lines: Sequence[bytes],
        edges_ms: Sequence[int],
        setup: str = "",
        files: Sequence[str] = _FILES,
    ) -> None:
        """Computes everything.

        Args:
            lines: The raw events, in any order.
            edges_ms: Instants (ms of the epoch, on tile edges) at which to read.
            setup: SQL that is run first, for settings other than the defaults.
            files: The SQL files to run; by default all.
        """
        self._database = duckdb.connect(config={"threads": 2})
        self._database.execute(
            "CREATE TABLE lines AS SELECT unnest($1) AS line", [[line.decode() for line in lines]]
        )
        self._database.execute(
            "CREATE TABLE edges AS SELECT unnest($1)::BIGINT AS edge_ms", [sorted(set(edges_ms))]
        )
        self._database.execute(setup)
        for name in files:
            self._database.execute((_FOLDER / f"{name}.sql").read_text())

    def figures(self) -> dict[int, Figures]:
        """Returns the figures at each edge, by segment; internal accounts are out."""
        found: dict[int, Figures] = defaultdict(dict)
        rows = self._rows(
            """
            SELECT
                edge_ms, measure, "window", labels, coalesce(segment, 'unknown') AS segment,
                sum(figure)::HUGEINT AS total
            FROM figures
            LEFT JOIN accounts USING (account)
            WHERE NOT coalesce(is_internal, false)
            GROUP BY ALL
            HAVING total <> 0
            """
        )
        for edge_ms, measure, window, labels, segment, total in rows:
            found[edge_ms][Cell(measure, window, tuple(labels), segment)] = int(total)
        return found

    def measures(self) -> set[str]:
        """Returns the names of the measures that have a figure at some edge."""
        return {name for (name,) in self._rows("SELECT DISTINCT measure FROM figures")}

    def quotients(self) -> dict[Place, tuple[float, float]]:
        """Returns numerator and denominator of ratio KPIs."""
        rows = self._rows("SELECT edge_ms, kpi, labels, numerator, denominator FROM quotients")
        return {
            Place(at, kpi, tuple(labels)): (above, below) for at, kpi, labels, above, below in rows
        }

    def lifetime_values(self) -> dict[int, float]:
        """Returns the lifetime value of an account by edge, where it has one."""
        return dict(self._rows("SELECT edge_ms, ltv FROM lifetime_values"))

    def quantiles(self) -> dict[Place, float]:
        """Returns the exact quantiles of durations, in seconds."""
        rows = self._rows("SELECT edge_ms, kpi, labels, seconds FROM quantiles")
        return {Place(at, kpi, tuple(labels)): seconds for at, kpi, labels, seconds in rows}

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return self._database.execute(query).fetchall()
