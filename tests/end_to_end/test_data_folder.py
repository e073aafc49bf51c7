"""``tidemark run --data``: killed at any moment, it loses nothing and tells nothing twice."""

import json
import threading
import time
import urllib.request
from pathlib import Path
from random import Random

import pytest

from tests.end_to_end.commands import Commands, Service
from tests.end_to_end.exporter import Exporter
from tests.end_to_end.figures import Oracle

pytestmark = pytest.mark.slow

BATCH = 100
"""Events of a request."""

KILLS = 5


class Sender:
    """Posts a history, each batch until it is accepted, to whoever listens at the time."""

    def __init__(self, lines: list[bytes]) -> None:
        self.url = ""
        self.accepted = 0
        self.doubled = 0
        self._batches = [lines[at : at + BATCH] for at in range(0, len(lines), BATCH)]
        self._stop = threading.Event()
        self.thread = threading.Thread(target=self._send, daemon=True)

    def _send(self) -> None:
        for batch in self._batches:
            while not self._stop.is_set() and not self._taken(b"\n".join(batch)):
                time.sleep(0.05)

    def _taken(self, body: bytes) -> bool:
        try:
            request = urllib.request.Request(self.url, body, method="POST")
            with urllib.request.urlopen(request, timeout=20) as answer:
                told = json.load(answer)
        except (OSError, ValueError):  # nobody there, or killed amid the answer
            return False
        self.accepted += told["new"] + told["known"]
        self.doubled += told["known"]
        time.sleep(0.02)
        return True

    def stop(self) -> None:
        """Gives up."""
        self._stop.set()
        self.thread.join()


def started(commands: Commands, folder: Path) -> tuple[Service, Exporter, str]:
    """A service over a folder, and where it takes events."""
    ports = ("--port", "0", "--receive-port", "0")
    service = commands.start("run", "run", "--data", folder, *ports)
    return service, Exporter(service), service.says("events:  ")


def test_killed_and_killed_again(commands: Commands, history: Path, tmp_path: Path) -> None:
    """``kill -9`` again and again while events come in: each accepted event is in the log once, and
    the figures are those of a replay of all of them, from the folder and from the file."""
    lines = history.read_bytes().splitlines()
    folder, rng = tmp_path / "data", Random(11)
    sender = Sender(lines)
    service, exporter, sender.url = started(commands, folder)
    sender.thread.start()
    try:
        for _ in range(KILLS):
            time.sleep(rng.uniform(0.2, 2.5))
            service.kill()
            service, exporter, sender.url = started(commands, folder)
        sender.thread.join(120)
        assert not sender.thread.is_alive()
    finally:
        sender.stop()
    assert sender.accepted == len(lines)
    exporter.wait_until_right(Oracle(commands, history), limit_s=60)
    exporter.check(Oracle(commands, folder))
    assert service.end() == 0, service.tail()
    kept = commands.run("replay", folder, "--at", "2026-03-01T00:00:00Z")
    assert kept.stdout == commands.output_of("replay", history, "--at", "2026-03-01T00:00:00Z")
    assert not kept.stderr, "nothing twice: a duplicate with other content would be told"


def test_a_restart_goes_on_from_the_rows(commands: Commands, history: Path, tmp_path: Path) -> None:
    """Ended and begun again, nothing is folded a second time, and the figures are there at once; it
    is not said that there are no events; a file that was read before has nothing new."""
    folder = tmp_path / "data"
    ports = ("--port", "0", "--receive-port", "0")
    count = len(history.read_bytes().splitlines())
    service = commands.start("run", "run", "--data", folder, "--events", history, *ports)
    Exporter(service).wait_until_right(Oracle(commands, history), limit_s=60)
    time.sleep(1.5)  # a flush
    assert service.end() == 0, service.tail()
    service = commands.start("run", "run", "--data", folder, "--events", history, *ports)
    assert service.says("0 events are new,") == f"{count} were known"
    assert service.says("0 events folded, 0 records refused, 0 ignored;").startswith(
        f"{count} events"
    )
    Exporter(service).check(Oracle(commands, history))
    assert service.end() == 0, service.tail()
    assert "there is no event" not in service.tail()
    assert commands.run("run", "--data", history, *ports).returncode == 1
    service = commands.start("run", "run", "--data", folder, *ports)
    service.says("events:  ")
    second = commands.run("run", "--data", folder, *ports)
    assert (second.returncode, "another process writes into it" in second.stderr) == (1, True)
    assert service.end() == 0, service.tail()
