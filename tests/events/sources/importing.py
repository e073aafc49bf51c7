"""A source run over bytes: what it told and what became of every record; and figures of that."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from events import Decoder
from events.sources.outbox import Gap, Outbox
from events.sources.source import Source, take
from streams.cli import main


class Imported(NamedTuple):
    """What came of some bytes.

    Attributes:
        lines: The events, as they are written.
        gaps: What could not be told.
        out: The outbox, with its counts.
        records: How many records there were.
    """

    lines: list[bytes]
    gaps: list[Gap]
    out: Outbox
    records: int

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events as JSON has them."""
        return [json.loads(line) for line in self.lines]

    @property
    def data(self) -> list[dict[str, Any]]:
        """The data of the events."""
        return [event["data"] for event in self.events]

    @property
    def reasons(self) -> list[str]:
        """The reasons of the gaps."""
        return [gap.reason for gap in self.gaps]


def imported(source: Source[Any], *files: bytes) -> Imported:
    """Runs a source over files; every record is accounted for just once."""
    out, count = Outbox(), 0
    for number, content in enumerate(files, 1):
        for record in source.records(f"file{number}", io.BytesIO(content)):
            count += 1
            take(source, record, out)
            assert out.done == count
    source.end(out)
    assert out.done == count
    lines = [msgspec.json.encode(event) for _, event in out.told]
    return Imported(lines, out.gaps, out, count)


def assert_accepted(lines: Sequence[bytes]) -> None:
    """Our own decoder takes every event, and knows all of its fields."""
    batch = Decoder().decode(list(lines))
    assert [(reject.reason, reject.detail) for reject in batch.rejects] == []
    assert not batch.ignored


def figure(
    events: Path, capsys: pytest.CaptureFixture[str], at: str, kpi: str, **labels: str
) -> float | None:
    """Returns a KPI at an instant, replayed from a file of events; None if it has no value."""
    capsys.readouterr()
    assert main(["replay", str(events), "--at", at]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    found = [
        each["value"]
        for each in told
        if each["kpi"] == kpi and labels.items() <= each["labels"].items()
    ]
    assert len(found) <= 1, f"{kpi} needs labels"
    value: float | None = found[0] if found else None
    return value
