"""A scrape: right after a flush of a few events, and with nothing new."""

from collections.abc import Mapping
from pathlib import Path
from time import process_time
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest

from benchmarks.contenders.served import cpu_ms, served
from benchmarks.contenders.turns import config, product, take_turns


def main() -> None:
    """Folds a few events, publishes and scrapes, some times whenever told to."""
    given = config()
    service = served(given)
    collector = product("exporters.collector").LiveCollector(service.reading, version="0")
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)
    said = [generate_latest(registry).decode()]

    def scraped_ms() -> float:
        begun_s = process_time()
        said[0] = generate_latest(registry).decode()
        return cpu_ms(begun_s)

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
