"""Whether two events say the same: one that is sent again may be written in another way."""

from typing import Any, Final

import msgspec

from events.errors import UNREADABLE

_any: Final = msgspec.json.Decoder(float_hook=float).decode
"""Any JSON; as in ``events.Decoder``, a number out of a float's range is infinite."""


def is_same_content(one: bytes, other: bytes) -> bool:
    r"""Returns whether two events say the same, however they are written.

    The order of fields, spaces and escapes make no difference, nor does it whether a whole number
    has a fraction of 0. What is no JSON is the same only byte for byte.

    >>> is_same_content(b'{"a": 1, "b": "x"}', b'{"b": "\\u0078", "a": 1.0}')
    True
    >>> is_same_content(b'{"a": 1}', b'{"a": true}')
    False
    """
    if one == other:
        return True
    try:
        return _is_same(_any(one), _any(other))
    except (*UNREADABLE, ValueError):
        return False


def _is_same(one: Any, other: Any) -> bool:
    """Compares two values as JSON has them: for Python, true is the number 1."""
    pairs = [(one, other)]
    while pairs:  # and no recursion: what nests deep is no reason to fail
        some, others = pairs.pop()
        if isinstance(some, dict) and isinstance(others, dict):
            if some.keys() != others.keys():
                return False
            pairs += [(value, others[name]) for name, value in some.items()]
        elif isinstance(some, list) and isinstance(others, list):
            if len(some) != len(others):
                return False
            pairs += zip(some, others, strict=True)
        elif isinstance(some, bool) is not isinstance(others, bool) or some != others:
            return False
    return True
