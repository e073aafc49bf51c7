"""``tidemark run``: no servers, one process, and the figures of a replay."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.end_to_end.commands import Commands
from tests.end_to_end.exporter import EVENTS, Exporter
from tests.end_to_end.figures import Oracle

pytestmark = pytest.mark.slow


def test_a_file_shows_the_figures_of_its_replay(commands: Commands, history: Path) -> None:
    """A file that has been folded is shown as a replay has it, and the page is there; SIGTERM ends
    the service cleanly."""
    service = commands.start("run", "run", "--events", history, "--port", "0")
    exporter = Exporter(service)
    service.says("events folded")
    exporter.check(Oracle(commands, history))
    assert exporter.get("/-/ready")[0] == 200
    status, page = exporter.get("/")
    assert status == 200
    assert "Monthly recurring revenue" in page or "MRR" in page
    assert service.end() == 0, service.tail()


def test_standard_input_is_followed_to_its_end(commands: Commands, history: Path) -> None:
    """Events from standard input are shown as a replay has them, once the input has ended."""
    with history.open("rb") as events:
        service = commands.start("run", "run", "--events", "-", "--port", "0", stdin=events)
    exporter = Exporter(service)
    service.says("events folded")
    exporter.check(Oracle(commands, history))
    assert service.end() == 0, service.tail()


def test_a_pause_in_standard_input_holds_nothing_back(
    commands: Commands, history: Path, tmp_path: Path
) -> None:
    """What came in is shown within seconds although more may come, and SIGTERM ends the wait for
    it."""
    lines = history.read_bytes().splitlines(keepends=True)
    middle = len(lines) // 2
    half = tmp_path / "half.ndjson"
    half.write_bytes(b"".join(lines[:middle]))
    arguments = ("run", "--events", "-", "--port", "0")
    service = commands.start("run", *arguments, stdin=subprocess.PIPE)
    pipe = service.process.stdin
    assert pipe is not None
    exporter = Exporter(service)
    pipe.writelines(lines[:middle])
    pipe.flush()
    exporter.wait_until_right(Oracle(commands, half), limit_s=60)
    pipe.writelines(lines[middle:])
    pipe.flush()
    exporter.wait_until_right(Oracle(commands, history), limit_s=60)
    assert service.end() == 0, service.tail()


def test_a_simulated_company_goes_live(commands: Commands) -> None:
    """Without any argument but sizes there is a company with figures at once, and it goes on."""
    sizes = ("--accounts", "20", "--days", "60", "--seed", "5")
    service = commands.start("run", "run", *sizes, "--port", "0", "--speed", "3600")
    exporter = Exporter(service)
    service.says("history is done")
    scrape = exporter.scrape()
    assert scrape.complete
    assert scrape.samples["cs_mrr", (("currency", "USD"),)] > 0
    before = scrape.by_label(EVENTS, "topic").total()
    exporter.wait_for_events(before + 1)
    assert service.end() == 0, service.tail()


def test_what_is_left_out_is_said_shown_and_counted(commands: Commands, tmp_path: Path) -> None:
    """Records that were refused or ignored are in the first line, on the page with reason and
    place, in the metrics, and in the last line; nothing that a record says is among it."""
    seats = {"specversion": "1.0", "source": "test", "time": "2026-01-05T00:00:00Z"}
    seats |= {"type": "seats.set"}
    told = [
        seats | {"id": "e1", "data": {"account_id": "a", "seats": 3}},
        seats | {"id": "e2", "data": {"account_id": "\x1b[31m<b>mallory", "seats": -3}},
        seats | {"id": "e3", "type": "moon.landed", "data": {}},
    ]
    file = tmp_path / "some.ndjson"
    file.write_text("".join(json.dumps(each) + "\n" for each in told))
    service = commands.start("run", "run", "--events", file, "--port", "0")
    exporter = Exporter(service)
    service.says("1 events folded, 1 records refused, 1 ignored;")
    page = exporter.get("/")[1]
    assert "record 2: data.seats: must be at least 0" in page
    assert "unknown_type: an event of a type that is not known" in page
    metrics = exporter.get("/metrics")[1]
    assert 'tidemark_rejected_records_total{reason="invalid_data",topic="mixed"} 1.0' in metrics
    assert 'tidemark_ignored_total{reason="unknown_type",topic="mixed"} 1.0' in metrics
    assert 'tidemark_events_total{outcome="rejected",topic="mixed"} 1.0' in metrics
    assert "mallory" not in page + metrics + service.tail()
    assert service.end() == 0, service.tail()
    assert "ended: 1 events folded, 1 records refused, 1 ignored" in service.tail()


def test_tickets_without_a_creation_are_told(commands: Commands, tmp_path: Path) -> None:
    """They are a gauge, the same as a replay's, and a line on the page under what came in; a
    creation that comes later takes them away."""
    ticket = {"specversion": "1.0", "source": "desk", "time": "2026-01-05T00:00:00Z"}
    told = [
        ticket
        | {"id": f"e{number}", "type": "ticket.status_changed"}
        | {"data": {"account_id": "a", "ticket_id": f"t{number}", "current": "open"}}
        for number in range(3)
    ]
    told.append(
        ticket
        | {"id": "c0", "type": "ticket.created"}
        | {"data": {"account_id": "a", "ticket_id": "t0", "submitter_role": "end_user"}}
    )
    file = tmp_path / "orphans.ndjson"
    file.write_text("".join(json.dumps(each) + "\n" for each in told))
    service = commands.start("run", "run", "--events", file, "--port", "0")
    exporter = Exporter(service)
    service.says("4 events folded,")
    exporter.check(Oracle(commands, file))
    assert exporter.scrape().samples["cs_tickets_never_created", ()] == 2.0
    assert "2 tickets are changed and never created" in exporter.get("/")[1]
    assert service.end() == 0, service.tail()
