"""Sources share ids: a retraction with a source takes back that source's event, and no other."""

import json
from itertools import permutations
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.rows.store import Store
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from events import COPIED_TYPES, Decoder
from events.registry import topic_of
from tests.aggregates.shard.test_merged_accounts import (
    SEGMENTS,
    Told,
    between,
    figures,
    histories,
    kinds,
    merges,
    record,
    segment_facts,
)
from tests.examples import examples

BOT = ("ticket.status_changed", "bot", {"current": "solved"})
HELPDESK: tuple[str, str, dict[str, str]] = ("ticket.created", "helpdesk", {})


def shared(number: int, told: Told) -> bytes:
    """Returns an event of one of two sources, of which each gives the same ids."""
    return json.dumps(json.loads(record(number // 2, told)) | {"source": "ab"[number % 2]}).encode()


def backs(number: int, fact: Told, source: dict[str, str]) -> list[bytes]:
    """Returns that an event is taken back, under each account that it was told under."""
    data = {"retracts": f"e{number // 2}", "retracts_type": fact.type, **source}
    accounts = {fact.account, fact.data.get("into_account_id", fact.account)}
    return [
        record(1_000 + 8 * number + place, Told(account, 200 + number, "event.retracted", data))
        for place, account in enumerate(sorted(accounts))
    ]


@given(
    histories(st.one_of(kinds, between), least=6),
    merges,
    st.dictionaries(st.integers(4, 40), st.booleans()),
    st.randoms(use_true_random=False),
    st.sampled_from([1, 4]),
)
@examples(60)
def test_law_a_source_takes_back_its_own(
    told: list[Told],
    merged: list[tuple[str, str]],
    withdrawn: dict[int, bool],
    random: Any,
    partitions: int,
) -> None:
    """In any order and however often told, on several partitions: as if only what stands had been.

    Without a source it is all events of the id, in the topic of the type and under the account.
    """
    joined = [Told(a, 100, "account.merged", {"into_account_id": into}) for a, into in merged]
    story = [*segment_facts(SEGMENTS), *told, *joined]
    gone: set[int] = set()
    taken: list[bytes] = []
    for number, has_source in withdrawn.items():
        fact = story[number] if number < len(story) else None
        if fact is None or (topic := topic_of(fact.type)) == "usage":
            continue
        if has_source:
            gone.add(number)
            taken += backs(number, fact, {"retracts_source": "ab"[number % 2]})
            continue
        pair = {n: story[n] for n in (number, number ^ 1) if n < len(story)}
        if any(o.account != fact.account or o.type in COPIED_TYPES for o in pair.values()):
            continue
        gone.update(n for n, other in pair.items() if topic_of(other.type) == topic)
        taken += backs(number, fact, {})
    standing = [shared(n, each) for n, each in enumerate(story) if n not in gone]
    records = [shared(n, each) for n, each in enumerate(story)] + taken
    records += random.choices(records, k=len(records) // 3)
    random.shuffle(records)
    expected = figures(standing, 1)
    assert figures(records, partitions, random.randint(1, 9)) == expected
    assert figures(records, partitions) == expected


def ticket_of(lines: list[tuple[str, str, dict[str, str]]], *, restart: bool) -> Shard:
    """Folds events of one ticket, all of which have the id 1, one by one."""
    shard = Shard(Plan())
    stored: dict[bytes, bytes] = {}
    for number, (kind, source, more) in enumerate(lines):
        data = {"account_id": "a", "ticket_id": "t", **more}
        event = {"specversion": "1.0", "id": "1", "source": source, "type": kind, "data": data}
        if kind == "event.retracted":
            event["id"] = f"back{number}"
        value = json.dumps(event | {"time": "2026-03-01T10:00:00Z"}).encode()
        batch = Decoder().decode([value])
        assert not batch.rejects
        assert not shard.fold("ticket", batch)
        shard.settle()
        if restart:
            stored.update(shard.handover.dirty_rows("ticket"))
            shard = Shard(Plan())
            for key, packed in stored.items():
                shard.handover.restore_row("ticket", key, packed)
            shard.rebuild()
    return shard


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_any_order(order: tuple[int, ...], both: bool, restart: bool) -> None:
    """A ticket that a bot called solved, and takes that back: open; gone with an id alone."""
    own = ("event.retracted", "bot", {"retracts": "1", "retracts_source": "bot"})
    other = {"retracts": "1"} if both else {"retracts": "1", "retracts_source": "nobody"}
    story = [HELPDESK, BOT, own, ("event.retracted", "bot", other)]
    shard = ticket_of([story[n] for n in order], restart=restart)
    assert shard.ledger == ticket_of([] if both else [HELPDESK], restart=False).ledger


def test_what_was_stored_of_ids_alone_is_read() -> None:
    """The form of before: a list of texts. A retraction of one of them with a source is known."""
    store = Store(Plan().kinds)
    encode = msgspec.msgpack.encode
    store.unpack("ticket", encode(("withdrawn", "a", "")), encode((1, ["1", "2"])))
    assert store.withdrawn("ticket", "a") == {"1", "2"}
    assert store.withdraw("ticket", "a", ("bot", "1")) == "duplicate"
    assert store.withdraw("ticket", "a", ("bot", "3")) == "folded"
    assert store.withdraw("ticket", "a", "3") == "folded"
    ((_, packed),) = store.packed("ticket", store.take_dirty("ticket"))
    assert packed == encode((1, ["1", "2", "3"]))
