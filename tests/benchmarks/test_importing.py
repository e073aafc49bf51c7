"""``python -m benchmarks.importing`` on so few events that only the harness is tested."""

from pathlib import Path

import pytest

from benchmarks.builds import ROOT
from benchmarks.importing import table
from benchmarks.stripe_company import write
from streams.cli import main

COUNT = 400


def test_the_made_up_company_is_told_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its events are the same each time, and none of them is a gap."""
    first, again, out = (tmp_path / name for name in ("first", "again", "out"))
    write(first, COUNT)
    write(again, COUNT)
    assert first.read_bytes() == again.read_bytes()
    assert main(["import", "stripe", str(first), "--out", str(out)]) == 0
    assert f"{COUNT} records" in capsys.readouterr().err
    assert len(out.read_bytes().splitlines()) > COUNT / 2


def test_imports_take_turns_with_a_plain_read() -> None:
    """Each contender has a row, as a ratio to the read; two checkouts must tell the same."""
    rows = table(ROOT, rounds=1, count=COUNT).splitlines()[2:]
    named = [row.split("|")[1].strip() for row in rows]
    assert named == ["msgspec, into dicts", "tidemark import stripe", f"the same of {ROOT.name}"]
    assert rows[0].endswith(" 1.00 |")
