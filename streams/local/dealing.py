"""Dealing: which part of a history a record belongs to, by a look at its bytes.

The parts are folded apart, each account in one of them. To decode records only to deal them would
take longer than dealing saves, so the account is read off the bytes where these leave no doubt:
valid JSON with one ``"data"`` and one ``account_id``, which stands right in the object of the one,
and no escape that could spell either in another way. A record that leaves doubt, such as one that
travels under two accounts, is dealt to all parts, and each keeps what is its own.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress
from typing import Final, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from streams.local.history import Belongs

RUN: Final = 64
"""Records that are looked at together: enough to make the look cheap, few enough that one which
leaves doubt among them costs little."""

KNOWN_MAX: Final = 1 << 16
"""Accounts whose part is kept rather than computed anew."""

_DATA: Final = b'"data"'
_ACCOUNT: Final = b"account_id"
_MARKS: Final = (b'"data":{"account_id":"', b'"data": {"account_id": "')
"""How most producers write it."""

_WRITTEN: Final = re.compile(rb'"data"\s*:\s*\{[^{}]*?"account_id"\s*:\s*"([^"\\]+)"')
"""Any way of writing it, as far as no other object stands before it."""


def part_of(account: bytes, parts: int) -> int:
    """Returns the part that an account belongs to."""
    return crc32(account) % parts


class Share(NamedTuple):
    """What is dealt to one of several.

    Attributes:
        part: Number of the part, from 0.
        parts: How many parts there are.
    """

    part: int
    parts: int

    def holds(self, account: str) -> bool:
        """Returns whether an account is of this part."""
        return self.parts == 1 or part_of(account.encode(), self.parts) == self.part


def accounts_of(values: Sequence[bytes]) -> list[bytes]:
    """Returns the account of each record; empty where its bytes leave doubt.

    >>> accounts_of([b'{"data":{"account_id":"a"}}', b'{"data":{"into_account_id":"b"}}'])
    [b'a', b'']
    """
    found: list[bytes] = []
    for first in range(0, len(values), RUN):
        run = values[first : first + RUN]
        found += _usual(run) or map(_account_of, run)
    return found


def _usual(run: Sequence[bytes]) -> list[bytes]:
    """Returns the accounts of records of which most are written in a usual way; else none.

    Counting in all of them at once is cheaper than in each.
    """
    mark = next((mark for mark in _MARKS if mark in run[0]), _MARKS[0])
    size, found, others = len(mark), [], []
    for value in run:
        begin = value.find(mark) + size
        if begin >= size:
            found.append(value[begin : value.find(b'"', begin)])
        else:
            found.append(_account_of(value))
            others.append(value)
    text, rest = b"\n".join(run), b"\n".join(others)
    counts = {text.count(name) - rest.count(name) for name in (_ACCOUNT, _DATA)}
    return found if counts == {len(run) - len(others)} and b"\\" not in text else []


def _account_of(value: bytes) -> bytes:
    written = _WRITTEN.search(value)
    if written is None or value.count(_ACCOUNT) != 1 or value.count(_DATA) != 1:
        return b""
    escaped = b"\\" in value[: written.end()] or b"\\u" in value
    return b"" if escaped else written[1]


@dataclass(frozen=True, slots=True)
class Dealt:
    """Records for one part.

    Attributes:
        values: The records, in the order of the source.
        numbers: Their numbers in the source, from 1.
        shared: Places in ``values`` of those that all parts were dealt.
        topic: Short name of the topic they lie in; None for any.
        belongs: Whether records under a key may lie there.
    """

    values: list[bytes]
    numbers: NDArray[np.int64]
    shared: list[int]
    topic: str | None
    belongs: Belongs


class Dealer:
    """Deals records to parts.

    Attributes:
        parts: How many there are.
    """

    def __init__(self, parts: int) -> None:
        self.parts = parts
        self._place_of = lru_cache(KNOWN_MAX)(self._place)

    def deal(
        self, values: Sequence[bytes], first: int, topic: str | None, belongs: Belongs
    ) -> Iterator[Dealt]:
        """Yields what each part gets.

        Args:
            values: The records.
            first: Number of the first record in the source.
            topic: Short name of the topic they lie in; None for any.
            belongs: Whether records under a key may lie there.
        """
        accounts = accounts_of(values)
        places = np.fromiter(map(self._place_of, accounts), dtype=np.int64, count=len(accounts))
        for part in range(self.parts):
            own = (places == part) | (places < 0)
            held = list(compress(values, own.tolist()))
            shared = (places[own] < 0).nonzero()[0].tolist()
            yield Dealt(held, own.nonzero()[0] + first, shared, topic, belongs)

    def _place(self, account: bytes) -> int:
        return part_of(account, self.parts) if account else -1
