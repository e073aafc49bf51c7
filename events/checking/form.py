"""What a file is, where it is no JSON with one event a line: told by its first bytes."""

import csv
import io
import json
from typing import Any, Final, NamedTuple

import msgspec

from events.errors import UNREADABLE

HEAD_BYTES: Final = 1 << 16
"""What is looked at of a file."""

_LINES: Final = 3
"""Lines that are compared to tell a table."""

_BEGINNINGS: Final = (
    (b"PAR1", "parquet", "a Parquet file"),
    (b"Obj\x01", "avro", "a file of Avro"),
    (b"ORC", "orc", "an ORC file"),
    (b"PK\x03\x04", "zip", "a ZIP archive, or a workbook"),
    (b"BZh", "bzip2", "compressed with bzip2"),
    (b"\xfd7zXZ\x00", "xz", "compressed with xz"),
    (b"%PDF", "pdf", "a PDF"),
)
_BEGIN_CHARS: Final = 64
_SPREAD: Final = "jq -c . FILE writes one object a line"


class Form(NamedTuple):
    """How a file is written.

    Attributes:
        name: Slug.
        says: What it is, in words that follow "it is".
        remedy: What makes lines of JSON of it; "" if that depends.
        first: The first record of a file of JSON, parsed.
    """

    name: str
    says: str
    remedy: str = ""
    first: Any = None


def form_of(head: bytes) -> Form | None:
    r"""Returns what a file is by its first bytes; None if it may be lines of JSON, or is empty.

    >>> form_of(b"id,type\n1,ticket.created\n").says
    'CSV'
    >>> form_of(b'{"id": "e1"}\n') is None
    True
    """
    for beginning, name, says in _BEGINNINGS:
        if head.startswith(beginning):
            return Form(name, says)
    if b"\x00" in head[:_BEGIN_CHARS]:
        wide = head[1:_BEGIN_CHARS:2].count(0) > _BEGIN_CHARS // 4 or head[:1] == b"\x00"
        return Form("utf_16", "UTF-16 text", "iconv -f UTF-16 -t UTF-8 FILE") if wide else _BINARY
    text = head.decode(errors="replace").lstrip()
    match text[:1]:
        case "[":
            return _array(text)
        case "{":
            return _objects(text)
        case "<":
            return Form("markup", "XML or HTML")
        case "":
            return None
    return _table(text)


_BINARY: Final = Form("binary", "no text")


def _array(text: str) -> Form | None:
    rest = text[1:].lstrip()
    first = _first_of(rest)
    if first is None and rest[:1] != "{":
        return None  # a list of something else: each line is told of by itself
    return Form("json_array", "one JSON array", "jq -c '.[]' FILE writes one object a line", first)


def _objects(text: str) -> Form | None:
    line, _, rest = text.partition("\n")
    try:
        msgspec.json.decode(line, type=msgspec.Raw)
    except UNREADABLE:
        pass
    else:
        return None
    read = _document(text)
    if read is None:
        is_spread = line.strip() == "{" and rest.lstrip()[:1] == '"'
        return Form("pretty_json", "JSON over several lines", _SPREAD) if is_spread else None
    first, end = read
    if end <= len(line):
        is_object = text[end:].lstrip(" \t")[:1] == "{"
        return (
            Form("joined_json", "several JSON objects a line", _SPREAD, first)
            if is_object
            else None
        )
    return Form("pretty_json", "JSON over several lines", _SPREAD, first)


def _document(text: str) -> tuple[Any, int] | None:
    try:
        return json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None


def _first_of(text: str) -> Any:
    read = _document(text)
    return read[0] if read is not None and isinstance(read[0], dict) else None


def _table(text: str) -> Form | None:
    """Tells a table by lines that have equally many fields, two at least."""
    lines = text.splitlines()[: _LINES + 1]
    whole = lines[:_LINES] if len(lines) > _LINES else lines
    for delimiter, name in ((",", "CSV"), (";", "CSV with semicolons"), ("\t", "text with tabs")):
        try:
            rows = list(csv.reader(io.StringIO("\n".join(whole)), delimiter=delimiter, strict=True))
        except csv.Error:
            continue
        widths = {len(row) for row in rows}
        if len(widths) == 1 and widths.pop() > 1:
            return Form("csv", name)
    return None
