"""A scrape: right after a flush of a few events, and with nothing new."""

from collections.abc import Callable, Mapping
from pathlib import Path
from time import process_time
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest

from benchmarks.contenders.served import cpu_ms, served
from benchmarks.contenders.turns import config, product, take_turns


def scrape_of(reading: Any) -> Callable[[], bytes]:
    """Returns what answers a scrape of a reading as the measured build's exporter does."""
    collector = product("exporters.collector").LiveCollector(reading, version="0")
    try:
        exposition = product("exporters.http.exposition").Exposition(collector.families)
    except ModuleNotFoundError:  # it writes all families each time
        registry = CollectorRegistry(auto_describe=False)
        registry.register(collector)
        return lambda: generate_latest(registry)
    return lambda: exposition.of(reading.take(), "text/plain").plain


def main() -> None:
    """Folds a few events, publishes and scrapes, some times whenever told to."""
    given = config()
    service = served(given)
    scrape = scrape_of(service.reading)
    said = [scrape().decode()]

    def scraped_ms() -> float:
        begun_s = process_time()
        text = scrape()
        took_ms = cpu_ms(begun_s)
        said[0] = text.decode()
        return took_ms

    def work() -> Mapping[str, Any]:
        flushed, idle = [], []
        for _ in range(given["scrapes"]):
            service.flush()
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
