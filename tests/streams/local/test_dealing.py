"""Dealing: an account that is read off the bytes of a record is the one that its event has."""

import json
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import Decoder
from streams.local.dealing import RUN, Dealer, Share, accounts_of, part_of
from streams.simulator import simulate
from tests.examples import examples

ENVELOPE: Final = {
    "specversion": "1.0",
    "id": "e1",
    "source": "test",
    "type": "account.updated",
    "time": "2026-01-05T00:00:00Z",
}

names = st.sampled_from(
    ["data", "account_id", "into_account_id", "subject", 'x"data', 'x"account_id', "data\\", "x"]
)
texts = st.sampled_from(
    ["a", "b", "", "data", "account_id", '"data":{"account_id":"c"}', "\\", "{", "}", "é", '"']
)
values = st.recursive(
    texts | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=2) | st.lists(st.tuples(names, inner), max_size=3),
    max_leaves=6,
)
objects = st.lists(st.tuples(names, values), max_size=4)


def _text(name: str, escaped: bool) -> str:
    """Writes a string; perhaps with escapes that are not needed."""
    if escaped and name:
        return f'"\\u{ord(name[0]):04x}{json.dumps(name[1:])[1:]}'
    return json.dumps(name, ensure_ascii=False)


@st.composite
def records(draw: st.DrawFn) -> bytes:
    """Draws events, of which most are odd: names twice, nested, escaped, with or without blanks."""
    gap = draw(st.sampled_from(["", "", " ", "\t "]))

    def written(value: Any) -> str:
        if isinstance(value, list) and value and isinstance(value[0], tuple):
            odd = draw(st.integers(0, 9)) == 0
            pairs = (f"{_text(name, odd)}{gap}:{gap}{written(each)}" for name, each in value)
            return f"{{{f',{gap}'.join(pairs)}}}"
        if isinstance(value, list):
            return f"[{','.join(map(written, value))}]"
        return _text(value, False) if isinstance(value, str) else json.dumps(value)

    data = [("account_id", draw(texts)), *draw(objects)] if draw(st.booleans()) else draw(objects)
    data = draw(st.permutations(data)) if draw(st.booleans()) else data
    told = [*ENVELOPE.items(), ("data", data), *draw(objects)]
    return written(draw(st.permutations(told))).encode()


@given(st.lists(records(), min_size=1, max_size=4))
@examples(300)
def test_law_an_account_off_the_bytes_is_that_of_the_event(told: list[bytes]) -> None:
    """Law: whatever a record looks like, its account is right or left open."""
    for record, account in zip(told, accounts_of(told), strict=True):
        batch = Decoder().decode([record])
        if account and batch.events:
            assert [event.keys for event in batch.events] == [(account.decode(),)]


@pytest.mark.parametrize(
    ("written", "account"),
    [
        ('{"data":{"account_id":"a"}}', b"a"),
        ('{"data": {"account_id": "a"}}', b"a"),
        ('{ "data" : { "plan_id":"p", "account_id" : "a" } }', b"a"),
        ('{"data":{"account_id":"a","note":"two\\nlines"}}', b"a"),
        ('{"data":{"account_id":"a","note":"\\u00e9"}}', b""),
        ('{"data":{"account_id":"a","into_account_id":"b"}}', b""),
        ('{"data":{"items":[{}],"account_id":"a"}}', b""),
        ('{"ext":{"data":{"account_id":"a"}},"data":{"subject":"s"}}', b""),
        ('{"data":{"account_id":"a\\"b"}}', b""),
        ('{"data":{"account_id":""}}', b""),
        ('{"subject":"s","data":{}}', b""),
        ("", b""),
    ],
)
def test_what_is_read_off_and_what_is_left_open(written: str, account: bytes) -> None:
    """Usual ways of writing are read alone and among others; doubt is never guessed away."""
    usual = b'{"data":{"account_id":"z"}}'
    assert accounts_of([written.encode()]) == [account]
    assert accounts_of([usual, written.encode(), usual]) == [b"z", account, b"z"]
    assert accounts_of([usual] * RUN + [written.encode()]) == [*[b"z"] * RUN, account]


def test_each_part_gets_its_own_and_what_is_in_doubt() -> None:
    """Records keep their order and numbers; none is lost, and few go to all."""
    lines = list(simulate(seed=3, accounts=12, days=60, end_ms=1_772_323_200_000))
    parts = [list(Dealer(3).deal(lines, 11, None, None))[part] for part in range(3)]
    shared = {number for dealt in parts for number in dealt.numbers[dealt.shared].tolist()}
    assert 0 < len(shared) < len(lines) / 5
    for part, dealt in enumerate(parts):
        numbers = dealt.numbers.tolist()
        assert dealt.values == [lines[number - 11] for number in numbers]
        assert numbers == sorted(numbers)
        assert shared <= set(numbers)
        for place, value in enumerate(dealt.values):
            if place not in dealt.shared:
                account = json.loads(value)["data"]["account_id"]
                assert part_of(account.encode(), 3) == part
                assert Share(part, 3).holds(account)
    assert {n for dealt in parts for n in dealt.numbers.tolist()} == set(range(11, 11 + len(lines)))
