"""The command around the audit: which moment of the board it takes, what it says, how it ends."""

from typing import Final

import msgspec
import pytest

from aggregates.ledger.difference import Difference
from aggregates.rows.guest import Guest
from aggregates.rows.kind import RowKey
from aggregates.shard.audit import Compared
from aggregates.shard.board import PartitionStatus, encode_status
from aggregates.shard.plan import Plan
from aggregates.time.tile import tile_of
from events import parse_instant
from events.errors import TidemarkError
from exporters.boards.memory_board import MemoryBoard
from exporters.feed import Feed
from streams.cli import main
from streams.cli.audit import published_on
from streams.cli.audit_report import audit_document, audit_lines
from streams.worker.audit import Audited
from tests.exporters import company

AT: Final = "2026-02-01T00:00:00Z"
AT_MS: Final = parse_instant(AT)
TILE: Final = tile_of(AT_MS)
READY: Final = PartitionStatus(ready=True)


def feed(*statuses: PartitionStatus) -> Feed:
    """A feed of a board of so many partitions."""
    board = MemoryBoard(clock_s=lambda: 0.0)
    for number, status in enumerate(statuses):
        company.publish(board, number, len(statuses), said=encode_status(status))
    return Feed(board, clock_s=lambda: 0.0)


def test_a_partition_is_taken_as_it_is_published() -> None:
    """All its chunks, with the status that belongs to them."""
    taken = published_on(feed(READY, READY), 0.0, 0.0)
    assert {number: each.status for number, each in taken.items()} == {0: READY, 1: READY}
    assert taken[1].chunks == company.chunks(company.ledger(1))


def test_where_nothing_but_waiting_is_found_it_is_taken_all_the_same() -> None:
    """After its patience; what waits is then left out by name."""
    waits = msgspec.structs.replace(READY, deferred=3)
    taken = published_on(feed(READY, waits), 0.05, 0.01)
    assert taken[1].status.deferred == 3


@pytest.mark.parametrize(
    ("statuses", "said"),
    [([], "no worker"), ([READY, PartitionStatus()], "partition 1 being restored")],
)
def test_a_board_that_is_not_whole_is_not_compared(
    statuses: list[PartitionStatus], said: str
) -> None:
    """The reason is the one for which exporters show no KPI."""
    with pytest.raises(TidemarkError, match=said):
        published_on(feed(*statuses), 0.02, 0.01)


def found() -> list[Audited]:
    """One partition that is right as far as it was compared, and one that is not."""
    cell = Difference(("new_mrr", "plan"), ("smb",), TILE, 4_900_000_001, 4_900_000_000)
    odd = Difference(("no_such_measure", "x"), (), TILE, 1, 0)
    row = RowKey("seats", "acct_2", Guest.of("seat", ["acct_1"]))
    return [
        Audited(0, Compared(412, 100, 2, 0), [], [], frozenset({"health_points"})),
        Audited(3, Compared(9, 50, 1, 7), [cell, odd], [row], frozenset()),
    ]


def test_the_document_names_what_differs() -> None:
    """Measure, labels, segment, quarter of an hour, and the value of either side."""
    document = audit_document(found(), Plan(), AT_MS)
    assert (document["at"], document["mismatch"]) == (AT, 7)
    assert [part["left_out"] for part in document["partitions"]] == [["health_points"], []]
    cell, odd = document["cells"]
    assert cell == {
        "partition": 3,
        "measure": "new_mrr",
        "labels": {"0": "plan"},
        "segment": {"segment": "smb"},
        "from": AT,
        "to": "2026-02-01T00:15:00Z",
        "board": 4_900_000_001,
        "log": 4_900_000_000,
    }
    assert (odd["labels"], odd["segment"]) == ({"0": "x"}, {})
    [row] = document["rows"]
    assert (row["id"], row["account"], row["read_under"]) == ("seat", "acct_1", "acct_2")


def test_labels_have_the_names_that_their_measure_has() -> None:
    """Window, labels, filters and bucket, in the order of the series."""
    plan = Plan()
    measure = next(each for each in plan.measures.values() if each.windows and each.labels)
    series = (measure.name, *(f"v{place}" for place in range(1, measure.length)))
    audited = Audited(
        0, Compared(1, 1, 0, 1), [Difference(series, (), TILE, 1, 0)], [], frozenset()
    )
    [cell] = audit_document([audited], plan, AT_MS)["cells"]
    assert list(cell["labels"])[: 1 + len(measure.labels)] == ["window", *measure.labels]
    assert list(cell["labels"].values()) == [*series[1:]]


def test_the_table_ends_with_what_was_found() -> None:
    """How many of how many, and how many more than are named."""
    lines = list(audit_lines(audit_document(found(), Plan(), AT_MS)))
    assert lines[0].split() == ["PARTITION", "RECORDS", "CELLS", "ROWS", "MISMATCH"]
    assert lines[1].split() == ["0", "412", "100", "2", "0"]
    assert "partition 0: not compared, since accounts wait: health_points" in lines
    assert any('segment="smb"} 2026-02-01T00:00:00Z to' in line for line in lines)
    assert lines[-2:] == ["and 4 more", "7 of 153 cells and rows are not what the log says"]
    [good, _] = found()
    assert [*audit_lines(audit_document([good], Plan(), AT_MS))][-1] == (
        "equal: 102 cells and rows of 1 partitions"
    )


@pytest.mark.parametrize("wrong", [("--rate", "0"), ("--show", "-1")])
def test_what_cannot_be_compared_is_no_mismatch(
    wrong: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code tells one from the other, and standard error says why."""
    assert main(["audit", *wrong]) == 70
    assert "tidemark: not compared: " in capsys.readouterr().err


def test_a_misspelt_setting_is_no_mismatch(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code of a difference is for differences: a supervisor does not try those again."""
    monkeypatch.setenv("TIDEMARK_TIMEZON", "UTC")
    assert main(["audit"]) == 70
    assert "not compared: settings: no such setting: TIDEMARK_TIMEZON" in capsys.readouterr().err
