"""A scrape: right after a flush of a few events, and with nothing new."""

from collections.abc import Mapping
from pathlib import Path
from time import process_time
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest

from benchmarks.contenders.folded import batches
from benchmarks.contenders.turns import config, product, take_turns


def main() -> None:
    """Folds a few events, publishes and scrapes, some times whenever told to."""
    given = config()
    lines = Path(given["file"]).read_bytes().splitlines()
    cut = len(lines) - given["live"]
    live = iter(list(batches(lines[cut:], given["flush"])))
    settings = product("streams.settings").load_settings()
    plan, kpis = product("streams.cli.core").load_kpis(settings)
    embedded = product("streams.local.embedded", "streams.embedded").Embedded(plan)
    embedded.load(batches(lines[:cut]), lambda _: None)
    embedded.publish()
    del lines
    feed = product("exporters.feed").Feed(embedded.board)
    [edge] = product("streams.local.replay", "streams.replay").edges_at([given["last"]])
    at_ms = product("aggregates.time.tile", "aggregates.tile").edge_ms(edge) - 1
    reading = product("exporters.live_reading").LiveReading(
        feed, kpis, plan.calendar, lambda: at_ms, shared_for_s=0.0
    )
    collector = product("exporters.collector").LiveCollector(reading, version="0")
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)
    said = [generate_latest(registry).decode()]

    def scraped_ms() -> float:
        begun_s = process_time()
        said[0] = generate_latest(registry).decode()
        return 1e3 * (process_time() - begun_s)

    def work() -> Mapping[str, Any]:
        flushed, idle = [], []
        for _ in range(given["scrapes"]):
            embedded.intake.take(next(live))
            embedded.publish()
            flushed.append(scraped_ms())
            idle.append(scraped_ms())
        series = sum(line.startswith("cs_") for line in said[0].splitlines())
        return {"flushed_ms": flushed, "idle_ms": idle, "series": series}

    def answer() -> str:
        kpis = [line for line in said[0].splitlines() if line.startswith("cs_")]
        Path(given["out"]).write_text("\n".join(sorted(kpis)) + "\n")
        return str(given["out"])

    take_turns(work, answer)


main()
