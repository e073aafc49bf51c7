"""``tidemark replay --format table``: samples for people, rounded as the page has them."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from aggregates.reading.sample import Sample
from aggregates.time.tile import edge_ms
from events.zone import zone
from exporters.wording import figure
from streams.cli.table import Column, table_lines

_OWN: Final = frozenset({"currency", "window"})
"""Labels that are told elsewhere in a row."""


def as_table(found: Iterable[Sample], timezone: str, width: int | None = None) -> Iterator[str]:
    """Writes samples as a table; the exact values are those of the other forms.

    Args:
        found: The samples.
        timezone: IANA time zone of the clock that times are shown by.
        width: Cells that a line may have; None for no limit.
    """
    rules = zone(timezone)
    rows = [
        (
            f"{datetime.fromtimestamp(edge_ms(each.edge) // 1000, UTC).astimezone(rules):%F %H:%M}",
            each.kpi.id,
            dict(each.labels).get("window", ""),
            figure(each.value, each.kpi.unit, dict(each.labels).get("currency")),
            ", ".join(f"{name}={value}" for name, value in each.every_label if name not in _OWN),
        )
        for each in found
    ]
    columns = (
        Column(f"at ({timezone})"),
        Column("kpi"),
        Column("window"),
        Column("value", right=True),
        Column("labels"),
    )
    for line in table_lines(columns, rows, width):
        yield f"{line}\n"
