"""A worker as it ships, from empty: validation, rows, ledger, changelog, acknowledgement, board."""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.contenders.folded import core, text_at
from benchmarks.contenders.turns import config, cpu_s, product, take_turns

POLL_S: Final = 0.01
"""Between two looks at how far the worker is."""


def main() -> None:
    """Folds the topics with a new worker whenever told to."""
    given = config()
    plan, catalogue = core()
    shards: dict[int, Any] = {}

    def shard(number: int, *holds: Any) -> Any:
        known = {"holds": holds[0]} if holds else {}
        made = product("aggregates.shard.shard", "aggregates.shard").Shard
        shards[number] = made(plan, number, bulk=True, **known)
        return shards[number]

    def work() -> Mapping[str, Any]:
        shards.clear()
        return asyncio.run(_caught_up(given, shard))

    def answer() -> str:
        whole = product("aggregates.ledger.ledger", "aggregates.ledger").Ledger()
        for each in shards.values():
            each.settle()
            whole.merge(each.ledger)
        edges = product("streams.local.replay", "streams.replay").edges_at([given["last"]])
        Path(given["out"]).write_text(text_at(catalogue, whole, plan, edges))
        return str(given["out"])

    take_turns(work, answer)


async def _caught_up(given: Mapping[str, Any], shard: Any) -> Mapping[str, Any]:
    """Runs a worker until all is folded and safe in the changelog.

    Its start does not count: time is taken from the first records that it has folded.
    """
    cluster = _cluster(given["broker"])
    run = f"bench.{time.monotonic_ns()}"
    topics = product("streams.kafka.topics", "streams.topics").Topics
    options = product("streams.worker.options", "streams.options").WorkerOptions(
        cluster, topics(prefix=given["prefix"], app_id=run), owner=run
    )
    board = product("exporters.boards.memory_board", "exporters.memory_board").MemoryBoard()
    decoder = product("events").Decoder
    watchdog = product("streams.worker.watchdog", "streams.watchdog").Watchdog()
    worker = product("streams.worker.worker", "streams.worker").Worker(
        options, lambda: board, shard, lambda topic: decoder(topic=topic), watchdog=watchdog
    )
    running = asyncio.create_task(worker.run())
    stored = skipped = 0
    begun_s = 0.0
    while stored < given["count"]:
        await asyncio.sleep(POLL_S)
        if running.done():
            running.result()
        if not skipped:
            skipped, begun_s = worker.folded_records, cpu_s()
        partitions = worker.ownership.partitions.values()
        stored = sum(lane.stored for part in partitions for lane in part.lanes.values())
    taken_s = cpu_s() - begun_s
    worker.stop()
    await running
    watchdog.stop()  # as the process of a worker does, which then ends
    return {"events": stored - skipped, "cpu_s": taken_s}


def _cluster(broker: str) -> Any:
    try:
        return product("streams.kafka.cluster").Cluster(broker)
    except ModuleNotFoundError:  # the old build takes the address itself
        return broker


main()
