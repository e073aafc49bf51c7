"""Records read by structs: the quick way, by which nearly all go.

What a struct refuses is not wrong for that. It is left to the models, which have the last word.
"""

from collections.abc import Callable, Sequence
from functools import cached_property, reduce
from operator import or_
from typing import Any, Final, NoReturn, cast

import msgspec

from events.dialect import Dialect
from events.records import record_of
from events.registry import EVENT_TYPES, USAGE
from events.upcasts import FIRST_VERSION, Upcasts

QUICK_BYTES_MAX: Final = 4096
"""Longest record for the structs, some ten times a usual one.

Below it no number can be too long to be read (Python's limit is 4,300 digits), so both ways agree
on what lies in unknown fields.
"""


class QuickReader:
    """Reads records of one topic, or of all, by the structs of their types."""

    def __init__(
        self, dialect: Dialect, topic: str | None, record_bytes_max: int, upcasts: Upcasts
    ) -> None:
        """Takes what the decoder is told."""
        self._dialect = dialect
        self._topic = topic
        self._upcasts = upcasts
        self._bytes_max = min(QUICK_BYTES_MAX, record_bytes_max)

    def read(self, values: Sequence[bytes | None]) -> list[Any]:
        """Reads records; None stands for one that the models are to judge."""
        usual = cast(Sequence[bytes], values)
        try:  # all at once, which is quicker than one by one
            joined = b"".join(usual)
            is_usual = joined.isascii() and max(map(len, usual)) <= self._bytes_max
        except (TypeError, ValueError):
            is_usual = False
        if not is_usual:
            usual = [self._usual(value) for value in values]
        records: list[Any] = []
        reading = map(self._decode, usual)
        while len(records) < len(values):
            try:
                records.extend(reading)  # what came before an error stays, and it goes on after it
            except (msgspec.MsgspecError, ValueError, RecursionError):
                records.append(None)
        return records

    def _usual(self, value: bytes | None) -> bytes:
        """Returns a record that may be read by its struct, which looks at known fields only."""
        if not value or len(value) > self._bytes_max:
            return b""
        try:
            value.isascii() or value.decode()
        except UnicodeDecodeError:
            return b""
        return value

    @cached_property
    def _decode(self) -> Callable[[bytes], Any]:
        """What reads a record by the struct of its type; it takes a while to make."""
        structs: list[Any] = [
            record_of(kind.name, self._dialect)
            for kind in EVENT_TYPES.values()
            if self._topic in (None, kind.topic) or (kind.topic is None and self._topic != USAGE)
            if self._upcasts.current_version(kind.name) == FIRST_VERSION
        ]
        return msgspec.json.Decoder(reduce(or_, structs) if structs else NoReturn).decode
