"""Bad records on the topics: each leaves a dead letter, and the stream goes on."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from streams.kafka.dead_letter import unpack_dead_letter
from streams.kafka.placement import partition_of
from tests.end_to_end.exporter import EVENTS
from tests.end_to_end.figures import Oracle, difference
from tests.end_to_end.installation import PARTITIONS, Installation, Raw

pytestmark = [pytest.mark.broker, pytest.mark.slow]

ACCOUNT = b"acct_1"


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


USE = {"user_id": "u", "feature": "search"}

BAD: tuple[tuple[str, Raw], ...] = (
    ("invalid_json", ("ticket", ACCOUNT, b'{"type": "ticket.created", ')),
    ("invalid_json", ("usage", ACCOUNT, b"\xff\xfe not text")),
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

ELSEWHERE = next(
    key
    for key in (f"acct_{number}" for number in range(2, 99))
    if partition_of(key, PARTITIONS) != partition_of(ACCOUNT.decode(), PARTITIONS)
)
MISPLACED: tuple[Raw, ...] = (
    ("usage", ELSEWHERE.encode(), _event("feature.used", data=USE)),
    ("usage", ELSEWHERE.encode(), _event("seats.set", data={"seats": 9})),
    ("account", ELSEWHERE.encode(), _event("account.updated", data={"segment": "x"})),
)
"""Good events under the key of another account, whose partition is another."""

UNKNOWN: Raw = ("account", ACCOUNT, _event("moon.landed"))
"""A type that nobody knows is no fault: it stays in the log, is ignored and counted."""


def _conflict(lines: Iterable[bytes], name: str, field: str, value: object) -> bytes:
    """The first event of a type once more, with other content that counts under the same id."""
    event = next(event for event in map(json.loads, lines) if event["type"] == name)
    assert event["data"][field] != value
    event["data"][field] = value
    return json.dumps(event).encode()


def _conflicts(lines: list[bytes]) -> list[Raw]:
    conflicts = (
        ("ticket", _conflict(lines, "ticket.created", "status", "solved")),
        ("survey", _conflict(lines, "survey_response.created", "score", None)),
        ("subscription", _conflict(lines, "subscription.created", "items", [])),
    )
    return [(t, json.loads(v)["data"]["account_id"].encode(), v) for t, v in conflicts]


def test_bad_records_become_letters_and_change_no_figure(
    installation: Installation, history: Path, tmp_path: Path
) -> None:
    """Each bad record has one dead letter, with where it lies, why, and its bytes; no other has.

    The worker goes on, and the figures are those of a replay of the same records.
    """
    lines = history.read_bytes().splitlines(keepends=True)
    middle = len(lines) // 2
    conflicts = _conflicts(lines[:middle])
    reasons = [reason for reason, _ in BAD] + ["conflict"] * len(conflicts) + ["empty"]
    reasons += ["wrong_partition"] * len(MISPLACED)
    bad: list[Raw] = [raw for _, raw in BAD] + conflicts + [("survey", ACCOUNT, None), *MISPLACED]
    first, second = tmp_path / "first.ndjson", tmp_path / "second.ndjson"
    first.write_bytes(b"".join(lines[:middle]))
    second.write_bytes(b"".join(lines[middle:]))
    whole = tmp_path / "whole.ndjson"
    told = (raw for raw in (*bad, UNKNOWN) if raw not in MISPLACED)
    between = [value + b"\n" for _, _, value in told if value is not None]
    whole.write_bytes(b"".join([*lines[:middle], *between, *lines[middle:]]))

    workers = [installation.worker() for _ in range(2)]
    exporter = installation.exporter()
    exporter.wait_until_shared(len(workers))
    installation.publish(first)
    placed = installation.produce([*bad, UNKNOWN])
    installation.publish(second)
    installation.wait_until_committed()

    oracle = installation.oracle(whole)
    exporter.wait_until_right(oracle)
    exporter.check(Oracle(installation.commands, f"kafka://{installation.kafka.bootstrap}"))
    for worker in workers:
        worker.check_running()
    letters = [(r.key, unpack_dead_letter(r.value)) for r in installation.letters()]
    found = [(*letter.origin, letter.reason, key, letter.raw) for key, letter in letters]
    right = [
        (*place, reason, key, value or b"")
        for place, reason, (_, key, value) in zip(placed, reasons, bad, strict=False)
    ]
    assert sorted(found) == sorted(right)
    outcomes = exporter.scrape().by_label(EVENTS, "outcome")
    assert outcomes["rejected"] == len(BAD) + 1
    assert outcomes["conflict"] == len(conflicts)
    assert outcomes["wrong_partition"] == len(MISPLACED)
    assert outcomes["ignored"] >= 1


def test_a_record_on_the_wrong_topic_counts_nowhere(
    installation: Installation, history: Path
) -> None:
    """A record that a topic does not take is a dead letter live, and no figure of a replay either.

    A retraction of a usage event is such a record as well.
    """
    installation.publish(history)
    opened = {"ticket_id": "lost", "requester_id": "u", "submitter_role": "end_user"}
    opened |= {"channel": "web", "status": "new"}
    event = next(
        event
        for event in map(json.loads, history.read_bytes().splitlines())
        if event["type"] == "subscription.created"
    )
    retraction = {"account_id": event["data"]["account_id"], "retracts": event["id"]}
    key = retraction["account_id"].encode()
    installation.produce(
        [
            ("survey", ACCOUNT, _event("ticket.created", data=opened)),
            ("usage", key, _event("event.retracted", data=retraction)),
        ]
    )
    installation.worker()
    exporter = installation.exporter()
    exporter.wait_until_settled()
    file = installation.oracle(history)
    exporter.check(file)
    kafka = Oracle(installation.commands, f"kafka://{installation.kafka.bootstrap}")
    edge = exporter.scrape_at_one_edge().edges[0]
    assert difference(kafka.at(edge), file.at(edge)) == ""
    reasons = [unpack_dead_letter(record.value).reason for record in installation.letters()]
    assert sorted(reasons) == ["not_retractable", "wrong_topic"]
