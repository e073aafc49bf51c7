"""Data quality on the index page: what is left out, why and what to do, in words of ours alone."""

import re

from aggregates.shard.board import PartitionStatus, TopicStatus, encode_status
from events.checking.kinds import KINDS, OF_FILES
from events.checking.remedies import REASONS, remedy_of
from exporters.boards.memory_board import MemoryBoard
from exporters.quality import EXAMPLE_CHARS_MAX
from tests.exporters import company
from tests.exporters.pages.test_index_page import outline, rendered


def page_of(*statuses: PartitionStatus) -> str:
    """The index page of partitions that say these."""
    board = MemoryBoard(clock_s=lambda: 0.0)
    for number, said in enumerate(statuses):
        company.publish(board, number, len(statuses), said=encode_status(said))
    return rendered(board)


def rows_of(page: str) -> list[list[str]]:
    """The cells of the tables about data quality."""
    section = page[page.index('id="quality"') :]
    rows = re.findall(r'<tr>(<th scope="row">.*?)</tr>', section)
    return [re.findall(r">([^<>]*)</t[hd]>", row) for row in rows]


def test_what_came_in_is_added_up() -> None:
    """Events of all partitions by what became of them; those that told nothing new are among."""
    page = page_of(
        PartitionStatus(ready=True, events={"usage": {"folded": 1_200, "known": 30}}),
        PartitionStatus(
            ready=True,
            events={"ticket": {"unread": 4, "duplicate": 5, "rejected": 2, "ignored": 3}},
            rejected={"ticket": {"no_key": 2}},
            ignored={"ticket": {"unknown_type": 3}},
        ),
    )
    assert "1,239 events folded, of which 35 told nothing new, and 2 records not folded." in page


def test_who_copies_what_workers_have_stored_counts_nothing() -> None:
    """It says who does, rather than that nothing came in."""
    page = page_of(PartitionStatus(ready=True, stored_ms=0))
    assert "Counted so far" not in page
    assert "counted by the workers" in page


def test_each_reason_has_its_example_and_what_to_do() -> None:
    """The most frequent first, with where the last one lies; what is ignored has no example."""
    said = PartitionStatus(
        ready=True,
        rejected={"usage": {"no_key": 2, "invalid_json": 7}},
        examples={"usage": {"no_key": "tidemark.usage[3] offset 17: data.account_id: is missing"}},
        ignored={"usage": {"unknown_type": 9}},
    )
    rows = rows_of(page_of(said))
    assert [row[0].partition(":")[0] for row in rows] == ["invalid_json", "no_key", "unknown_type"]
    assert rows[1][1:4] == [
        "usage",
        "2",
        "tidemark.usage[3] offset 17: data.account_id: is missing",
    ]
    assert rows[1][4] == remedy_of("no_key").mend
    assert rows[2][1:] == ["usage", "9", remedy_of("unknown_type").mend]


def test_nothing_left_out_is_said_too() -> None:
    """A page without any table says that it looked."""
    page = page_of(PartitionStatus(ready=True, events={"usage": {"folded": 7}}))
    assert "7 events folded, of which 0 told nothing new, and 0 records not folded." in page
    assert rows_of(page) == []


def test_events_after_now_are_told() -> None:
    """A producer's clock that is ahead is named with its topic; five minutes are let pass."""
    topics = {
        "usage": TopicStatus(1, 0, company.NOW_MS + 3_600_000),
        "ticket": TopicStatus(1, 0, company.NOW_MS + 299_000),
    }
    page = page_of(PartitionStatus(ready=True, topics=topics))
    assert "Events of usage lie 1\N{NARROW NO-BREAK SPACE}h ahead of now" in page
    assert "Events of ticket" not in page


def test_whatever_a_board_holds_is_text() -> None:
    """Names and examples are escaped and cut off, and a reason that is not known stands alone."""
    said = PartitionStatus(
        ready=True,
        rejected={"<b>": {"<i>new": 1}},
        examples={"<b>": {"<i>new": "<script>" + "x" * 5_000}},
    )
    page = page_of(said)
    outline(page)
    assert "<script>" not in page
    assert "<b>" not in page[page.index('id="quality"') :]
    assert "&lt;i&gt;new" in page
    assert "x" * EXAMPLE_CHARS_MAX not in page


def test_every_reason_has_words() -> None:
    """What is counted under a reason can be read and mended by somebody who knows no slugs."""
    of_records = {name for name, kind in KINDS.items() if kind.is_lost} - OF_FILES - {"foreign"}
    assert len(of_records) > 10
    assert of_records <= set(REASONS)
    for reason in REASONS:
        means, mend = remedy_of(reason)
        assert means != reason
        assert mend
