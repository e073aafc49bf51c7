"""The codec: both ways of decoding agree for every type, and nothing that comes in raises."""

import json
from collections.abc import Iterator
from copy import deepcopy
from inspect import get_annotations
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import structs

from events import (
    EVENT_TYPES,
    HOT_TYPES,
    TOPICS,
    Batch,
    Decoder,
    Event,
    HotEvent,
    Upcasts,
    parse_instant,
)
from events.dialect import Dialect
from tests.events.examples import ITEM, MINIMAL, SHARE, SUM, encode, full_record, record_of

FAST = Decoder()
with patch("events.quick.QUICK_BYTES_MAX", 0):
    GENERAL = Decoder()  # every record goes to the models

RECORDS = {name: full_record(name) for name in EVENT_TYPES}
HOT = {name: RECORDS[name] for name in HOT_TYPES}
USE = HOT["feature.used"]
NAMES_OF = {
    topic: sorted(name for name, kind in EVENT_TYPES.items() if kind.topic in (topic, None))
    for topic in TOPICS
}
ENVELOPE_FIELDS = [*USE, "effective_ms", "index", "colour"]
PARTS = {"items": ITEM, "discounts": SHARE}
"""The lists whose entries have fields of their own, and such an entry."""
PART_FIELDS = [*ITEM, *SHARE, "amount_off", "colour"]
TIMES = [
    "2026-03-14T09:26:53Z",
    "2026-03-14t09:26:53.123456789+23:59",
    "2016-12-31T23:59:60Z",
    "2026-03-14T09:26:60Z",
    "2026-03-14 09:26:53Z",
    "2026-03-14T09:26:53",
    "2026-02-30T00:00:00Z",
    "1999-12-31T23:59:59Z",
    "2100-01-01T00:00:00Z",
    "9999-12-31T23:59:60-23:59",
]
ODD: list[Any] = [
    *(None, True, False, 0, 1, -1, 7, 10**9, 10**9 + 1, 2**63 - 1, 2**63, 2**64, 10**40),
    *(0.0, 1.0, 1.5, "", " ", "1", "1.0", "user_1", "x" * 512, "x" * 513),
    *("\u00e9" * 512, "\U0001f600" * 513, "\x00", [], {}, [1], {"account_id": "a"}),
    *("feature.used", "feature.used/1", "feature.used/2", "session.ended", "session.ended/1"),
    *("eur", "EUR\n", "EURO", "open", "active", "paused", "nps", "csat", "month", "licensed"),
    *(["acct_1"], [""], [None], [ITEM], [SHARE], [SUM, SUM], [ITEM | {"amount": 1.5}]),
    *(2, 5, 10, 11, 25, 25.0, 33.3, 100, 100.01, -1.5, 10**18, 10**18 + 1, -(10**18)),
    *(315_360_000, 315_360_001, 12.25, -0.0, 1e-9, 1e308, *TIMES),
]
VALUES = st.sampled_from(ODD) | st.text(max_size=8) | st.integers() | st.floats(allow_nan=False)


def fields_of(name: str) -> list[tuple[str, str]]:
    """Every field of a type with the part of the record that it is in, and some it has not."""
    data = RECORDS[name]["data"]
    return [
        *(("", field) for field in ENVELOPE_FIELDS),
        *(("data", field) for field in (*data, "effective_ms", "index", "colour")),
        *((part, field) for part in PARTS if part in data for field in PART_FIELDS),
    ]


def changed(name: str, changes: list[tuple[tuple[str, str], Any]]) -> dict[str, Any]:
    """A full record of a type, some of its fields dropped or replaced."""
    record: dict[str, Any] = json.loads(encode(RECORDS[name]))
    for (place, field), change in changes:
        target: Any = record.get("data") if place else record
        if place in PARTS and isinstance(target, dict):
            parts = target.get(place)
            target = parts[0] if isinstance(parts, list) and parts else None
        if not isinstance(target, dict):
            continue
        if change == "drop":
            target.pop(field, None)
        else:
            target[field] = deepcopy(change[0])  # a later change may be within it
    return record


def assert_ways_agree(value: bytes) -> None:
    """The quick way yields what the models yield; of hot types it counts no unknown fields.

    What is refused is the same where no events are made.
    """
    fast, general = FAST.decode([value]), GENERAL.decode([value])
    assert FAST.rejects([value]) == general.rejects
    if fast.uses or fast.sessions:
        for batch in (fast, general):
            del batch.ignored["unknown_field"]
    assert fast == general
    for quick, slow in zip(fast.events, general.events, strict=True):
        assert repr(quick.data) == repr(slow.data)  # 1 and 1.0 are not the same


@pytest.mark.parametrize("name", RECORDS)
def test_a_struct_has_what_the_model_has(name: str) -> None:
    """Decoded data has the fields of its model, in that order, and their values."""
    batch = FAST.decode([encode(RECORDS[name])])
    found: list[Any] = [*batch.events, *batch.uses, *batch.sessions]
    read = EVENT_TYPES[name].validate(json.loads(encode(RECORDS[name]))).data
    assert found[0].data.__struct_fields__ == tuple(type(read).model_fields)
    for field in type(read).model_fields.keys() - PARTS.keys():
        assert getattr(found[0].data, field) == getattr(read, field), field


def own_fields(topic: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Every field that a model of a topic declares, once, with a type that has it."""
    seen = set()
    for name in NAMES_OF[topic]:
        bases = EVENT_TYPES[name].model.__mro__
        for place, field in fields_of(name):
            owner = next((base for base in bases if field in get_annotations(base)), None)
            key = place, field, owner
            if key not in seen:
                seen.add(key)
                yield name, (place, field)


@pytest.mark.parametrize("topic", TOPICS)
def test_ways_agree_on_every_field(topic: str) -> None:
    """Any one field left out or odd: both ways decide alike, and make the same of it."""
    for name, field in own_fields(topic):
        for change in ("drop", *([odd] for odd in ODD)):
            assert_ways_agree(encode(changed(name, [(field, change)])))


@pytest.mark.parametrize("topic", TOPICS)
@given(data=st.data(), ascii_only=st.booleans())
def test_ways_agree_on_changed_records(topic: str, data: st.DataObject, ascii_only: bool) -> None:
    """Missing fields, wrong kinds, extra fields, nulls, odd times: both ways decide alike."""
    name = data.draw(st.sampled_from(NAMES_OF[topic]))
    change = st.just("drop") | st.tuples(VALUES)
    changes = st.lists(st.tuples(st.sampled_from(fields_of(name)), change), max_size=4)
    record = changed(name, data.draw(changes))
    try:
        assert_ways_agree(json.dumps(record, ensure_ascii=ascii_only).encode())
    except UnicodeEncodeError:
        assert_ways_agree(json.dumps(record).encode())


@pytest.mark.parametrize("topic", TOPICS)
@given(
    chosen=st.data(),
    place=st.sampled_from(ENVELOPE_FIELDS),
    first=VALUES,
    second=VALUES,
    last=st.booleans(),
)
def test_ways_agree_on_duplicate_keys(
    topic: str, chosen: st.DataObject, place: str, first: object, second: object, last: bool
) -> None:
    """Where a key stands twice, both ways take the same one."""
    name = chosen.draw(st.sampled_from(NAMES_OF[topic]))
    inner = chosen.draw(st.sampled_from([*RECORDS[name]["data"], "index", "colour"]))
    data = f"{json.dumps(inner)}: {json.dumps(first)}, {json.dumps(RECORDS[name]['data'])[1:-1]}"
    if last:
        data = (
            f"{json.dumps(RECORDS[name]['data'])[1:-1]}, {json.dumps(inner)}: {json.dumps(first)}"
        )
    whole = json.dumps({**RECORDS[name], "data": 0})[1:-1].replace(
        '"data": 0', f'"data": {{{data}}}'
    )
    extra = f"{json.dumps(place)}: {json.dumps(second)}"
    text = f"{{{whole}, {extra}}}" if last else f"{{{extra}, {whole}}}"
    assert_ways_agree(text.encode())


@pytest.mark.parametrize("topic", TOPICS)
@given(
    chosen=st.data(),
    cut=st.integers(0, 2),
    put=st.sampled_from(
        [
            *(b"", b'"', b"\\", b"\\u0061", b"\\ud83d", b"\xff", b"\xc3\xa9", b"0", b"-", b"."),
            *(b"e9", b"\n", b"\x00", b",", b"}", b"{", b"[", b"null", b" "),
        ]
    )
    | st.binary(min_size=1, max_size=2),
)
def test_ways_agree_on_damaged_bytes(
    topic: str, chosen: st.DataObject, cut: int, put: bytes
) -> None:
    """Escapes, broken UTF-8 and broken JSON anywhere: both ways decide alike."""
    value = encode(RECORDS[chosen.draw(st.sampled_from(NAMES_OF[topic]))])
    at = chosen.draw(st.integers(0, len(value) - 1))
    assert_ways_agree(value[:at] + put + value[at + cut :])


@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.parametrize(
    "text",
    [
        '"x": "\\u00e9\\ud83d\\ude00"',
        '"x": "\\ud83d"',
        '"x": 1e999',
        '"x": -1E-999',
        '"x": 1234567890123456789012345678901234567890',
        f'"x": {"9" * 4301}',
        '"x": 01',
        '"x": [[[[{"y": [1, {}]}]]]]',
        '"type": "feature\\u002eused"',
        '"type": "session\\u002eended"',
        '"type": "session.ended"',
        '"typ\\u0065": "seats.set"',
        '"\\u0064ata": {}',
    ],
)
def test_ways_agree_on_unknown_content(name: str, text: str) -> None:
    """What lies in unknown fields, and how keys are written, makes no difference either."""
    assert_ways_agree(f"{{{text}, {json.dumps(RECORDS[name])[1:]}".encode())
    assert_ways_agree(f"{json.dumps(RECORDS[name])[:-1]}, {text}}}".encode())


@given(data=st.data())
def test_ways_agree_on_runs(data: st.DataObject) -> None:
    """Among others of its type a record is what it is alone: finished, or left to the models."""
    names = ["subscription.updated", "survey_response.created", "event.retracted", "user.added"]
    values = []
    for _ in range(data.draw(st.integers(2, 12))):
        name = data.draw(st.sampled_from(names))
        change = st.tuples(st.sampled_from(fields_of(name)), st.just("drop") | st.tuples(VALUES))
        values.append(json.dumps(changed(name, data.draw(st.lists(change, max_size=2)))).encode())
    batch = FAST.decode(values)
    assert batch == GENERAL.decode(values)
    assert FAST.rejects(values) == batch.rejects
    for place, value in enumerate(values):
        alone = FAST.decode([value])
        events = [event for event in batch.events if event.index == place]
        rejects = [reject for reject in batch.rejects if reject.index == place]
        assert [structs.replace(event, index=0) for event in events] == alone.events
        assert [structs.replace(reject, index=0) for reject in rejects] == alone.rejects


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("items", ITEM | {"currency": "E1R"}), ("discounts", SHARE | {"amount_off": 1})],
)
@pytest.mark.parametrize("place", range(4))
def test_a_wrong_part_is_of_the_record_that_has_it(
    field: str, wrong: dict[str, Any], place: int
) -> None:
    """Parts of all records are finished together: one that is none takes only its own record."""
    lists: list[list[Any]] = [[PARTS[field]] * 2, [], [PARTS[field]], [PARTS[field]] * 3]
    lists[place] = [*lists[place], wrong]
    minimal = record_of("subscription.updated", MINIMAL["subscription.updated"])
    values = [
        encode(minimal | {"data": minimal["data"] | {field: parts}, "id": str(number)})
        for number, parts in enumerate(lists)
    ]
    batch = FAST.decode(values)
    assert batch == GENERAL.decode(values)
    assert [reject.index for reject in batch.rejects] == [place]


@pytest.mark.parametrize("type_prefix", ["", "com.example."])
def test_quick_way_is_taken(type_prefix: str) -> None:
    """Usual records of no type reach the models: full, minimal, not ASCII."""
    usual = []
    for name, full in RECORDS.items():
        kind = type_prefix + name
        accented = record_of(kind, MINIMAL[name], subject="r\u00e9mi")
        usual += [encode(full | {"type": kind}), encode(record_of(kind, MINIMAL[name]))]
        usual.append(json.dumps(accented, ensure_ascii=False, separators=(",", ":")).encode())
    with patch("events.codec.Decoder._decode_into") as general:
        batch = Decoder(Dialect(type_prefix)).decode(usual)
    assert general.call_count == 0
    assert (len(batch.uses), len(batch.sessions)) == (3, 3)
    assert len(batch.events) == len(usual) - 6


@pytest.mark.parametrize("name", RECORDS)
def test_types_are_read_where_they_belong(name: str) -> None:
    """Outside of their topic, and once lifted by an upcast, records are left to the models."""
    lifted = Upcasts({(name, 1): dict})
    topic = EVENT_TYPES[name].topic
    elsewhere = "usage" if topic != "usage" else "ticket"
    for decoder in (Decoder(topic=elsewhere), Decoder(upcasts=lifted)):
        with patch("events.codec.Decoder._decode_into") as general:
            decoder.decode([encode(RECORDS[name])])
        assert general.call_count == 1


@given(st.lists(st.sampled_from([*HOT, "seats.set", "{"]), max_size=12))
def test_order_is_kept(names: list[str]) -> None:
    """Each kind comes in the order of the records, whatever lies between them."""
    values = [
        encode(record_of(name, MINIMAL[name]) | {"id": str(place)}) if name != "{" else b"{"
        for place, name in enumerate(names)
    ]
    batch = FAST.decode(values)

    def places(name: str) -> list[str]:
        return [str(place) for place, other in enumerate(names) if other == name]

    assert [use.id for use in batch.uses] == places("feature.used")
    assert [session.id for session in batch.sessions] == places("session.ended")
    assert [event.id for event in batch.events] == places("seats.set")
    assert [str(reject.index) for reject in batch.rejects] == places("{")


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
@pytest.mark.parametrize("type_prefix", ["com.example.", ""])
def test_type_prefix(name: str, type_prefix: str) -> None:
    """A prefix is taken off where it stands; a type without it is understood as well."""
    decoder = Decoder(Dialect(type_prefix))
    values = [encode(full_record(name) | {"type": prefix + name}) for prefix in (type_prefix, "")]
    batch = decoder.decode(values)
    assert batch.rejects == []
    found: list[Event | HotEvent[Any]] = [*batch.events, *batch.uses, *batch.sessions]
    assert [event.type for event in found] == [name, name]


def test_what_does_not_count_among_many() -> None:
    """In a long run, wrong instants and tests are taken out, each as it would be by itself."""
    data = MINIMAL["feature.used"]
    use, late = record_of("feature.used", data), "2026-01-05T00:00:00.5+01:00"
    records = [use] * 100
    records[7] = use | {"time": "2026-02-30T00:00:00Z"}
    records[11] = use | {"data": data | {"livemode": False}}
    records[12] = use | {"data": data | {"effective_at": late}}
    records[90] = use | {"data": data | {"effective_at": "1999-01-01T00:00:00Z"}}
    values = [encode(record) for record in (*records, {"type": "no.type"}, 7)]
    batch = FAST.decode(values)
    assert batch == GENERAL.decode(values)
    assert [reject.index for reject in batch.rejects] == [7, 90, 101]
    assert (len(batch.uses), batch.ignored) == (97, {"test_mode": 1, "unknown_type": 1})
    assert (batch.uses[10].index, batch.uses[10].effective_ms) == (12, parse_instant(late))


def test_prefix_of_what_is_retracted() -> None:
    """`retracts_type` may carry the prefix like any type."""
    data = {"account_id": "a", "retracts": "e", "retracts_type": "x.feature.used"}
    (reject,) = (
        Decoder(Dialect("x.")).decode([encode(record_of("x.event.retracted", data))]).rejects
    )
    assert reject.reason == "not_retractable"


def test_index_is_the_place_in_the_batch() -> None:
    """Events and rejects say which record they came from, whatever else lies between."""
    other = encode(record_of("seats.set", MINIMAL["seats.set"]))
    batch = FAST.decode([encode(USE), other, b"{", encode({"type": "no.type"}), other])
    assert [event.index for event in batch.events] == [1, 4]
    assert [use.index for use in batch.uses] == [0]
    assert [reject.index for reject in batch.rejects] == [2]


def test_empty() -> None:
    """Nothing in, nothing out."""
    assert FAST.decode([]) == Batch()


def accounted(batch: Batch) -> int:
    """Records that a batch answers for."""
    ignored = sum(batch.ignored[name] for name in ("unknown_type", "test_mode", "tombstone"))
    hot = len(batch.uses) + len(batch.sessions)
    return hot + len(batch.events) + len(batch.rejects) + ignored


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(st.lists(st.none() | st.binary(max_size=200), max_size=5))
@example([None, b"", b"\x00", b"\xff\xfe", b"feature.used"])
def test_bytes_never_raise(values: list[bytes | None]) -> None:
    """Any bytes, or none, are answered for once each."""
    assert accounted(FAST.decode(values)) == len(values)


@given(st.lists(JSON, max_size=5))
def test_json_never_raises(records: list[object]) -> None:
    """Any JSON, and Python's NaN, is answered for once each."""
    assert accounted(FAST.decode([encode(record) for record in records])) == len(records)


@given(name=st.sampled_from(sorted(EVENT_TYPES)), data=st.data())
def test_events_never_raise(name: str, data: st.DataObject) -> None:
    """Any JSON in the fields of any type is answered for once."""
    record = full_record(name)
    fields = sorted(record["data"])
    for field in data.draw(st.lists(st.sampled_from(fields), max_size=3)):
        record["data"] = record["data"] | {field: data.draw(JSON | VALUES)}
    assert accounted(FAST.decode([encode(record)])) == 1
