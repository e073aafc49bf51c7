"""The board lost: it is a cache, and losing it costs seconds of staleness, never a number."""

from collections.abc import Callable
from pathlib import Path

import pytest
import redis

from tests.end_to_end.exporter import Exporter, Scrape
from tests.end_to_end.figures import Oracle
from tests.end_to_end.installation import Installation, new_installation
from tests.end_to_end.patience import PATIENCE_S, wait_for

pytestmark = [pytest.mark.broker, pytest.mark.slow]

FLUSH_S = "2"
"""Between two publishes: long enough for a scrape to fall into the gap after a loss."""

LOSSES = 2

STEADY = 10
"""Scrapes in a row, every tenth of a second, that must be right before it counts as recovered."""


def _watch(exporter: Exporter, lose: Callable[[], object]) -> list[tuple[Scrape, int]]:
    """Loses the board and scrapes until it is steadily complete; gives what was seen."""
    seen: list[tuple[Scrape, int]] = []
    lose()

    def look() -> bool:
        scrape = exporter.scrape()
        seen.append((scrape, exporter.get("/-/ready")[0]))
        return len(seen) >= STEADY and all(each.complete for each, _ in seen[-STEADY:])

    wait_for(look, lambda: f"complete again: {exporter.get('/-/ready')}")
    return seen


def _check(seen: list[tuple[Scrape, int]], oracle: Oracle) -> None:
    """Each scrape is whole and right, or shows no KPI at all."""
    for scrape, _ in seen:
        if scrape.complete:
            assert scrape.equals(oracle), scrape.difference(oracle)
        else:
            shown = [name for name, _ in scrape.samples if name.startswith("cs_")]
            assert shown == []


def _settled(installation: Installation, history: Path) -> tuple[Exporter, Oracle]:
    installation.publish(history)
    for _ in range(2):
        installation.worker()
    exporter, oracle = installation.exporter(), installation.oracle(history)
    exporter.wait_until_settled()
    exporter.check(oracle)
    return exporter, oracle


def test_a_flushed_board_is_stale_or_whole_and_never_partial(tmp_path: Path, history: Path) -> None:
    """After FLUSHALL every scrape shows the full figures or none, and soon the full ones again.

    While there are none, the board counts as incomplete and the readiness probe answers 503.
    """
    with new_installation(tmp_path, flush_interval=FLUSH_S) as installation:
        exporter, oracle = _settled(installation, history)
        client = redis.Redis.from_url(installation.redis.url)
        try:
            for _ in range(LOSSES):
                seen = _watch(exporter, client.flushall)
                _check(seen, oracle)
                stale = [ready for scrape, ready in seen if not scrape.complete]
                assert stale, "no scrape fell into the gap"
                assert 503 in stale
        finally:
            client.close()


def test_a_board_killed_and_restarted_empty_comes_back(
    installation: Installation, history: Path
) -> None:
    """With Redis gone the exporter shows what it holds, which is right, until that is stale.

    Started again, empty, it is filled by itself.
    """
    exporter, oracle = _settled(installation, history)
    installation.redis.kill()
    seen: list[tuple[Scrape, int]] = []

    def look() -> bool:
        scrape = exporter.scrape()
        seen.append((scrape, exporter.get("/-/ready")[0]))
        return not scrape.complete

    wait_for(look, lambda: "stale without its board", limit_s=PATIENCE_S)
    assert wait_for(lambda: exporter.get("/-/ready")[0] == 503, lambda: "not ready")
    _check(seen, oracle)
    assert seen[0][0].complete
    _check(_watch(exporter, installation.redis.start), oracle)
