"""``tidemark run``: no servers, one process, and the figures of a replay."""

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
    service.says("events of history folded")
    scrape = exporter.scrape()
    assert scrape.complete
    assert scrape.samples["cs_mrr", (("currency", "USD"),)] > 0
    before = scrape.by_label(EVENTS, "topic").total()
    exporter.wait_for_events(before + 1)
    assert service.end() == 0, service.tail()
