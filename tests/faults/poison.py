"""Bad records on the topics: each leaves one dead letter, and the stream goes on."""

import asyncio
import json
from collections.abc import Iterable
from typing import Any, Final

from aiokafka import AIOKafkaProducer

from events import TOPIC_PREFIX
from streams.kafka.dead_letter import unpack_dead_letter
from streams.kafka.placement import partition_of
from tests.end_to_end.exporter import EVENTS
from tests.end_to_end.installation import PARTITIONS, Placed, Raw
from tests.faults.stage import Stage

ACCOUNT: Final = b"acct_1"

HUGE: Final = 900_000
"""Bytes of a record that is nothing but long; Kafka takes a million."""


def _event(name: str, **changes: Any) -> bytes:
    """An event that would be fine but for what is changed in it."""
    data = {"account_id": ACCOUNT.decode(), **changes.pop("data", {})}
    record = {
        "specversion": "1.0",
        "id": f"bad-{name}-{len(changes)}",
        "source": "test",
        "type": name,
        "time": "2026-06-01T12:00:00Z",
        "data": data,
    }
    return json.dumps(record | changes).encode()


USE: Final = {"user_id": "u", "feature": "search"}

BAD: Final[tuple[tuple[str, Raw], ...]] = (
    ("invalid_json", ("ticket", ACCOUNT, b'{"type": "ticket.created", ')),
    ("invalid_json", ("usage", ACCOUNT, b"\xff\xfe not text")),
    ("invalid_json", ("survey", ACCOUNT, b"x" * HUGE)),
    ("invalid_json", ("usage", ACCOUNT, b'{"type": "seats.set", "data": {"seats": NaN}}')),
    ("empty", ("survey", ACCOUNT, b"")),
    ("not_an_object", ("account", b"nobody", b"[1, 2]")),
    ("invalid_data", ("usage", ACCOUNT, _event("feature.used", data={**USE, "count": "two"}))),
    ("invalid_data", ("usage", ACCOUNT, _event("seats.set", data={"seats": [9]}))),
    (
        "timestamp_out_of_band",
        ("usage", ACCOUNT, _event("feature.used", time="3000-01-01T00:00:00Z", data=USE)),
    ),
    (
        "timestamp_out_of_band",
        ("usage", ACCOUNT, _event("seats.set", time="1970-01-01T00:00:00Z", data={"seats": 9})),
    ),
    ("invalid_envelope", ("usage", ACCOUNT, _event("feature.used", specversion="0.3", data=USE))),
    (
        "unknown_schema_version",
        ("usage", ACCOUNT, _event("seats.set", dataschema="seats.set/99", data={"seats": 9})),
    ),
)
"""Why each is rejected, and the record."""

ELSEWHERE: Final = next(
    key
    for key in (f"acct_{number}" for number in range(2, 99))
    if partition_of(key, PARTITIONS) != partition_of(ACCOUNT.decode(), PARTITIONS)
)
MISPLACED: Final[tuple[Raw, ...]] = (
    ("usage", ELSEWHERE.encode(), _event("feature.used", data=USE)),
    ("usage", ELSEWHERE.encode(), _event("seats.set", data={"seats": 9})),
    ("account", ELSEWHERE.encode(), _event("account.updated", data={"segment": "x"})),
)
"""Good events under the key of another account, whose partition is another."""

UNKNOWN: Final[Raw] = ("account", ACCOUNT, _event("moon.landed"))
"""A type that nobody knows is no fault: it stays in the log, is ignored and counted."""


OPENED: Final = {
    "ticket_id": "lost",
    "requester_id": "u",
    "submitter_role": "end_user",
    "channel": "web",
    "status": "new",
}


def _conflict(lines: Iterable[bytes], name: str, field: str, value: object) -> Raw:
    """An event of a type once more, with other content that counts under the same id."""
    events = [
        event
        for event in map(json.loads, lines)
        if event["type"] == name and "account_id" in event["data"]
    ]
    event = events[len(events) // 2]  # the first or the last one may be retracted
    assert event["data"][field] != value
    event["data"][field] = value
    topic = name.split(".")[0].removesuffix("_response")
    return topic, event["data"]["account_id"].encode(), json.dumps(event).encode()


def _of_another_topic(lines: Iterable[bytes]) -> list[tuple[str, Raw]]:
    """Good events on a topic that does not take them, a retraction of a use among them."""
    created = next(
        event for event in map(json.loads, lines) if event["type"] == "subscription.created"
    )
    account = created["data"]["account_id"]
    data = {"account_id": account, "retracts": created["id"]}
    retraction = _event("event.retracted", data=data)
    return [
        ("wrong_topic", ("survey", ACCOUNT, _event("ticket.created", data=OPENED))),
        ("not_retractable", ("usage", account.encode(), retraction)),
    ]


def poison(stage: Stage) -> None:
    """Bad records between the good ones, in some order, one by one or together."""
    lines = stage.history.read_bytes().splitlines()
    bad = [*BAD, *_of_another_topic(lines), *(("wrong_partition", raw) for raw in MISPLACED)]
    bad += [
        ("conflict", _conflict(lines, "ticket.created", "status", "solved")),
        ("conflict", _conflict(lines, "survey_response.created", "score", None)),
        ("conflict", _conflict(lines, "subscription.created", "items", [])),
        ("", UNKNOWN),
    ]
    stage.rng.shuffle(bad)
    placed: list[Placed] = []
    while len(placed) < len(bad):
        some = bad[len(placed) : len(placed) + stage.rng.randint(1, 8)]
        placed += stage.installation.produce([raw for _, raw in some])
        stage.wait(0, 1)
    _aborted(stage)
    stage.noted(f"{len(bad) - 1} bad records of {len({reason for reason, _ in bad}) - 1} kinds")
    right = [
        (*place, reason, key, value or b"")
        for place, (reason, (_, key, value)) in zip(placed, bad, strict=True)
        if reason
    ]
    stage.checks.append(lambda: _check(stage, sorted(right)))


def _aborted(stage: Stage) -> None:
    """Sends good events in a transaction that is then aborted: they have never happened."""
    event = _event("ticket.created", data=OPENED)
    asyncio.run(_abort(stage.installation.kafka.bootstrap, event))
    stage.noted("an aborted transaction")


async def _abort(bootstrap: str, event: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id="aborted")
    await producer.start()
    try:
        await producer.begin_transaction()
        await producer.send_and_wait(TOPIC_PREFIX + "ticket", event, key=ACCOUNT)
        await producer.abort_transaction()
    finally:
        await producer.stop()


def _check(stage: Stage, right: list[tuple[Any, ...]]) -> None:
    """Each bad record has one letter, with where it lies, why, and its bytes; no other has."""
    letters = [(r.key, unpack_dead_letter(r.value)) for r in stage.installation.letters()]
    found = [(*letter.origin, letter.reason, key, letter.raw) for key, letter in letters]
    odd = [each[:4] for each in {*found} ^ {*right}]
    assert sorted(found) == right, f"letters that are missing, or should not be: {odd}"
    outcomes = stage.exporter.scrape().by_label(EVENTS, "outcome")
    for reason in ("conflict", "wrong_partition"):
        assert outcomes[reason] == sum(reason == each[3] for each in right), outcomes
    assert outcomes["ignored"] >= 1
    for worker in stage.workers:
        worker.check_running()
