"""Content: the same however it is written, and another wherever JSON has another value."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams.local.data.content import is_same_content

LEAVES: list[Any] = [None, True, False, 0, 1, -1, 2, 1.0, 0.5, 10**18, "", "1", "true", "é"]
VALUES = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab1"), inner),
    max_leaves=6,
)


def meaning(value: Any) -> Any:
    """A value with its kind beside it, so that Python's equality is that of JSON."""
    if isinstance(value, dict):
        return "object", {name: meaning(each) for name, each in value.items()}
    if isinstance(value, list):
        return "array", [meaning(each) for each in value]
    return "true or false" if isinstance(value, bool) else "other", value


def changed(value: Any, places: list[int], leaf: Any) -> Any:
    """A value in which one part, reached by places, is another."""
    if places and isinstance(value, list) and value:
        at = places[0] % len(value)
        return [*value[:at], changed(value[at], places[1:], leaf), *value[at + 1 :]]
    if places and isinstance(value, dict) and value:
        name = sorted(value)[places[0] % len(value)]
        return value | {name: changed(value[name], places[1:], leaf)}
    return leaf


@given(VALUES, st.lists(st.integers(0, 2), max_size=4), st.sampled_from(LEAVES))
@example({"x": True}, [0], 1)
@example({"x": [0]}, [0, 0], False)
@example([1], [0], 1.0)
def test_one_other_part_is_another_content(value: Any, places: list[int], leaf: Any) -> None:
    """True is not 1 and false is not 0, at any depth; 1 and 1.0 are the same number."""
    other = changed(value, places, leaf)
    same = meaning(value) == meaning(other)
    assert is_same_content(json.dumps(value).encode(), json.dumps(other).encode()) is same


@given(VALUES)
def test_how_it_is_written_makes_no_difference(value: Any) -> None:
    """Spaces, escapes and the order of fields."""
    one = json.dumps(value, indent=1, sort_keys=True).encode()
    backwards = json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
    assert is_same_content(one, backwards)
    if isinstance(value, dict):
        assert is_same_content(one, json.dumps(dict(reversed(value.items()))).encode())


@pytest.mark.parametrize("other", [b"{", b'{"a": 1', b"\xff", b"[" * 5_000])
def test_what_is_no_json_is_the_same_byte_for_byte(other: bytes) -> None:
    """And nothing raises."""
    assert is_same_content(other, other)
    assert not is_same_content(other, b'{"a": 1}')
    assert not is_same_content(other, other + b" ")


def test_what_nests_deep_is_compared() -> None:
    """As deep as JSON is read at all."""
    deep = b'{"x":' * 400 + b"%b" + b"}" * 400
    assert is_same_content(deep % b"1", deep % b" 1")
    assert not is_same_content(deep % b"1", deep % b"true")
