"""Faults of a backfill: killed at five moments, its Prometheus killed too, and run again."""

import time
from collections.abc import Sequence
from typing import Final

from aggregates.time.tile import TILES_A_DAY, edge_after, edge_ms
from events import format_instant
from streams.clock import now_ms
from tests.end_to_end.commands import Service
from tests.end_to_end.figures import difference
from tests.end_to_end.scraped import backfilled, delete
from tests.faults.stage import Stage
from tests.servers import PrometheusServer
from tests.servers.required import required

KILLS: Final = 5

DAYS: Final = 3
"""That are filled, hour by hour."""

_QUIET: Final = "global: {scrape_interval: 1h}"
"""A Prometheus that scrapes nothing."""

_FILLED: Final = 'instance="127.0.0.1:9108",job="tidemark"'
"""Matchers of the labels that a backfill gives."""

_HOUR: Final = 4
"""Tiles."""


def backfill_killed(stage: Stage) -> None:
    """One Prometheus is filled at a stretch; another by backfills that are killed, ever later."""
    stage.flow.finish()
    last = edge_after(now_ms()) // TILES_A_DAY * TILES_A_DAY - TILES_A_DAY
    edges = range(last - DAYS * TILES_A_DAY, last + 1, _HOUR)
    with required(PrometheusServer(_QUIET)) as whole, required(PrometheusServer(_QUIET)) as pieces:
        begun_s = time.monotonic()
        assert _filling(stage, whole, edges).wait() == 0
        whole_s = time.monotonic() - begun_s
        for number in range(KILLS):
            filling = _filling(stage, pieces, edges)
            stage.wait(whole_s * number / KILLS, whole_s * (number + 1) / KILLS)
            filling.kill()
            stage.noted("kill -9 of a backfill")
        pieces.kill()
        stage.noted("kill -9 of Prometheus")
        pieces.start()
        again = _filling(stage, pieces, edges)
        if again.wait() != 0:  # some of it is there already: refused, until it is deleted
            delete(again.tail())
            again = _filling(stage, pieces, edges)
        assert again.wait() == 0, again.tail()
        right, filled = (backfilled(each, _FILLED, edges) for each in (whole, pieces))
    for edge in edges:
        assert right[edge], f"nothing was filled at {edge}"
        assert difference(filled[edge], right[edge]) == "", f"at {edge}"
    stage.measured["samples"] = sum(map(len, right.values()))


def _filling(stage: Stage, prometheus: PrometheusServer, edges: Sequence[int]) -> Service:
    """Starts a backfill of the topics into a running Prometheus."""
    first, last = (format_instant(edge_ms(edge)) for edge in (edges[0], edges[-1]))
    span = ("--from", first, "--to", last, "--every", "1h")
    where = ("--prometheus-data", prometheus.data_dir, "--prometheus-url", prometheus.url)
    source = f"kafka://{stage.installation.kafka.bootstrap}"
    return stage.installation.commands.start("backfill", "backfill", source, *span, *where)
