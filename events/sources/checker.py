"""What a source tells, as lines that our own decoder takes; what it refuses is a gap."""

import json
from collections.abc import Iterator
from typing import Final

import msgspec

from events.codec import Decoder
from events.sources.outbox import Gap, Outbox
from events.sources.records import Record
from events.sources.told import Told

RUN: Final = 200
"""Records, and events, that are told, checked and written together: what a cache of the processor
holds, and too few for it to pay to load what reads instants in columns (``events.instants``)."""


class Checker:
    """Writes events as lines, and holds them against the decoder that will read them."""

    def __init__(self) -> None:
        self._decoder = Decoder()
        self._encode = msgspec.json.Encoder().encode

    def lines(self, out: Outbox) -> Iterator[list[bytes]]:
        """Takes the events out of an outbox, many at a time.

        A record of which an event is refused is not told at all, and is put into ``out.gaps``.
        """
        told, out.told = out.told, []
        begin = 0
        while begin < len(told):
            end = min(begin + RUN, len(told))
            while end < len(told) and told[end][0] is told[end - 1][0]:
                end += 1  # the events of a record stay together
            yield self._checked(told[begin:end], out)
            begin = end

    def _line(self, event: Told) -> bytes:
        try:
            return self._encode(event)
        except OverflowError:  # a number of more than 64 bits, which the decoder will name
            return json.dumps(msgspec.to_builtins(event)).encode()

    def _lines(self, told: list[tuple[Record, Told]]) -> list[bytes]:
        encode = self._encode
        try:
            return [encode(event) for _, event in told]
        except OverflowError:
            return [self._line(event) for _, event in told]

    def _checked(self, told: list[tuple[Record, Told]], out: Outbox) -> list[bytes]:
        lines = self._lines(told)
        rejects = self._decoder.rejects(lines)
        if not rejects:
            return lines
        lost: set[int] = set()
        for reject in rejects:
            record, event = told[reject.index]
            if id(record) not in lost:
                lost.add(id(record))
                out.gaps.append(Gap(record, reject.reason, reject.detail, event.id))
        pairs = zip(told, lines, strict=True)
        return [line for (record, _), line in pairs if id(record) not in lost]
