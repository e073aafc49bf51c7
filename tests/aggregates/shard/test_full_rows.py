"""Rows have bounds: what finds no room is refused, by the same rule after a restore."""

import json
from collections.abc import Callable
from typing import Any, Final

import pytest

from aggregates.rows import history, store
from aggregates.rows.history import FACTS_MAX, HISTORY_BYTES_MAX, Fact, History, Outcome
from aggregates.rows.kind import HistoryKind
from aggregates.rows.store import WITHDRAWN_BYTES_MAX, Store
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from aggregates.success import milestones
from aggregates.success.milestones import MILESTONES_MAX
from aggregates.success.tasks import TASKS
from aggregates.support.tickets import TICKETS
from aggregates.usage import users
from aggregates.usage.users import USERS, User
from events import Decoder, format_instant
from events.fields import TEXT_CHARS_MAX
from events.retraction import Target
from streams.kafka.topics import CHANGELOG_CONFIG
from tests.aggregates.folding import HOUR_MS, START_MS

PLAN: Final = Plan()
RECORD_BYTES: Final = int(CHANGELOG_CONFIG["max.message.bytes"])
LONG: Final = "\N{GREEK SMALL LETTER OMEGA}" * TEXT_CHARS_MAX
"""Takes two bytes a character."""


def name(number: int) -> str:
    """An id as long as ids may be."""
    return f"{LONG}{number}"[-TEXT_CHARS_MAX:]


def fact(number: int, size: int = 0) -> Fact:
    """A fact of an event with a number, whose data take about so many bytes."""
    data = {"text": "x" * size} if size else {}
    return Fact(number, "", number, name(number), "crm", "ticket.created", data)


def record(type_name: str, number: int, **data: Any) -> bytes:
    """An event of an account, an hour after the one before it."""
    time = format_instant(START_MS + number * HOUR_MS)
    event = {"specversion": "1.0", "id": f"evt_{number}", "source": "test", "type": type_name}
    return json.dumps(event | {"time": time, "data": {"account_id": "a", **data}}).encode()


def refused(shard: Shard, topic: str, records: list[bytes]) -> list[int]:
    """Folds records in one batch; returns the places of those that find no room."""
    batch = Decoder().decode(records)
    assert not batch.rejects
    refusals = shard.fold(topic, batch)
    shard.settle()
    assert {refusal.reason for refusal in refusals} <= {"full"}
    return sorted(refusal.index for refusal in refusals)


def restored(shard: Shard, topic: str) -> Shard:
    """A shard with the rows of another, through their packed form."""
    other = Shard(PLAN)
    for key, packed in shard.handover.dirty_rows(topic):
        other.handover.restore_row(topic, key, packed)
    shard.handover.restore_dirty(topic)
    other.rebuild()
    return other


def cells(shard: Shard) -> dict[Any, Any]:
    """The ledger, as packed chunks."""
    chunks = shard.handover.take_changes()
    shard.handover.put_back_changes(chunks)
    return chunks


def test_a_history_takes_so_many_facts() -> None:
    """One fact more than the bound finds no room; what is known is still known."""
    full = History([fact(number) for number in range(FACTS_MAX)])
    assert full.insert(fact(FACTS_MAX)) is Outcome.FULL
    assert full.insert(fact(FACTS_MAX - 1)) is Outcome.DUPLICATE
    assert full.insert(fact(1, size=9)) is Outcome.CONFLICT
    assert len(full.facts) == FACTS_MAX


@pytest.mark.parametrize("size", [0, 900_000])
@pytest.mark.parametrize("kind", [TICKETS, TASKS], ids=lambda kind: kind.name)
def test_a_full_history_fits_a_record_of_the_changelog(kind: HistoryKind[Any], size: int) -> None:
    """Also when all of it is taken back, whose sources and ids then stand there twice."""
    row = kind.new()
    number = 0
    while row.insert(fact(number, size)) is Outcome.FOLDED:
        row.retract(("crm", name(number)))
        number += 1
    packed = kind.pack(row)
    assert HISTORY_BYTES_MAX / 2 < len(packed) < RECORD_BYTES - 2**20
    assert kind.unpack(packed).insert(fact(number, size)) is Outcome.FULL


@pytest.mark.parametrize("of", [str, lambda event_id: ("crm", event_id)], ids=["id", "source"])
def test_retracted_ids_fit_a_record_of_the_changelog(of: Callable[[str], Target]) -> None:
    """They are one row of an account and topic, and bounded by their bytes."""
    rows = Store(PLAN.kinds)
    number = 0
    while rows.withdraw("ticket", "a", of(name(number))) is Outcome.FOLDED:
        number += 1
    assert rows.withdraw("ticket", "a", of(name(0))) is Outcome.DUPLICATE
    ((_, packed),) = rows.packed("ticket", rows.take_dirty("ticket"))
    assert WITHDRAWN_BYTES_MAX - 2**16 < len(packed) < RECORD_BYTES


def test_a_full_user_fits_a_record_of_the_changelog() -> None:
    """Facts, days and sessions are one row."""
    user = User()
    while user.facts.insert(fact(len(user.facts.facts))) is Outcome.FOLDED:
        user.facts.retract(("crm", user.facts.facts[-1].id))
    number = 0
    while not user.is_full:
        user.file(name(number), 2**32 - 2, (2**32 - 3, 2**32 - 1))
        user.sessions.put(2**64 - 1 - number, 2**64 - 1)
        number += 1
    packed = USERS.pack(user)
    assert len(packed) < RECORD_BYTES
    assert USERS.unpack(packed).days_bytes == user.days_bytes


def test_milestones_fit_a_record_of_the_changelog() -> None:
    """They are bounded in number, whatever they are called."""
    assert MILESTONES_MAX * (4 * TEXT_CHARS_MAX + 16) < RECORD_BYTES


def _comment(number: int) -> bytes:
    if number == 1:
        return record("ticket.created", number, ticket_id="t", requester_id="u")
    author = {"author_role": "agent", "is_public": True}
    return record("ticket.comment_added", number, ticket_id="t", comment_id=str(number), **author)


def _retraction(number: int) -> bytes:
    return record("event.retracted", number, retracts=f"another_{number}")


def _milestone(number: int) -> bytes:
    return record("milestone.reached", number, milestone=f"step {number}")


def _use(number: int) -> bytes:
    return record("feature.used", number, user_id="u", feature=f"page {number}")


def _session(number: int) -> bytes:
    return record("session.ended", number, user_id="u", session_id=str(number), duration_s=60)


@pytest.mark.parametrize(
    ("module", "bound", "room", "topic", "make"),
    [
        (history, "FACTS_MAX", 5, "ticket", _comment),
        (history, "HISTORY_BYTES_MAX", 600, "ticket", _comment),
        (store, "WITHDRAWN_BYTES_MAX", 100, "ticket", _retraction),
        (milestones, "MILESTONES_MAX", 4, "usage", _milestone),
        (users, "USER_BYTES_MAX", 100, "usage", _use),
        (users, "USER_BYTES_MAX", 100, "usage", _session),
    ],
    ids=["facts", "bytes", "retractions", "milestones", "uses", "sessions"],
)
def test_what_finds_no_room_is_refused(
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    bound: str,
    room: int,
    topic: str,
    make: Callable[[int], bytes],
) -> None:
    """It is named and counted, changes no figure, and a restored shard refuses the same."""
    monkeypatch.setattr(module, bound, room)
    records = [make(number) for number in range(1, 13)]
    shard = Shard(PLAN)
    places = refused(shard, topic, records)
    assert places
    assert places == list(range(12 - len(places), 12))
    assert shard.counts.outcomes[topic, "full"] == len(places)
    taken = records[: 12 - len(places)]
    only = Shard(PLAN)
    assert refused(only, topic, taken) == []
    assert cells(shard) == cells(only)
    halfway = Shard(PLAN)
    refused(halfway, topic, taken[:2])
    after = restored(halfway, topic)
    assert [2 + place for place in refused(after, topic, records[2:])] == places
    assert cells(after) == cells(only)
