"""Fixtures of the end-to-end tests: a simulated history and an installation of a test's own."""

import json
from collections.abc import Generator, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.commands import Commands, new_commands
from tests.end_to_end.installation import Installation, new_installation

ACCOUNTS, DAYS, SEED = "36", "200", "7"
"""Some 30,000 events of every topic: all windows but the year are full, and a run takes seconds."""

MERGED = 4
"""Accounts of which each is merged into the next."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Shows, with a failure, what every process of the test wrote."""
    report = yield
    if report.failed and isinstance(item, pytest.Function):
        for value in item.funcargs.values():
            commands = value.commands if isinstance(value, Installation) else value
            if isinstance(commands, Commands):
                report.sections += commands.outputs()
    return report


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The events of a simulated company, up to last midnight, as NDJSON."""
    folder = tmp_path_factory.mktemp("history")
    path = folder / "history.ndjson"
    with new_commands(folder) as commands:
        company = ("--accounts", ACCOUNTS, "--days", DAYS, "--seed", SEED)
        commands.output_of("simulate", *company, "--out", path)
    with path.open("a") as file:
        file.writelines(json.dumps(event) + "\n" for event in untold(path))
    return path


def untold(path: Path) -> Iterator[dict[str, Any]]:
    """Events that the simulator does not tell, and that travel to several topics or partitions:
    merged accounts, and retractions that do not say what they retract."""
    events = [json.loads(line) for line in path.read_bytes().splitlines()]
    first = {event["type"]: event for event in reversed(events)}
    last = {event["type"]: event for event in events}
    paying = sorted({e["data"]["account_id"] for e in events if e["type"] == "invoice.paid"})
    envelope = {"specversion": "1.0", "source": "test", "time": events[-1]["time"]}
    for number, (account, into) in enumerate(pairwise(paying[:MERGED])):
        data = {"account_id": account, "into_account_id": into}
        yield {**envelope, "id": f"merged-{number}", "type": "account.merged", "data": data}
    retracted = (last["ticket.created"], first["survey_response.created"], last["invoice.paid"])
    for number, event in enumerate(retracted):
        data = {"account_id": event["data"]["account_id"], "retracts": event["id"]}
        yield {**envelope, "id": f"retracted-{number}", "type": "event.retracted", "data": data}


@pytest.fixture
def commands(tmp_path: Path) -> Iterator[Commands]:
    """The command line without servers."""
    with new_commands(tmp_path) as made:
        yield made


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A broker and a Redis of the test's own, topics made, nothing running."""
    with new_installation(tmp_path) as made:
        yield made
