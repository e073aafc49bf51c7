"""What the tests of security share: commands with searched output, and the rights of the page."""

import json
import logging
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import redis
from aiokafka import AIOKafkaProducer

from streams.cli import main
from streams.clock import now_ms
from streams.kafka.dead_letter import Origin, pack_dead_letter
from tests.end_to_end.commands import Commands
from tests.servers import RedisServer
from tests.servers.secure_kafka import PASSWORD
from tests.streams.cli.test_cli import EVENT

PARTITIONS: Final = 2
SECRET: Final = "token-endpoint-secret"
WRONG: Final = "quite-another-secret"
KEY_PASSWORD: Final = "password-of-the-key"
REDIS_PASSWORD: Final = "password-of-redis"
SECRETS: Final = (PASSWORD, SECRET, WRONG, KEY_PASSWORD, REDIS_PASSWORD)

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "security.md"
EVERY: Final = (
    "$acl --operation Read --operation Write --operation Create --operation DescribeConfigs "
    "--operation AlterConfigs "
    "--topic tidemark --group tidemark --resource-pattern-type prefixed"
)

Way = dict[str, str]
"""Settings by name."""


async def reject(bootstrap: str, topic: str) -> None:
    """Writes a dead letter of an event that is in order now."""
    raw = json.dumps(EVENT).encode()
    letter = pack_dead_letter(Origin("somewhere", -1, 1), "invalid", "it was", raw, now_ms())
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        await producer.send_and_wait(topic, letter, key=b"", partition=0)
    finally:
        await producer.stop()


def search(text: str) -> None:
    """Fails if a secret is in a text."""
    assert not [secret for secret in SECRETS if secret in text], text


class Here:
    """Commands in this process: what they print and log, at every level.

    Attributes:
        heard: Who logged during the last command.
    """

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """Has heard nobody yet."""
        self.heard = set[str]()
        self._monkeypatch, self._capsys, self._caplog = monkeypatch, capsys, caplog

    def run(self, way: Way, command: str) -> tuple[int, str]:
        """Runs a command; gives its exit code and all that was printed, and looks for secrets."""
        with self._monkeypatch.context() as patch:
            for name, value in way.items():
                patch.setenv(f"TIDEMARK_{name.upper()}", value)
            self._caplog.clear()
            # Commands that ran in this process before may have silenced the client.
            heard = self._caplog.at_level(logging.DEBUG, logger="aiokafka")
            with self._caplog.at_level(logging.DEBUG), heard:
                code = main(["--log-level", "debug", *shlex.split(command)])
        printed = "".join(self._capsys.readouterr())
        logged = "\n".join(f"{r.getMessage()} {r.exc_text or ''}" for r in self._caplog.records)
        self.heard = {record.name for record in self._caplog.records}
        search(printed + logged)
        for path in Path.cwd().rglob("*"):
            if path.is_file():
                search(path.read_text(errors="replace"))
        return code, printed


def commands_of(server: str) -> dict[str, str]:
    """Commands that speak to Kafka and end, by the headings of the page; none needs Redis."""
    company = "--accounts 1 --days 2 --seed 1"
    return {
        "topics": f"topics --partitions {PARTITIONS}",
        "publish": f"simulate --kafka {company}",
        "replay": f"replay kafka://{server} --at 2026-01-01T00:00:00Z --out figures.json",
        "dead-letters list": "dead-letters list",
        "dead-letters replay": "dead-letters replay",
        "doctor": "doctor --redis redis://127.0.0.1:1/0",
    }


def succeeded(command: str, code: int, said: str) -> bool:
    """Whether a command did all it is for; the doctor misses Redis, and looks on."""
    if command == "doctor":
        return "kafka access" not in said and "topics" in said
    return code == 0


def rights() -> dict[str, str]:
    """The lines of the page that grant each command its rights."""
    blocks = re.compile(r"^### (.+)\n\n```sh\n((?:\$acl .*\n)+)```", re.MULTILINE)
    each = {
        name.strip().removeprefix("tidemark "): lines
        for heading, lines in blocks.findall(PAGE.read_text())
        for name in heading.split(",")
    }
    assert {*commands_of(""), "worker", "rebuild", "backfill"} <= each.keys()
    return each


def redis_rights() -> dict[str, list[str]]:
    """The rights on the page of each user of Redis."""
    found = re.findall(r"^ACL SETUSER (\S+) on >PASSWORD (.*)$", PAGE.read_text(), re.MULTILINE)
    return {user: words.split() for user, words in found}


def without_each(lines: str) -> Iterator[tuple[str, str]]:
    """Yields each operation that lines grant, and the lines without it."""
    for match in re.finditer(r" --operation (\w+)", lines):
        rest = lines[: match.start()] + lines[match.end() :]
        left = [line for line in rest.splitlines() if "--operation" in line]
        yield match[1], "\n".join(left)


class Installed:
    """Workers and an exporter that get in by rights of the page; what they wrote is searched."""

    def __init__(self, folder: Path, server: RedisServer) -> None:
        """Makes the users of Redis that the page has; nothing runs yet."""
        self.folder = folder / "installed"
        self.folder.mkdir()
        self.commands: list[Commands] = []
        self._port = server.port
        with redis.Redis(port=server.port) as client:
            for user, words in redis_rights().items():
                who: Any = "ACL", "SETUSER", user, "reset", "on", f">{REDIS_PASSWORD}", *words
                client.execute_command(*who)

    def get_in(self, way: Way, user: str) -> Commands:
        """Commands with the settings of a way in, and a user of Redis."""
        folder = self.folder / str(len(self.commands))
        folder.mkdir()
        url = f"redis://tidemark-{user}:{REDIS_PASSWORD}@127.0.0.1:{self._port}/0"
        made = Commands(folder, {**way, "redis": url})
        self.commands.append(made)
        return made

    def close(self) -> None:
        """Ends what runs, and looks for secrets in all that was written."""
        for each in self.commands:
            each.close()
        written = [path for path in self.folder.rglob("*") if path.is_file()]
        assert written
        for path in written:
            search(path.read_text(errors="replace"))
