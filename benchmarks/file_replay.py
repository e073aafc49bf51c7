"""Replay of the same events from a file, in one process: decode, fold, ledger."""

from aggregates.shard.plan import Plan
from aggregates.usage.users import ANY, USERS
from benchmarks.job import Job, Meter
from streams.garbage import collect_less
from streams.local.intake import Intake
from streams.local.sources import FileSource


def main() -> None:
    """Replays the file; done when the ledger can be read."""
    job = Job.given()
    collect_less()
    plan = Plan()
    meter = Meter(job)
    meter.begin()
    intake = Intake(plan, bulk=True)
    for values in FileSource(job.file).batches():
        intake.take(values)
        if intake.records < job.count:
            meter.add(len(values))
    intake.settle()
    meter.add(job.count - meter.done)
    users = intake.shards[0].store.rows[USERS.name]
    rows = [row for of in users.values() for row in of.values()]
    meter.report(sum(len(days) for row in rows for name, days in row.days.items() if name != ANY))


main()
