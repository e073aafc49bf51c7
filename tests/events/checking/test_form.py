"""Forms: what a file is, by its first bytes, where it is not one JSON object a line."""

import json

import pytest

from events.checking import HEAD_BYTES, form_of
from tests.events.examples import MINIMAL, encode, record_of

EVENTS = [record_of(name, MINIMAL[name]) for name in ("seats.set", "ticket.created")]
LINES = b"".join(encode(each) + b"\n" for each in EVENTS)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (LINES, None),
        (b"\n \n" + LINES, None),
        (LINES[:-2], None),
        (b"", None),
        (b" \n", None),
        (b"{broken\n" + LINES, None),
        (b"nonsense\n", None),
        (b"nonsense, a sentence\nand no more\n", None),
        (b"[1, 2]\n", None),
        (json.dumps(EVENTS).encode(), "json_array"),
        (json.dumps(EVENTS, indent=1).encode(), "json_array"),
        (json.dumps(EVENTS[0], indent=2).encode(), "pretty_json"),
        (json.dumps(EVENTS[0], indent=2).encode()[:40], "pretty_json"),
        (json.dumps(EVENTS[0], indent=2).encode() * 2, "pretty_json"),
        (LINES.replace(b"\n", b""), "joined_json"),
        (b"id,type,time\n1,ticket.created,2026-01-01\n", "csv"),
        (b"id;type\n1;ticket.created", "csv"),
        (b"id\ttype\n1\tticket.created\n2\tx\n3\ty\n", "csv"),
        (b'"id","note"\n"1","two\nlines"\n', "csv"),
        (LINES.decode().encode("utf-16-le"), "utf_16"),
        (LINES.decode().encode("utf-16-be"), "utf_16"),
        (b"<html><body>", "markup"),
        (b"PAR1\x15\x04", "parquet"),
        (b"Obj\x01\x04", "avro"),
        (b"PK\x03\x04\x14", "zip"),
        (b"BZh91AY", "bzip2"),
        (b"\xfd7zXZ\x00", "xz"),
        (b"\x07\x08\x00\x01\x02\x03\x04", "binary"),
    ],
)
def test_form(head: bytes, name: str | None) -> None:
    """A file is named for what it is; one that may be lines of JSON is read line by line."""
    found = form_of(head)
    assert (found and found.name) == name


def test_the_first_record_is_known_where_it_fits() -> None:
    """It says whose records these are; a record longer than the head does not."""
    for text in (json.dumps(EVENTS, indent=1), json.dumps(EVENTS[0], indent=1)):
        found = form_of(text.encode())
        assert found is not None
        assert found.first == EVENTS[0]
    long = json.dumps([{"a": "x" * HEAD_BYTES}], indent=1).encode()[:HEAD_BYTES]
    found = form_of(long)
    assert found is not None
    assert (found.name, found.first) == ("json_array", None)
