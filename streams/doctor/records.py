"""Checks of what producers send: whose records they are, whether they are read, and their keys."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from events import Decoder
from events.checking.foreign import TITLES, foreign_source
from events.codec import UNKNOWN_TYPE
from events.dialect import Dialect
from events.errors import UNREADABLE
from events.sources.registry import SOURCES
from streams.doctor import Finding, ok, warn
from streams.kafka.runs import Record
from streams.kafka.wire import Decoded, decode

MANY: Final = 0.05
"""Share of a topic's records from which on it is worth a word that they are of unknown types: a new
type that a few tell is the usual way of a producer that is ahead of us."""


def check_records(recent: Mapping[str, Sequence[Record]], dialect: Dialect) -> Iterator[Finding]:
    """Looks at the last records of each topic, by its short name."""
    looked_at = sum(map(len, recent.values()))
    wrong: list[Finding] = []
    for topic, records in sorted(recent.items()):
        if records:
            decoded = decode(Decoder(dialect, topic=topic), records)
            wrong += [*_unknown(topic, records, decoded), *_refused(topic, records, decoded)]
            wrong += _keys(topic, records, decoded)
    yield from wrong
    if not wrong:
        yield ok("records", f"the last {looked_at} of all topics are events, under their keys")


def _unknown(topic: str, records: Sequence[Record], decoded: Decoded) -> Iterator[Finding]:
    count = decoded.batch.ignored[UNKNOWN_TYPE]
    if count <= MANY * len(records):
        return
    what = f"{count} of the last {len(records)} are of types that are not known"
    theirs = Counter(filter(None, (_source(value) for value in decoded.values)))
    if not theirs:
        yield warn(f"records {topic}", what, "set TIDEMARK_TYPE_PREFIX, or look at their `type`")
        return
    [(source, _)] = theirs.most_common(1)
    outbox = "an outbox, see docs/sources/database.md"
    mend = f"`tidemark import {source}`, or a webhook" if source in SOURCES else outbox
    yield warn(
        f"records {topic}",
        f"{what}: these look like {TITLES[source]}",
        f"tell them as ours: {mend}",
    )


def _source(value: bytes | None) -> str | None:
    try:
        return foreign_source(msgspec.json.decode(value or b""))
    except UNREADABLE:
        return None


def _refused(topic: str, records: Sequence[Record], decoded: Decoded) -> Iterator[Finding]:
    reasons = Counter(each.reason for each in decoded.batch.rejects)
    if reasons:
        first = decoded.batch.rejects[0]
        said = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())
        what = f"events of the last {len(records)} go to the dead letters: {said}; {first.detail}"
        yield warn(f"records {topic}", what, "tidemark dead-letters list has them with the reason")


def _keys(topic: str, records: Sequence[Record], decoded: Decoded) -> Iterator[Finding]:
    """Compares keys with those that events travel under: any other is in place by chance."""
    batch = decoded.batch
    keyed: list[tuple[int, tuple[str, ...]]] = [
        *((each.index, (each.data.account_id,)) for each in batch.hot),
        *((each.index, each.keys) for each in batch.events),
    ]
    wrong: Counter[str] = Counter()
    for index, keys in keyed:
        key = records[decoded.owner(index)].key
        if key is None:
            wrong["have none"] += 1
        elif key.decode(errors="replace") not in keys:
            quoted = any(key == msgspec.json.encode(each) for each in keys)
            wrong["are in JSON quotes" if quoted else "are not the account's id"] += 1
    if wrong:
        said = ", ".join(f"{count} {how}" for how, count in wrong.most_common())
        mend = "key records by data.account_id as plain text (StringConverter, StringSerializer)"
        yield warn(f"keys {topic}", f"of the last {len(records)}: {said}", mend)
