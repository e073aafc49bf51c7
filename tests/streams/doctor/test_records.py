"""What doctor says of the records that producers send."""

import json
from typing import Any

from events.dialect import PLAIN
from streams.doctor import Verdict
from streams.doctor.records import check_records
from tests.streams.kafka.test_wire import Fetched, event, text


def found(*records: Fetched) -> list[tuple[str, str]]:
    """Verdicts and names of what is found in the topic usage."""
    return [(each.verdict, each.name) for each in check_records({"usage": records}, PLAIN)]


def said(*records: Fetched) -> str:
    """What is said of the first thing that is wrong."""
    first = next(iter(check_records({"usage": records, "survey": []}, PLAIN)))
    return f"{first.what} -> {first.mend}"


def call(kind: str, **more: Any) -> Fetched:
    """A call as Segment's libraries send it."""
    body = {"type": kind, "messageId": "m", "userId": "u", "context": {}, "integrations": {}}
    return Fetched(json.dumps(body | more).encode())


def test_events_under_their_keys() -> None:
    """All is well, and no records are no fault."""
    assert found(Fetched(text(event("a"))), Fetched(text(event("b")))) == [(Verdict.OK, "records")]
    assert found() == [(Verdict.OK, "records")]


def test_records_of_somebody_else_are_named() -> None:
    """A topic that a foreign system writes to is counted as unknown types: whose they look like is
    said, and what to do. A few unknown types beside many events are no finding."""
    told = said(*(call("track", event="x") for _ in range(5)), Fetched(text(event("a"))))
    assert "5 of the last 6 are of types that are not known: these look like Segment calls" in told
    assert "`tidemark import segment`" in told
    odd = Fetched(text(event("a") | {"type": "seats.gone"}))
    assert "TIDEMARK_TYPE_PREFIX" in said(odd)
    assert found(odd, *(Fetched(text(event(str(n)))) for n in range(30)))[0][0] is Verdict.OK


def test_what_is_refused_is_counted_by_reason() -> None:
    """With the first detail, which names the field."""
    told = said(Fetched(text(event("a", seats=-1))), Fetched(b"junk"), Fetched(text(event("b"))))
    assert "invalid_data 1, invalid_json 1" in told or "invalid_json 1, invalid_data 1" in told
    assert "seats" in told


def test_keys_that_are_not_the_accounts() -> None:
    """None, another's, and the account's in JSON quotes, by which many of its events lie in
    another partition."""
    value = text(event("a"))
    told = said(
        Fetched(value, key=None),
        Fetched(value, key=b"other"),
        Fetched(value, key=b'"acme"'),
        Fetched(value, key=b'"acme"'),
        Fetched(value),
    )
    assert "2 are in JSON quotes, 1 have none, 1 are not the account's id" in told
    assert "StringConverter" in told
