"""Logs: text for people, one JSON object a line for machines, and never a secret."""

import json
import logging
import sys
from pathlib import Path

import pytest

from events import parse_instant
from streams.cli.logs import JsonLines
from tests.end_to_end.commands import new_commands
from tests.servers.port import HOST, free_port

SECRET = "s3cret-of-somebody"
FIELDS = {"time", "level", "logger", "message"}


def line_of(message: str, *arguments: object, failed: bool = False) -> dict[str, str]:
    """Returns the JSON line of a record."""
    try:
        raise ValueError("why\x1b[31m") if failed else KeyError
    except (ValueError, KeyError):
        error = sys.exc_info() if failed else None
    record = logging.LogRecord("a.b", logging.WARNING, "f.py", 1, message, arguments, error)
    line = JsonLines().format(record)
    assert "\n" not in line
    told: dict[str, str] = json.loads(line)
    return told


def test_a_line_has_four_fields() -> None:
    """Time in UTC to the ms, level, logger, and the message with its arguments."""
    told = line_of("%d rows of %r", 3, "é\n")
    assert told.keys() == FIELDS
    assert (told["level"], told["logger"]) == ("warning", "a.b")
    assert told["message"] == "3 rows of 'é\\n'"
    assert parse_instant(told["time"])
    assert told["time"].endswith("Z")


def test_an_exception_is_a_field() -> None:
    """With its traceback, on the same line, and nothing in it that steers a terminal."""
    told = line_of("crashed", failed=True)
    assert told.keys() == FIELDS | {"exception"}
    assert told["exception"].startswith("Traceback")
    assert told["exception"].endswith(r"ValueError: why\x1b[31m")


@pytest.mark.parametrize("odd", ["\x7f", "\x9b", "\u202e", "\ud83d", "\x00"])
def test_no_text_breaks_a_line(odd: str) -> None:
    """What the terminal is protected from is written out before it is JSON: that stays JSON."""
    message = line_of(f"a{odd}b")["message"]
    assert message.startswith("a\\")
    assert message.endswith("b")


def test_what_a_service_says_is_in_its_log(tmp_path: Path) -> None:
    """The address that it serves at, and why it ends, are JSON like all else; text stays text."""
    with new_commands(tmp_path) as commands:
        commands.environment["TIDEMARK_WEB_CONFIG"] = "none.yml"
        wrong = commands.run("exporter", "--log-format", "json")
        assert (wrong.returncode, wrong.stdout) == (1, "")
        [line] = map(json.loads, wrong.stderr.splitlines())
        assert line.keys() == FIELDS
        assert (line["level"], line["logger"]) == ("warning", "tidemark")
        assert line["message"].startswith("none.yml")
        plain = commands.run("exporter").stderr
        assert plain == f"tidemark: {line['message']}\n"
        del commands.environment["TIDEMARK_WEB_CONFIG"]
        service = commands.start("exporter", "--log-format", "json", "exporter", "--port", "0")
        service.says("metrics: ")
        assert service.end() == 0
        told = [json.loads(line) for line in service.output.read_text().splitlines()]
        assert {each["logger"] for each in told if each["level"] == "info"} == {"tidemark"}


def test_figures_stay_on_standard_output(tmp_path: Path) -> None:
    """What a command is called for is no log."""
    with new_commands(tmp_path) as commands:
        done = commands.run("--log-format", "json", "kpis", "mrr", "--json")
        assert json.loads(done.stdout)["id"] == "mrr"
        assert done.stderr == ""
        done = commands.run("kpis", "--log-format", "json")
        assert done.stdout.startswith("KPI ")
        assert json.loads(done.stderr)["message"].startswith("local days by the rules")


@pytest.mark.slow
@pytest.mark.parametrize("level", [None, "info", "debug"])
def test_a_worker_logs_json_and_no_secret(tmp_path: Path, level: str | None) -> None:
    """Each line, whoever wrote it, at each level; the last one says why it ended."""
    address = f"{HOST}:{free_port()}"
    options = ["--log-format", "json", *(["--log-level", level] if level else [])]
    with new_commands(tmp_path, kafka=address) as commands:
        commands.environment |= {
            "TIDEMARK_REDIS": f"redis://:{SECRET}@{HOST}:{free_port()}/0",
            "TIDEMARK_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
            "TIDEMARK_KAFKA_SASL_MECHANISM": "PLAIN",
            "TIDEMARK_KAFKA_SASL_USERNAME": "u",
            "TIDEMARK_KAFKA_SASL_PASSWORD": SECRET,
        }
        done = commands.run("worker", *options, limit_s=180)
    assert done.returncode != 0
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert lines
    assert all(line.keys() >= FIELDS for line in lines)
    assert lines[-1]["level"] == "critical"
    assert address in lines[-1]["message"]
    assert SECRET not in done.stdout + done.stderr
