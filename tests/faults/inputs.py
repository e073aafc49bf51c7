"""Faults of the input: late, shuffled and repeated events, aborted transactions."""

from aiokafka import AIOKafkaProducer

from events import TOPIC_PREFIX
from tests.faults.stage import Stage


def repeated(stage: Stage) -> None:
    """Publishes what was published, by producers that know nothing of each other, some killed."""
    lines = stage.history.read_bytes().splitlines(keepends=True)
    for number in range(stage.rng.randint(2, 4)):
        again = stage.history.with_name(f"again-{number}.ndjson")
        again.write_bytes(b"".join(stage.rng.sample(lines, len(lines) * 3 // 4)))
        publishing = stage.installation.commands.start("publish", "publish", again)
        if stage.rng.random() < 0.5:
            stage.wait(0.5, 2)
            publishing.kill()
            stage.noted("kill -9 of a producer")
        else:
            assert publishing.wait() == 0, publishing.tail()
            stage.noted("three quarters of the history once more")


async def abort(bootstrap: str, lines: list[bytes], key: bytes) -> None:
    """Sends events in a transaction that is then aborted: they have never happened."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id="aborted")
    await producer.start()
    try:
        await producer.begin_transaction()
        for line in lines:
            await producer.send_and_wait(TOPIC_PREFIX + "ticket", line, key=key)
        await producer.abort_transaction()
    finally:
        await producer.stop()
