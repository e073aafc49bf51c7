"""``make bench-all`` on histories so small that only the harness itself is tested."""

import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from benchmarks.builds import NEW, OLD, ROOT
from benchmarks.measured import RECORD, Measured, page, plot, row_of
from benchmarks.performance import PLOT, main
from benchmarks.rows import Contender, Row, Size
from benchmarks.turns import ContenderFailedError, compared, measured
from tests.last_runs import LastRuns

SMALL: Final = Size(accounts=3, days=30, live=100, flush=50, scrapes=2, scraped=10, asked=1)


def has_old() -> bool:
    """Returns whether the repository holds the old build: a shallow clone does not."""
    command = ["git", "cat-file", "-e", OLD]
    return subprocess.run(command, cwd=ROOT, capture_output=True).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not has_old(), reason="the repository does not hold the old build")
def test_rows_are_measured_and_answers_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Old and new take turns on the same events; what both know agrees with SQL and in parts."""
    asked = ["live", "scrape", "page", "contributors", "replay", "process*"]
    record, docs = tmp_path / "record.ndjson", tmp_path / "docs"
    where = ["--cache", str(tmp_path), "--record", str(record), "--docs", str(docs)]
    assert main([*asked, "--rounds", "1", *where], SMALL) == 0
    said = capsys.readouterr().out
    assert len(LastRuns(record, Measured, row_of).runs) == len(asked)
    assert (docs / "performance.md").read_text().count("\n### ") == len(asked)
    assert "integers, 0 of them other than the ledger's" in said
    assert said.count("| old |") == 4
    [processes] = [line for line in said.splitlines() if line.startswith("| new, 2 processes")]
    [same] = [cell for cell in processes.split("|") if "bit for bit" in cell]
    assert same.split()[0] == same.split()[2]
    assert "others" not in same


def test_a_contender_that_fails_is_named(tmp_path: Path) -> None:
    """A row is not printed with holes in it."""
    broken = Contender("broken", "replay", NEW, {"first": "no time"})
    row = Row("r", "title", "target", "s", lambda turn: 0.0, [broken])
    with pytest.raises(ContenderFailedError, match="broken ended with 1"):
        measured(row, 1, tmp_path)


def test_answers_are_compared_by_what_they_are_of(tmp_path: Path) -> None:
    """Values of the same KPI and labels; what only one build has is not counted."""
    first, second = tmp_path / "first", tmp_path / "second"
    line = '{{"at": "t", "kpi": "{}", "labels": {{}}, "value": {}}}\n'
    first.write_text(line.format("a", 1.0) + line.format("b", 2.0) + line.format("c", 3.0))
    second.write_text(line.format("a", 1.0) + line.format("b", 2.5) + line.format("d", 3.0))
    said = compared(str(second), str(first))
    assert said == "1 of 2 values the same, bit for bit; others: b"
    assert compared("354 integers, all the ledger's", str(first)).startswith("354")


def made(row: str, *figures: list[float], **more: Any) -> Measured:
    """A row of two contenders, as it was measured."""
    told = {"title": "what is done", "target": "1/2", "unit": "CPU s", "commit": "abc1234"}
    return Measured(
        row=row,
        contenders=["old", "new"],
        figures=list(figures),
        agreements=["", "all the same"],
        notes=["", "none waited"],
        load=[0.5, 1.0, 0.7],
        machine="2 cores",
        day="2026-11-30",
        **{**told, **more},
    )


def test_the_page_has_a_table_a_row_and_a_bar_of_each_that_the_old_build_is_in() -> None:
    """Medians, spread and ratios within rounds."""
    found = [made("r", [4.0, 6.0, 8.0], [1.0, 3.0, 2.0])]
    text = page(found, "def5678", "plot.svg")
    assert "| old | 6 | 4-8 | 1 |" in text
    assert "| new | 2 | 1-3 | 0.25 (0.25-0.50) | all the same | none waited |" in text
    assert "3 rounds on 2026-11-30, build abc1234, load 0.5 to 1.0" in text
    assert "images/plot.svg" in text
    drawn = plot(found)
    assert drawn.count("what is done") == 1
    assert ">0.25<" in drawn


def test_a_row_is_measured_again_in_place_of_the_time_before(tmp_path: Path) -> None:
    """Rows are measured one by one, and the page is of what is on record."""
    path = tmp_path / "record.ndjson"
    record = LastRuns(path, Measured, row_of)
    record.add(made("a", [4.0], [1.0]))
    record.add(made("b", [4.0], [2.0]))
    record.add(made("a", [4.0], [3.0]))
    read = LastRuns(path, Measured, row_of)
    assert list(read.runs) == ["a", "b"]
    assert read.runs["a"].ratios(1) == [0.75]


def test_the_page_is_of_the_record() -> None:
    """What the repository has says what its record says."""
    record = LastRuns(RECORD, Measured, row_of)
    assert record.runs
    found = [record.runs[name] for name in sorted(record.runs)]
    docs = ROOT / "docs"
    assert (docs / "performance.md").read_text() == page(found, OLD, PLOT)
    assert (docs / "images" / PLOT).read_text() == plot(found)
