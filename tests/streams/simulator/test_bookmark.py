"""The bookmark of a company: the same company goes on where it was, another is refused."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from streams.simulator.bookmark import Bookmark, BookmarkError, read_bookmark, write_bookmark

BEGUN = Bookmark(seed=1, accounts=20, days=30, start_ms=1_000)


@dataclass
class Case:
    """What a file may hold that is no bookmark of the company."""

    text: str
    complaint: str


def test_it_goes_on_where_it_was(tmp_path: Path) -> None:
    """Without a file, from the beginning; the start is that of the file, whatever day it is."""
    path = tmp_path / "position.json"
    assert read_bookmark(path, BEGUN) == BEGUN
    write_bookmark(path, Bookmark(1, 20, 30, 1_000, lines=7))
    tomorrow = Bookmark(1, 20, 30, 86_401_000)
    assert read_bookmark(path, tomorrow) == Bookmark(1, 20, 30, 1_000, lines=7)
    assert [each.name for each in tmp_path.iterdir()] == ["position.json"]


@pytest.mark.parametrize(
    "case",
    [
        Case("", "no bookmark"),
        Case("{}", "no bookmark"),
        Case('{"seed":2,"accounts":20,"days":30,"start_ms":1000,"lines":7}', "of seed 2"),
        Case(
            '{"seed":1,"accounts":20,"days":30,"start_ms":1000,"lines":7,"scenario":"price-rise"}',
            "price-rise scenario",
        ),
    ],
)
def test_what_is_not_of_this_company_is_refused(tmp_path: Path, case: Case) -> None:
    """Two companies in the same topics would be one nobody knows."""
    path = tmp_path / "position.json"
    path.write_text(case.text)
    with pytest.raises(BookmarkError, match=case.complaint):
        read_bookmark(path, BEGUN)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A bookmark that cannot be kept ends the command: it would begin anew after a restart."""
    with pytest.raises(BookmarkError, match="No such file"):
        write_bookmark(tmp_path / "missing" / "position.json", BEGUN)
