"""Stock faust-streaming: an agent and a table with a changelog, as its documentation shows them."""

import asyncio
import tempfile
from typing import Any

import faust

from benchmarks.job import Job, Meter


async def main() -> None:
    """Folds the topic, or as much of it as the time allows."""
    job = Job.given()
    app = faust.App(
        job.run,
        broker=f"kafka://{job.broker}",
        store="memory://",
        datadir=tempfile.mkdtemp(),
        topic_partitions=job.partitions,
        topic_disable_leader=True,
        web_enabled=False,
        consumer_auto_offset_reset="earliest",
        broker_max_poll_records=5_000,
        broker_commit_interval=1.0,
        stream_wait_empty=False,
    )
    usage = app.topic(job.topic, value_serializer="json", key_type=str, key_serializer="raw")
    users = app.Table("users", default=dict, partitions=job.partitions, key_type=str)
    meter, over = Meter(job), asyncio.Event()

    @app.agent(usage)
    async def seen(stream: Any) -> None:
        async for event in stream:
            data, day = event["data"], event["time"][:10]
            row = users[data["user_id"]]
            days = row.setdefault(data["feature"], [])
            if day not in days:
                days.append(day)
                users[data["user_id"]] = row  # only an assignment reaches the changelog
            if meter.add(1):
                over.set()
                await asyncio.sleep(3600)

    await app.start()
    await over.wait()
    distinct = sum(len(days) for row in users.values() for days in row.values())
    await app.stop()
    meter.report(distinct)


asyncio.run(main())
