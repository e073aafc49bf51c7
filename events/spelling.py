"""What a misspelt name may have meant."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_NEAR_MAX: Final = 3
"""Known names that a misspelt one may have meant, at most."""

_NEAR: Final = 0.65
"""Likeness of two names, from 0 to 1, at which one may be meant by the other: two of three letters.
"""


def near(name: str, known: Iterable[str]) -> list[str]:
    """Returns the known names that a name is like, the most like first.

    >>> near("time-zone", ["timezone", "currency"])
    ['timezone']
    """
    folded = {each.casefold(): each for each in known}
    found = get_close_matches(name.casefold(), sorted(folded), _NEAR_MAX, _NEAR)
    return [folded[each] for each in found]


def meant(name: str, known: Iterable[str]) -> str:
    """Returns the known names that a name is like as a question, or nothing if there are none.

    >>> meant("prot", ["port", "redis"])
    ' (meant: port?)'
    """
    found = near(name, known)
    return f" (meant: {' or '.join(found)}?)" if found else ""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Returns the end of an error on a name: what may be meant by it, or nothing.

    >>> did_you_mean("replya", ["replay", "run"])
    '; did you mean replay?'
    """
    found = near(name, known)
    return f"; did you mean {' or '.join(found)}?" if found else ""
