"""Faults of the board: Redis emptied, gone, frozen, full, or back with what it held long ago."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import redis

from tests.end_to_end.exporter import Scrape
from tests.end_to_end.figures import difference
from tests.end_to_end.patience import wait_for
from tests.faults.stage import Stage
from tests.servers import RedisServer

FULL: Final = 0.95
"""Of the memory that Redis has in use: less than the board takes, so that keys are evicted. A Redis
that was just emptied is filled again first: below what it needs for itself nothing can be."""


@contextmanager
def _client(server: RedisServer) -> Iterator[Any]:
    with redis.Redis.from_url(server.url) as client:
        yield client


def flushed(stage: Stage) -> None:
    """FLUSHALL: the figures are gone at once, and back after the next publish."""
    with _client(stage.installation.redis) as client:
        client.flushall()
    stage.noted("FLUSHALL")


def gone(stage: Stage) -> None:
    """Killed, and empty when it is back; meanwhile figures are shown until they are stale."""
    server = stage.installation.redis
    server.kill()
    stage.noted("kill -9 of Redis")

    def stale() -> bool:
        return not stage.exporter.scrape().complete

    wait_for(stale, lambda: "figures are shown for ever without a board", poll_s=1.0)
    assert stage.exporter.get("/-/ready")[0] == 503
    server.start()


def frozen(stage: Stage) -> None:
    """SIGSTOP: connections stay open, nothing answers."""
    server = stage.installation.redis
    server.pause()
    stage.noted("SIGSTOP of Redis")
    stage.wait(6, 14)
    server.resume()


def full(stage: Stage) -> None:
    """A limit of memory below what the board takes: keys are evicted, here one, there another."""
    with _client(stage.installation.redis) as client:
        client.config_set("maxmemory-policy", "allkeys-random")
        before = client.info("stats")["evicted_keys"]

        def evicts() -> bool:
            used = client.info("memory")["used_memory"] if client.dbsize() else 0
            client.config_set("maxmemory", int(FULL * used))
            return bool(client.info("stats")["evicted_keys"] > before)

        wait_for(evicts, lambda: "Redis evicts keys", poll_s=1.0)
        stage.wait(6, 12)
        client.config_set("maxmemory", "0")
    stage.noted("eviction")


def failed_over(stage: Stage) -> None:
    """A replica that lags is made the master: it has what the board held some time before."""
    server = stage.installation.redis
    with RedisServer() as replica, _client(replica) as client:
        client.replicaof("127.0.0.1", server.port)
        wait_for(
            lambda: client.info("replication")["master_link_status"] == "up",
            lambda: "the replica follows",
        )
        replica.pause()
        stage.wait(3, 6)
        server.kill()
        replica.resume()
        client.replicaof("NO", "ONE")
        client.save()
        shutil.copy(replica.home / "dump.rdb", server.home / "dump.rdb")
    server.start()
    (server.home / "dump.rdb").unlink()
    stage.noted("failover to a lagging replica")


LOSSES: Final[tuple[Callable[[Stage], None], ...]] = (flushed, gone, frozen, full, failed_over)


def board_lost(stage: Stage) -> None:
    """All of them in some order, with time between to recover."""
    for lose in stage.rng.sample(LOSSES, len(LOSSES)):
        lose(stage)
        _recovered(stage)
    stage.checks.append(lambda: _alike(stage))


def _alike(stage: Stage) -> None:
    """An exporter that has seen none of it shows the same."""
    new = stage.installation.exporter()
    new.wait_until_settled()
    first, second = stage.exporter.scrape(), new.scrape()
    if first.edge == second.edge:
        assert difference(first.series, second.series) == ""


def _recovered(stage: Stage) -> None:
    last: list[Scrape] = []

    def whole() -> bool:
        last[:] = [stage.exporter.scrape()]
        return last[0].complete

    wait_for(whole, lambda: f"whole again: {stage.exporter.get('/-/ready')}", poll_s=1.0)
