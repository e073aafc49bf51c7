"""Our worker as it ships: validation, rows, ledger, changelog, acknowledgement, and a board."""

import asyncio
from collections.abc import Callable

from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from aggregates.usage.users import ANY, USERS
from benchmarks.job import Job, Meter
from events import Decoder
from exporters.boards.memory_board import MemoryBoard
from streams.kafka.cluster import Cluster
from streams.kafka.topics import Topics
from streams.worker.options import WorkerOptions
from streams.worker.worker import Worker

POLL_S = 0.005
"""Between two looks at how far the worker is."""


async def main() -> None:
    """Folds the topic; done when all is folded and safe in the changelog."""
    job = Job.given()
    plan, board = Plan(), MemoryBoard()
    shards: dict[int, Shard] = {}

    def shard(number: int, holds: Callable[[str], bool]) -> Shard:
        shards[number] = Shard(plan, number, bulk=True, holds=holds)
        return shards[number]

    prefix = job.topic.removesuffix("usage")
    options = WorkerOptions(
        Cluster(job.broker), Topics(prefix=prefix, app_id=job.run), owner=job.run
    )
    worker = Worker(options, lambda: board, shard, lambda topic: Decoder(topic=topic))
    running = asyncio.create_task(worker.run())
    meter = Meter(job)
    counted = 0
    while True:
        await asyncio.sleep(POLL_S)
        if running.done():
            running.result()
        folded = worker.folded_records
        lanes = [p.lanes["usage"] for p in worker.ownership.partitions.values()]
        stored = sum(lane.stored for lane in lanes)
        if folded and not counted:
            meter.begin(skipped=folded)
            counted = folded
        # the last event counts as handled once the changelog has it
        handled = folded if folded < job.count else min(stored, job.count)
        if counted and handled > counted:
            over = meter.add(handled - counted)
            counted = handled
            if over:
                break
        elif counted and folded >= job.count and stored >= job.count:
            meter.add(0)
            break
    worker.stop()
    await running
    rows = [
        row
        for s in shards.values()
        for of in s.store.rows[USERS.name].values()
        for row in of.values()
    ]
    meter.report(sum(len(days) for row in rows for name, days in row.days.items() if name != ANY))


asyncio.run(main())
