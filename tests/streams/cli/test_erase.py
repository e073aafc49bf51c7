"""``tidemark erase`` on files: the same events without somebody, or a refusal."""

import json
from pathlib import Path

import pytest

from streams.cli import main
from tests.events.examples import COMMON, FULL, encode, record_of

OTHERS = {"account_id": "acct_77", "user_id": "user_1"}


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """A file of three events, two of them of one account."""
    lines = [
        record_of("user.added", FULL["user.added"] | COMMON, id="evt_1"),
        record_of("ticket.created", FULL["ticket.created"] | COMMON, id="evt_2"),
        record_of("user.added", OTHERS, id="evt_3"),
    ]
    path = tmp_path / "events.ndjson"
    path.write_bytes(b"".join(encode(line) + b"\n" for line in lines))
    return path


def test_a_file_is_written_without_an_account(
    events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every line is there, in order; what is another's is the same, byte for byte."""
    out = tmp_path / "out.ndjson"
    assert main(["erase", "--account", "acct_19", "--out", str(out), str(events)]) == 0
    before, after = events.read_bytes().splitlines(), out.read_bytes().splitlines()
    assert [json.loads(line)["type"] for line in after] == [json.loads(b)["type"] for b in before]
    assert b"acct_19" not in out.read_bytes()
    assert after[2] == before[2]
    assert "2 lines tell of them" in capsys.readouterr().err


def test_names_of_two_runs_cannot_be_joined(events: Path, tmp_path: Path) -> None:
    """Each run has a key of its own, which it keeps nowhere."""
    found = []
    for name in ("one", "two"):
        out = tmp_path / name
        assert main(["erase", "--user", "user_1", "--out", str(out), str(events)]) == 0
        found.append([json.loads(line)["data"] for line in out.read_bytes().splitlines()])
    first, second = found
    assert first[0]["user_id"] == first[1]["requester_id"] == first[2]["user_id"]
    assert first[0]["user_id"] != second[0]["user_id"]


def test_a_dry_run_writes_nothing(events: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says how many lines there are."""
    command = ["erase", "--account", "acct_77", "--user", "user_1", "--dry-run", str(events)]
    assert main(command) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "1 lines tell of them" in said.err


def test_half_of_a_merge_is_refused(
    events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who is one with somebody is named, and nothing is written."""
    merged = record_of("account.merged", FULL["account.merged"] | COMMON)
    events.write_bytes(events.read_bytes() + encode(merged) + b"\n")
    out = tmp_path / "out.ndjson"
    assert main(["erase", "--account", "acct_19", "--out", str(out), str(events)]) == 1
    assert "acct_20; name them too" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["events.ndjson"], "nobody to erase"),
        (["--user", "u", "-"], "read once only"),
        (["--account", "", "events.ndjson"], "a name is empty"),
        (["--user", "", "--account", "acct_19", "events.ndjson"], "a name is empty"),
        (["--account", "acct_19", "--data", ""], "a name is empty"),
    ],
)
def test_what_makes_no_sense_is_refused(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody named, an empty name, which all would have, or a source that cannot be read twice."""
    assert main(["erase", *arguments]) == 1
    assert complaint in capsys.readouterr().err


def test_a_data_folder_has_an_option_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Among files it is not taken for one: it would be written to somewhere else, and stay."""
    assert main(["erase", "--account", "acct_19", str(tmp_path)]) == 1
    assert "a data folder is named by --data" in capsys.readouterr().err


def test_a_folder_that_is_none_is_refused_and_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A slip in its name does not look like an erasure that was done."""
    folder = tmp_path / "slip"
    assert main(["erase", "--account", "acct_19", "--data", str(folder)]) == 1
    assert "no data folder, so nothing is erased" in capsys.readouterr().err
    assert not folder.exists()


def test_it_says_where_a_name_is_left(
    events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A label that is the same text stays, and is counted."""
    labelled = record_of("user.added", OTHERS | {"who_sold_it": "acct_19"}, id="evt_4")
    events.write_bytes(events.read_bytes() + encode(labelled) + b"\n")
    command = ["erase", "--account", "acct_19", "--out", str(tmp_path / "out"), str(events)]
    assert main(command) == 0
    assert "1 records still have such a name" in capsys.readouterr().err
