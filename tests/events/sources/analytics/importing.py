"""What comes of foreign bytes: events, gaps and the rest, each event accepted by our decoder."""

import json
from collections import Counter
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from events import Decoder
from events.sources import Outbox, source_of
from events.sources.source import take
from streams.cli.importing import options_of

SAMPLES: Final = Path(__file__).parent / "samples"


class Imported(NamedTuple):
    """Events, and by reason how many records were passed over or are gaps."""

    lines: list[bytes]
    passed: Counter[str]
    gaps: Counter[str]
    notes: Counter[str]
    needs: list[str]

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events, as JSON has them."""
        return [json.loads(line) for line in self.lines]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Returns the data of the events of a type, in the order of their time."""
        found = [each for each in self.events if each["type"] == kind]
        return [each["data"] for each in sorted(found, key=lambda each: str(each["time"]))]


def imported(name: str, content: bytes, **options: Any) -> Imported:
    """Imports bytes as one file of a source.

    Raises:
        AssertionError: If a record is not accounted for just once, or an event is not accepted.
    """
    cls = source_of(name)
    source, out = cls(options_of(cls, options)), Outbox()
    records = list(source.records("file", BytesIO(content)))
    for record in records:
        take(source, record, out)
    source.end(out)
    assert out.done == len(records)
    lines = [msgspec.json.encode(event) for _, event in out.told]
    batch = Decoder().decode(lines)
    assert not batch.rejects
    assert not batch.ignored
    gaps = Counter(gap.reason for gap in out.gaps)
    needs = [gap.needs for gap in out.gaps]
    return Imported(lines, out.passed, gaps, out.notes, needs)


def ndjson(messages: Iterable[dict[str, Any]]) -> bytes:
    """Returns messages, one a line."""
    return b"".join(json.dumps(each).encode() + b"\n" for each in messages)
