"""What contenders share that read a live board: a history, and the events after it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

from benchmarks.contenders.folded import batches
from benchmarks.contenders.turns import product


class Served(NamedTuple):
    """An embedded service that has folded a history.

    Attributes:
        embedded: The service.
        live: What comes then, a flush's events each time.
        reading: What its gauges are read from.
        kpis: The KPIs.
        edge: The edge at which all is read.
    """

    embedded: Any
    live: Iterator[Sequence[bytes]]
    reading: Any
    kpis: Any
    edge: int

    def flush(self) -> None:
        """Folds the next events, and publishes."""
        self.embedded.intake.take(next(self.live))
        self.embedded.publish()


def served(given: Mapping[str, Any]) -> Served:
    """Folds all of a file but its last events."""
    lines = Path(given["file"]).read_bytes().splitlines()
    cut = len(lines) - given["live"]
    live = iter(list(batches(lines[cut:], given["flush"])))
    settings = product("streams.settings").load_settings()
    plan, kpis = product("streams.cli.core").load_kpis(settings)
    embedded = product("streams.local.embedded", "streams.embedded").Embedded(plan)
    embedded.load(batches(lines[:cut]), lambda _: None)
    embedded.publish()
    feed = product("exporters.feed").Feed(embedded.board)
    [edge] = product("streams.local.replay", "streams.replay").edges_at([given["last"]])
    at_ms = product("aggregates.time.tile", "aggregates.tile").edge_ms(edge) - 1
    reading = product("exporters.live_reading").LiveReading(
        feed, kpis, plan.calendar, lambda: at_ms, shared_for_s=0.0
    )
    return Served(embedded, live, reading, kpis, edge)


def cpu_ms(begun_s: float) -> float:
    """Returns the CPU milliseconds since a time of ``process_time``."""
    return 1e3 * (process_time() - begun_s)
