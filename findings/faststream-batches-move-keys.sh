#!/usr/bin/env bash
# A batch of FastStream's has its keys in any one partition, and one that begins with a deletion has each record under the key of the one before.
#
# Versions: faststream 0.7.8 with aiokafka 0.14.0 (PyPI), Python 3.11. No broker: what aiokafka would put into its queue is kept, what it hands over is
# made; the topic has 8 partitions.
# A good guess: each record of a batch has a key of its own, and that says where it goes, as when it is sent alone. A None under a key deletes it, for which
# the library has a line of its own; a handler of `Event | None` gets None for it. A body of application/cloudevents+json is JSON.
# What happens:
#   1. A batch goes to one partition, chosen at random, whatever the keys: aiokafka's batches want a partition, and none is given.
#   2. A first None of a batch is taken for a batch without a body and left out; the keys stay, so that all records move up by one. A None
#      further on is sent as an empty text, which deletes nothing. Nothing is logged.
#   3. A deletion that is read is `b""`: refused where the type is `Event | None`, and with it the whole batch where batches are read; by default
#      the offset is committed first, so that the events beside it are lost.
#   4. Of content types only application/json is JSON; without one all that is JSON is read so: the text 12345, an id, is a number, 1e5 is 100000.0.
# Matters because: the events of an account are out of order and folded in several places; a batch of an outbox or a change log that begins with a
# deletion files scores under other accounts, and in a compacted topic over what these had. What was to be erased stays. Send one
# by one, annotate what is read with `bytes`, or decode it with a decoder of your own.
#
# Output seen:
#   key a1, sent alone 200 times: partitions 1; in 200 batches: partitions 8
#   sent alone: a1 deleted
#   batch of a deletion of a1, 20 of a2, 30 of a3: a1 20, a2 30
#   batch of 10 of a1, a deletion of a2, 30 of a3: a1 10, a2 empty, a3 30
#   batch of a deletion of a1, a deletion of a2: a1 empty
#   read as `Event | None`: JSON null None, a deletion ValidationError
#   read as `list[Event | None]`: 10, a deletion, 30: ValidationError
#   read as Event: application/json 10, application/cloudevents+json ValidationError
#   read as it is: acct_1 b'acct_1', 12345 12345, 1e5 100000.0, 007 b'007', a deletion b''
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check faststream==0.7.8 aiokafka==0.14.0

cat > "$folder/deletion.py" <<'PYTHON'
import asyncio
import json

from aiokafka import AIOKafkaProducer, ConsumerRecord
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.cluster import ClusterMetadata
from aiokafka.producer.message_accumulator import MessageAccumulator
from faststream.kafka import KafkaBroker, KafkaPublishMessage, TestKafkaBroker
from pydantic import BaseModel

sent = []


class Event(BaseModel):
    amount: int


class Batch:
    def __init__(self):
        self.records = []

    def append(self, *, key, value, timestamp, headers):
        self.records.append((key, value))
        return object()


async def nothing(self, *arguments):
    pass


async def one(self, place, key, value, *arguments, **settings):
    sent.append((place.partition, [(key, value)]))
    return asyncio.sleep(0)


async def many(self, batch, place, timeout):
    sent.append((place.partition, batch.records))
    return asyncio.sleep(0)


AIOKafkaProducer.start = AIOKafkaProducer.stop = AIOKafkaAdminClient.start = AIOKafkaAdminClient.close = AIOKafkaClient._wait_on_metadata = nothing
AIOKafkaProducer.create_batch = lambda self: Batch()
ClusterMetadata.partitions_for_topic = ClusterMetadata.available_partitions_for_topic = lambda self, topic: set(range(8))
MessageAccumulator.add_message, MessageAccumulator.add_batch = one, many


def shown(value):
    return "deleted" if value is None else str(json.loads(value)["amount"]) if value else "empty"


def placed():
    partitions = len({partition for partition, _ in sent})
    sent.clear()
    return f"partitions {partitions}"


async def write():
    broker = KafkaBroker(logger=None)
    await broker.connect()
    for _ in range(200):
        await broker.publish({"amount": 10}, "scores", key=b"a1")
    alone = placed()
    for _ in range(200):
        await broker.publish_batch(KafkaPublishMessage({"amount": 10}, key=b"a1"), topic="scores")
    print(f"key a1, sent alone 200 times: {alone}; in 200 batches: {placed()}")
    await broker.publish(None, "scores", key=b"a1")
    print("sent alone:", *(f"{key.decode()} {shown(value)}" for key, value in sent.pop()[1]))
    for amounts in ((None, 20, 30), (10, None, 30), (None, None)):
        keyed = [(f"a{number}", amount and {"amount": amount}) for number, amount in enumerate(amounts, 1)]
        await broker.publish_batch(*(KafkaPublishMessage(body, key=key.encode()) for key, body in keyed), topic="scores")
        words = ", ".join(f"{body['amount']} of {key}" if body else f"a deletion of {key}" for key, body in keyed)
        print(f"batch of {words}:", ", ".join(f"{key.decode()} {shown(value)}" for key, value in sent.pop()[1]))
    await broker.stop()


def record(value, content_type=None):
    headers = (("content-type", content_type.encode()),) if content_type else ()
    return ConsumerRecord("any", 0, 1, 1, 0, b"a1", value, None, 2, len(value or b""), headers)


async def read():
    broker = KafkaBroker(logger=None)
    seen = []
    maybe, batches, events, anything = (broker.subscriber(topic, batch=topic == "batches") for topic in ("maybe", "batches", "events", "anything"))

    @maybe
    async def read_maybe(event: Event | None):
        seen.append(event and event.amount)

    @batches
    async def read_batch(event: list[Event | None]):
        seen.append(event)

    @events
    async def read_event(event: Event):
        seen.append(event.amount)

    @anything
    async def read_anything(event):
        seen.append(event)

    async def told(subscriber, value):
        seen.clear()
        try:
            await subscriber.process_message(value)
        except Exception as error:
            return type(error).__name__
        return repr(seen[0])

    async with TestKafkaBroker(broker):
        print("read as `Event | None`: JSON null", await told(maybe, record(b"null")) + ", a deletion", await told(maybe, record(None)))
        batch = tuple(map(record, (b'{"amount": 10}', None, b'{"amount": 30}')))
        print("read as `list[Event | None]`: 10, a deletion, 30:", await told(batches, batch))
        body = b'{"amount": 10}'
        types = ("application/json", "application/cloudevents+json")
        told_types = [f"{name} {await told(events, record(body, name))}" for name in types]
        print("read as Event:", ", ".join(told_types))
        texts = ("acct_1", "12345", "1e5", "007")
        print("read as it is:", ", ".join([f"{text} {await told(anything, record(text.encode()))}" for text in texts]) + ", a deletion",
              await told(anything, record(None)))


asyncio.run(write())
asyncio.run(read())
PYTHON
"$folder/venv/bin/python" "$folder/deletion.py" 2> "$folder/errors" | tee "$folder/seen" || { cat "$folder/errors" >&2; exit 1; }
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
