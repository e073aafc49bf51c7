"""Fixtures of the end-to-end tests: a simulated history and an installation of a test's own."""

import json
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.end_to_end.commands import Commands, new_commands
from tests.end_to_end.installation import Installation, new_installation
from tests.faults.company import untold

ACCOUNTS, DAYS, SEED = "36", "200", "7"
"""Some 30,000 events of every topic: all windows but the year are full, and a run takes seconds."""


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
    events = [json.loads(line) for line in path.read_bytes().splitlines()]
    with path.open("a") as file:
        file.writelines(json.dumps(event) + "\n" for event in untold(events))
    return path


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
