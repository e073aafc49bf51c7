"""``tidemark check`` and ``--strict``: a heap of rubbish loses nothing in silence."""

import gzip
import io
import json
import os
import re
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from events.checking import KINDS
from exporters.documents.event_rules import REASONS
from streams.cli import main
from streams.local.data import EventLog
from tests.events.examples import ITEM, encode, record_of
from tests.streams.local.test_plain import zstd_of

PAGE = Path(__file__).resolve().parents[3] / "docs" / "check.md"
STATE = {"account_id": "a", "subscription_id": "s", "status": "active"}
EVENTS: list[dict[str, Any]] = [
    record_of(
        "subscription.created",
        STATE | {"items": [ITEM | {"amount": 10_000, "quantity": 1}]},
        id="e1",
        time="2026-01-05T10:00:00Z",
    ),
    record_of(
        "subscription.updated",
        STATE | {"items": [ITEM | {"amount": 25_050, "quantity": 1}]},
        id="e2",
        time="2026-02-10T10:00:00Z",
    ),
]
LINES = b"".join(encode(each) + b"\n" for each in EVENTS)
BAD = LINES + encode(EVENTS[0] | {"id": "e3", "data": STATE | {"status": "cancelled"}}) + b"\n"

HEAP: dict[str, tuple[bytes, str]] = {
    "table.csv": (b"id,type\n1,ticket.created\n2,ticket.created\n", "it is CSV"),
    "array.json": (json.dumps(EVENTS).encode(), "it is one JSON array"),
    "pretty.json": (json.dumps(EVENTS[0], indent=2).encode(), "it is JSON over several lines"),
    "joined.json": (LINES.replace(b"\n", b""), "it is several JSON objects a line"),
    "marked-utf16": (LINES.decode().encode("utf-16"), "it is written in UTF-16"),
    "plain-utf16": (LINES.decode().encode("utf-16-le"), "it is UTF-16 text"),
    "empty.ndjson": (b"", "there is nothing in the file"),
    "blank.ndjson": (b"\n \n", "there is nothing in the file"),
    "cut.gz": (gzip.compress(LINES)[:-12], "what is compressed is damaged or cut off"),
    "book.xlsx": (b"PK\x03\x04\x14\x00", "it is a ZIP archive, or a workbook"),
    "words.txt": (b"Dear all,\nplease find attached\n", "no JSON from byte 1 on"),
    "stripe.json": (
        json.dumps([{"object": "event", "type": "invoice.paid", "data": {}}], indent=1).encode(),
        "these look like Stripe events",
    ),
}
READ = {
    "plain": LINES,
    "marked": b"\xef\xbb\xbf" + LINES,
    "windows": LINES.replace(b"\n", b"\r\n"),
    "gz": gzip.compress(LINES),
    "zst": zstd_of(LINES),
}

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def tidemark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Runs a command in an empty folder; returns exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("TIDEMARK_")]:
        monkeypatch.delenv(name)

    def run(*arguments: str, given: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
        code = main(arguments)
        written = capsys.readouterr()
        return code, written.out, written.err

    return run


@pytest.mark.parametrize("name", READ)
def test_what_is_read(tidemark: Command, name: str) -> None:
    """Lines of JSON are all taken, however they are packed, from a file or standard input."""
    Path("f").write_bytes(READ[name])
    for arguments, given in ((("check", "f"), b""), (("check", "-"), READ[name])):
        code, out, err = tidemark(*arguments, given=given)
        assert (code, err) == (0, "")
        assert out.startswith("2 records: 2 events taken, 0 of them duplicates; 0 tests\n")
        assert out.endswith("all is taken\n")


def test_the_preview_of_mrr(tidemark: Command) -> None:
    """A price of 100.00 a month from January, 250.50 from February: MRR as each month begins."""
    Path("f").write_bytes(LINES)
    _, out, _ = tidemark("check", "f")
    assert "MRR in USD: 2026-02-01 100.00, 2026-02-10 250.50\n" in out
    _, out, _ = tidemark("check", "f", "--json")
    document = json.loads(out)
    assert [each["value"] for each in document["mrr"]] == [100.0, 250.5]
    assert document["ok"] is True
    assert document["currencies"] == {"USD": 2}


@pytest.mark.parametrize("name", HEAP)
def test_rubbish_is_named(tidemark: Command, name: str) -> None:
    """What is no lines of JSON is named for what it is, and the exit code says so."""
    content, says = HEAP[name]
    Path(name).write_bytes(content)
    code, out, _ = tidemark("check", name)
    assert code == 1
    assert says in out
    assert out.endswith("nothing is taken\n")


def test_a_heap_of_rubbish(tidemark: Command) -> None:
    """All files at once: each that is not read is named, and the good ones are taken."""
    for name, (content, _) in HEAP.items():
        Path(name).write_bytes(content)
    for name, content in READ.items():
        Path(name).write_bytes(content)
    code, out, _ = tidemark("check", *HEAP, *READ, "nowhere", "--json")
    document = json.loads(out)
    assert code == 1
    assert (document["taken"], document["duplicates"]) == (2 * len(READ), 2 * len(READ) - 2)
    named = {each["place"].partition(":")[0] for each in document["findings"] if each["lost"]}
    assert named == {*HEAP, "nowhere"}


def test_every_problem_has_its_place(tidemark: Command) -> None:
    """File, line, type, id, field, value, what is wrong and what may be meant, in one line."""
    Path("f").write_bytes(b"\n" + BAD)
    code, out, _ = tidemark("check", "f")
    assert code == 1
    assert (
        '  f:4: invalid_data: subscription.created e3: data.status "cancelled": must be one of '
        in out
    )
    assert "; did you mean 'canceled'?\n" in out
    assert out.endswith("not all is taken: 1 times something is left out\n")


def test_what_only_the_fold_knows(tidemark: Command) -> None:
    """A conflict and money without a rate are found, with their lines."""
    other = EVENTS[0] | {"data": STATE | {"items": [ITEM]}}
    euro = EVENTS[1] | {"id": "e9", "data": STATE | {"items": [ITEM | {"currency": "EUR"}]}}
    Path("f").write_bytes(LINES + encode(other) + b"\n" + encode(euro) + b"\n")
    code, out, _ = tidemark("check", "f", "--json")
    document = json.loads(out)
    assert code == 1
    found = {each["kind"]: (each["place"], each["id"]) for each in document["findings"]}
    assert found == {"conflict": ("f:3", "e1"), "refused": ("f:4", "e9")}
    assert (document["records"], document["taken"]) == (4, 2)


@pytest.mark.parametrize("processes", ["1", "2"])
def test_strict_replay(tidemark: Command, processes: str) -> None:
    """It writes figures only of what is whole; what is not it says, and writes none."""
    at = ("--at", "2026-03-01T00:00:00Z", "--processes", processes)
    Path("good.gz").write_bytes(READ["gz"])
    Path("bad").write_bytes(BAD)
    code, out, err = tidemark("replay", "--strict", "good.gz", *at)
    assert (code, err) == (0, "")
    assert '"kpi": "mrr", "labels": {"currency": "USD"}, "value": 250.5' in out
    code, out, err = tidemark("replay", "--strict", "good.gz", "bad", *at)
    assert (code, out) == (1, "")
    assert "tidemark: bad:3: invalid_data: subscription.created e3: data.status" in err
    assert err.endswith("tidemark: --strict: not all is taken, so nothing is made of it\n")


@pytest.mark.parametrize("name", HEAP)
def test_strict_replay_of_rubbish(tidemark: Command, name: str) -> None:
    """No rubbish is figures."""
    Path(name).write_bytes(HEAP[name][0])
    code, out, err = tidemark("replay", "--strict", name, "--at", "2026-03-01T00:00:00Z")
    assert (code, out) == (1, "")
    assert err


def test_strict_knows_what_the_fold_refuses(tidemark: Command) -> None:
    """A conflict is left out too, though its event is right by itself."""
    other = EVENTS[0] | {"data": STATE | {"items": [ITEM]}}
    Path("f").write_bytes(LINES + encode(other))
    code, out, err = tidemark("replay", "--strict", "f", "--at", "2026-03-01T00:00:00Z")
    assert (code, out) == (1, "")
    assert "1 records not folded: conflict" in err


def test_strict_counts_unknown_fields_of_usage(tidemark: Command) -> None:
    """Those too that replay itself does not look at."""
    use = {"account_id": "a", "user_id": "u", "feature": "f", "sessionID": "x"}
    Path("f").write_bytes(encode(record_of("feature.used", use)))
    code, _, err = tidemark("replay", "--strict", "f", "--at", "2026-03-01T00:00:00Z")
    assert code == 1
    assert "data.sessionID" in err
    assert tidemark("replay", "f", "--at", "2026-03-01T00:00:00Z")[0] == 0


def test_without_strict_a_line_sums_up(tidemark: Command) -> None:
    """Figures come, and the last line says how much they lack; a table is named."""
    Path("f").write_bytes(BAD + b'{"type": "weather.rained"}\n')
    code, out, err = tidemark("replay", "f", "--at", "2026-03-01T00:00:00Z")
    assert code == 0
    assert out
    last = "tidemark: 2 of 4 records left out; tidemark check says where and why\n"
    assert err.endswith(last)
    Path("t").write_bytes(HEAP["table.csv"][0])
    _, _, err = tidemark("replay", "t", "--at", "2026-03-01T00:00:00Z")
    assert "tidemark: t: it is CSV, and not one JSON object a line\n" in err
    Path("e").write_bytes(b"")
    _, _, err = tidemark("replay", "e", "--at", "2026-03-01T00:00:00Z")
    assert err == "tidemark: there is no event in it\n"


def test_strict_run_serves_nothing_that_is_not_whole(tidemark: Command) -> None:
    """It ends with the findings instead."""
    Path("f").write_bytes(BAD)
    code, _, err = tidemark("run", "--strict", "--events", "f", "--port", "0")
    assert code == 1
    assert "f:3: invalid_data" in err


def test_strict_publish_sends_nothing_that_is_not_whole(tidemark: Command) -> None:
    """It fails before it asks for a cluster, of which there is none here."""
    Path("f").write_bytes(BAD)
    Path("g").write_bytes(LINES)
    code, out, err = tidemark("publish", "--strict", "g", "f")
    assert (code, out) == (1, "")
    assert err.endswith("--strict: not all is taken, so nothing is made of it\n")


def test_every_finding_is_documented() -> None:
    """The page has a row for each kind, under the heading of its sort, and no other."""
    lost, odd = PAGE.read_text(encoding="utf-8").split("## What looks wrong")
    odd, *_ = odd.split("\n## ")
    rows = [re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE) for part in (lost, odd)]
    for names, is_lost in zip(rows, (True, False), strict=True):
        assert names == [name for name, kind in KINDS.items() if kind.is_lost is is_lost]


def test_every_reason_is_a_finding() -> None:
    """What dead letters are rejected for is a kind of finding too."""
    assert REASONS.keys() <= KINDS.keys()


def test_a_data_folder_is_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a data folder keeps is looked at as a file is."""
    with closing(EventLog(tmp_path / "events.sqlite")) as log:
        log.append([([*LINES.splitlines(), b'{"type": "somebody.elses"}'], ())], 0)
    assert main(["check", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "3 records: 2 events taken" in said
    assert "somebody.elses" in said
