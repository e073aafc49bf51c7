"""The log of events: each once, in order, all of a request or nothing of it."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from events.log import Letter, LogError, Stored
from streams.local.data import DatabaseError, EventLog, FolderSource, Kept
from streams.local.data.event_log import identity_of


def event(number: int | str, source: str = "billing", **data: Any) -> bytes:
    """An event; the log looks at no more than its source and id."""
    return json.dumps({"id": f"e{number}", "source": source, "data": data}).encode()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    """An empty log."""
    with closing(EventLog(tmp_path / "events.sqlite")) as made:
        yield made


def everything(log: EventLog) -> list[bytes]:
    """All events in their order."""
    return [each for _, events in log.read(0) for each in events]


def test_events_are_read_in_the_order_of_their_numbers(log: EventLog) -> None:
    """Numbers begin at 1 and have no gap, whatever was known already in between."""
    assert (log.last, log.identity(1)) == (0, None)
    events = [event(number) for number in range(5)]
    log.append([(events[:3], ())], 0)
    log.append([(events[1:4], ()), (events[4:], ())], 0)
    assert everything(log) == events
    assert log.last == 5
    assert [number for number, _ in log.read(2)] == [5]
    assert log.identity(4) == identity_of(events[3])
    assert next(log.read(1, last=3)) == (3, events[1:3])


def test_an_event_that_is_sent_again_is_there_once(log: EventLog) -> None:
    """The same again is known, however it is written; other content under its id is told of."""
    spread = json.dumps(json.loads(event(1, seats=3)), indent=1).encode()
    [first] = log.append([([event(1, seats=3)], ())], 0)
    [again] = log.append([([event(1, seats=3), spread, event(1, seats=4)], ())], 0)
    assert first == Stored(new=1)
    assert again == Stored(known=2, other=[2])
    assert everything(log) == [event(1, seats=3)]


def test_true_is_not_one(log: EventLog) -> None:
    """A field that no model knows tells two events apart as well, and true is no number."""
    told = [event(1)[:-1] + b', "x": %b}' % value for value in (b"true", b"1", b"1.0", b" true")]
    assert log.append([(told, ())], 0) == [Stored(new=1, known=1, other=[1, 2])]


def test_ids_are_of_their_source(log: EventLog) -> None:
    """Two sources may use one id, and no two pairs of texts are taken for one."""
    told = [event("1", "a"), event("1", "b"), b'{"id": "bc", "source": "a"}']
    told.append(b'{"id": "c", "source": "ab"}')
    [stored] = log.append([(told, ())], 0)
    assert stored == Stored(new=4)


def test_a_full_disk_takes_nothing_of_a_request(log: EventLog) -> None:
    """When SQLite says that the disk is full, none of the events is in the log, nothing else is
    lost, and later all can be sent again."""
    log.append([([event(0)], ())], 0)
    database = log._database  # noqa: SLF001
    [pages] = database.execute("PRAGMA page_count").fetchone()
    database.execute(f"PRAGMA max_page_count = {pages + 2}")
    many = [event(number, text="x" * 1_000) for number in range(1, 200)]
    with pytest.raises(LogError, match=r"events\.sqlite: database or disk is full"):
        log.append([([event("small")], ()), (many, ())], 0)
    assert everything(log) == [event(0)]
    database.execute("PRAGMA max_page_count = 100000")
    assert log.append([(many, ())], 0) == [Stored(new=199)]


def test_letters_are_kept_once_with_the_reason(log: EventLog) -> None:
    """The same record from the same place is one letter, from another place it is another."""
    letter = Letter("webhooks/stripe", "price_unknown", "price_1 is tiered", b'{"id": "evt_1"}')
    other = Letter("stdin", "price_unknown", "price_1 is tiered", b'{"id": "evt_1"}')
    log.append([([event(1)], [letter])], 1_000)
    log.append([([], [letter, other])], 2_000)
    assert list(log.letters()) == [Kept(1_000, letter), Kept(2_000, other)]


def test_it_is_on_the_disk_when_it_was_appended(log: EventLog) -> None:
    """Commits are synced: what was accepted outlives the machine's power."""
    [synchronous] = log._database.execute("PRAGMA synchronous").fetchone()  # noqa: SLF001
    assert synchronous == 2  # FULL
    log.append([([event(1)], ())], 0)
    with closing(EventLog(log.path)) as other:
        assert everything(other) == [event(1)]


def test_a_file_of_another_format_is_refused(log: EventLog) -> None:
    """A later version's file is not guessed at, and what is no database is named."""
    log._database.execute("PRAGMA user_version = 7")  # noqa: SLF001
    with pytest.raises(DatabaseError, match="format 7, this program reads 1"):
        EventLog(log.path)
    junk = log.path.with_name("junk.sqlite")
    junk.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    with pytest.raises(DatabaseError, match=r"junk\.sqlite: file is not a database"):
        EventLog(junk)


def test_it_is_a_source_of_history(log: EventLog) -> None:
    """What was there when reading began is read; what comes meanwhile is not."""
    log.append([([event(1), event(2)], ())], 0)
    source = FolderSource(str(log.path.parent))
    log.append([([event(3)], ())], 0)
    assert list(source.batches()) == [[event(1), event(2)]]
    assert (source.size, source.account()["events"]) == (2, 2)


def test_a_rollback_leaves_no_transaction(log: EventLog) -> None:
    """A letter that is none ends the request, and the log takes the next one."""
    with pytest.raises(LogError, match="NOT NULL"):
        log.append([([event(1)], [Letter("x", "y", None, b"")])], 0)  # type: ignore[arg-type]
    assert log.append([([event(1)], ())], 0) == [Stored(new=1)]
    assert isinstance(log._database, sqlite3.Connection)  # noqa: SLF001
