"""Foreign bytes cut into records: lines of JSON, an array, one pretty-printed document."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import IO, Final

import msgspec

from events.errors import UNREADABLE

_BEGIN: Final = re.compile(r"(?<=\n)[{[]")
"""Where a document begins that is no part of another, as far as line breaks say."""
_INK: Final = re.compile(r"\S")

_raws: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode


class Record(msgspec.Struct, frozen=True, gc=False):
    """One foreign record.

    Attributes:
        raw: Its bytes.
        name: The file, or what else it came from.
        number: Its line, or its place in an array, from 1 on; 0 for a file that is one record.
        part: Its place in a record that holds several, from 1 on; 0 for a record of its own.
    """

    raw: bytes
    name: str
    number: int
    part: int = 0

    @property
    def place(self) -> str:
        """Where it stands, as a person looks for it.

        >>> Record(b"{}", "events.ndjson", 17).place, Record(b"{}", "batch.json", 2, 3).place
        ('events.ndjson:17', 'batch.json:2[3]')
        """
        line = f":{self.number}" if self.number else ""
        return f"{self.name}{line}{f'[{self.part}]' if self.part else ''}"


def parts(record: Record, raws: Iterable[msgspec.Raw]) -> Iterator[Record]:
    """Yields the records that one record holds, such as a batch's messages."""
    for part, raw in enumerate(raws, 1):
        yield Record(bytes(raw), record.name, record.number, part)


def json_records(name: str, file: IO[bytes]) -> Iterator[Record]:
    """Yields the records of a file, however its JSON is written.

    One object a line is read as it comes. An array is its entries. Anything else is read whole, as
    documents that follow each other. What is no JSON is a record too: to be told of as a gap.

    Args:
        name: What the file is called.
        file: Its bytes, from the beginning.
    """
    head = file.readline()
    number = 1
    while head and head.isspace():
        head = file.readline()
        number += 1
    if not head:
        return
    if head.endswith(b"\n") and _is_document(head):
        yield Record(head.strip(), name, number)
        for number, line in enumerate(file, number + 1):  # noqa: B020 - lines go on being counted
            if raw := line.strip():
                yield Record(raw, name, number)
        return
    yield from _whole(name, head + file.read())


def _is_document(line: bytes) -> bool:
    if line.lstrip()[:1] == b"[":
        return False
    try:
        msgspec.json.decode(line, type=msgspec.Raw)
    except UNREADABLE:
        return False
    return True


def _whole(name: str, content: bytes) -> Iterator[Record]:
    if content.lstrip()[:1] == b"[":
        try:
            raws = _raws(content)
        except UNREADABLE:
            yield Record(content, name, 0)
            return
        for number, raw in enumerate(raws, 1):
            yield Record(bytes(raw), name, number)
        return
    yield from _documents(name, content)


def _end_of_space(text: str, at: int) -> int:
    found = _INK.search(text, at)
    return len(text) if found is None else found.start()


def _documents(name: str, content: bytes) -> Iterator[Record]:
    """Yields documents that follow each other over any lines, by the line each begins in.

    A broken one ends before the next line that begins one: inner lines are indented, or no objects.
    """
    try:
        text = content.decode()
    except UnicodeDecodeError:
        yield Record(content, name, 0)
        return
    read = json.JSONDecoder().raw_decode
    at = line = 0
    while (begin := _end_of_space(text, at)) < len(text):
        line += text.count("\n", at, begin)
        try:
            if text[begin] not in "{[":
                raise ValueError("the rest of what was cut off")
            at = read(text, begin)[1]
        except (ValueError, RecursionError):
            found = _BEGIN.search(text, begin + 1)
            at = len(text) if found is None else found.start()
        yield Record(text[begin:at].rstrip().encode(), name, line + 1)
        line += text.count("\n", begin, at)
