"""What a command imports: help and version next to nothing, and no command what it has no use for.

Each runs in an interpreter of its own, in an empty folder but for one file of events.
"""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from streams.cli import COMMANDS, parser
from tests.streams.cli.test_cli import AT, EVENT

SERVERS = {"aiokafka", "faust", "prometheus_client", "redis"}
NETWORK = {"http", "urllib.request", "socketserver"}
HEAVY = {"aggregates", "events", "exporters", "msgspec", "numpy", "pydantic", "rich"}

COUNT = "import json, sys; print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
"""Ends a program with the names of all modules on standard error."""

CALL = "import sys; from streams.cli import main\ntry: main(sys.argv[1:])\nfinally: "
"""Calls a command; the option that ends the interpreter is no reason not to count."""


def imported(folder: Path, program: str, *arguments: str) -> set[str]:
    """The modules that a program has imported by its end."""
    (folder / "one.ndjson").write_text(json.dumps(EVENT) + "\n")
    environment = {n: v for n, v in os.environ.items() if not n.startswith("TIDEMARK_")}
    done = subprocess.run(
        [sys.executable, "-c", program + COUNT, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    names: set[str] = set(json.loads(done.stderr.splitlines()[-1]))
    return names


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_import_next_to_nothing(tmp_path: Path, option: str) -> None:
    """Neither a package of ours but the command line, nor anybody's that takes its time."""
    found = imported(tmp_path, CALL, option)
    assert "streams.cli" in found
    assert found & (SERVERS | NETWORK | HEAVY | {"logging"}) == set()
    ours = {"streams", "streams.cli", "streams.cli.parser", "streams.garbage"}
    assert {name for name in found if name.startswith("streams")} == ours


@pytest.mark.parametrize("module", ["aggregates", "aggregates.shard.plan"])
def test_the_core_imports_no_network(tmp_path: Path, module: str) -> None:
    """The package by itself imports nothing; the whole core neither Kafka nor Redis nor HTTP."""
    found = imported(tmp_path, f"import {module}; ")
    assert found & (SERVERS | NETWORK) == set()
    assert module != "aggregates" or found & HEAVY == {"aggregates"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("kpis",),
        ("replay", "one.ndjson", "--at", AT),
        ("simulate", "--accounts", "1", "--days", "2"),
    ],
)
def test_files_need_no_clients(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """What reads and writes files only imports no client of a server."""
    found = imported(tmp_path, CALL, *arguments)
    assert found & (SERVERS | NETWORK) == set()


def test_an_import_needs_no_settings(tmp_path: Path) -> None:
    """Foreign records become events without policies, settings or arrays, whose loading takes as
    long as some ten thousand records."""
    found = imported(tmp_path, CALL, "import", "stripe", "one.ndjson")
    assert "events.sources.stripe.source" in found
    assert found & {"aggregates", "numpy", "pydantic_settings", "streams.settings"} == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_declared(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The module in the table has its arguments."""
    with pytest.raises(SystemExit):
        parser([command]).parse_args([command, "--help"])
    assert f"usage: tidemark {command} [-h]" in capsys.readouterr().out


def test_version_is_the_distributions(capsys: pytest.CaptureFixture[str]) -> None:
    """One line on standard output, and exit code 0."""
    with pytest.raises(SystemExit) as end:
        parser([]).parse_args(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"tidemark {version('tidemark')}\n"
