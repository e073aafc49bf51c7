"""The command line: what it says when something is wrong, and the commands that need no server.

What needs a process of its own, because libraries log as well, has one; the rest is called.
"""

import io
import json
import logging
import os
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import shipped_source
from aggregates.shard.plan import Plan
from events import EVENT_TYPES, parse_instant
from streams.cli import main
from tests.end_to_end.commands import new_commands
from tests.servers.port import HOST, free_port

AT = "2026-02-01T00:00:00Z"

UNREACHABLE_S = 180.0
"""Within this a command gives up on a broker that does not answer: four times what it takes."""

EVENT = {
    "specversion": "1.0",
    "id": "e1",
    "source": "test",
    "type": "seats.set",
    "time": "2026-01-05T00:00:00Z",
    "data": {"account_id": "a1", "seats": 3},
}


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    stdout: str
    stderr: str

    @property
    def error(self) -> str:
        """The one line that a failing command says, without the program's name."""
        assert self.code == 1, f"{self.code}: {self.stderr}"
        assert self.stdout == ""
        (line,) = self.stderr.splitlines()
        assert line.startswith("tidemark: ")
        return line.removeprefix("tidemark: ")


Tidemark = Callable[..., Done]


@pytest.fixture
def tidemark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Tidemark]:
    """Calls a command in an empty folder but for ``one.ndjson``, which holds one event."""
    (tmp_path / "one.ndjson").write_text(json.dumps(EVENT) + "\n")
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("TIDEMARK_")]:
        monkeypatch.delenv(name)
    logger = logging.getLogger("aiokafka")
    level = logger.level

    def call(*arguments: str, given: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
        capfd.readouterr()
        code = main(arguments)
        said = capfd.readouterr()
        return Done(code, said.out, said.err)

    yield call
    logger.setLevel(level)


def in_process(tmp_path: Path, address: str, *arguments: str) -> Done:
    """Runs a command in a process of its own, with a broker's address."""
    (tmp_path / "one.ndjson").write_text(json.dumps(EVENT) + "\n")
    with new_commands(tmp_path, kafka=address) as commands:
        done = commands.run(*arguments, limit_s=UNREACHABLE_S)
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("replay", "none.ndjson", "--at", AT), "none.ndjson: No such file or directory"),
        (("replay", ".", "--at", AT), ".: it is a folder without events.sqlite"),
        (("publish", "none.ndjson"), "none.ndjson: No such file or directory"),
        (("run", "--events", "none.ndjson"), "none.ndjson: No such file or directory"),
        (("replay", "one.ndjson", "--at", "soon"), "--at 'soon' is no time: give now, today, "),
        (("replay", "one.ndjson", "--from", AT, "--to", "-1y"), "--to '-1y' is no time"),
        (("replay", "one.ndjson", "--at", "now", "--kpi", "mmr"), "did you mean mrr?"),
        (("replay", "one.ndjson", "--at", "now", "--kpi", "cs_mmr"), "did you mean cs_mrr"),
        (("replay", "one.ndjson", "--at", "now", "--segment", "gold"), "such as segment=VALUE"),
        (("replay", "one.ndjson", "--at", "now", "--segment", "sgment=a"), "did you mean segment?"),
        (("replay", "one.ndjson", "--at", AT, "--segment", "segment=a"), "; there are unknown"),
        (("replay", "one.ndjson"), "give either --at, once or more, or --from and --to"),
        (("replay", "one.ndjson", "--at", AT, "--from", AT), "give either --at"),
        (("replay", "one.ndjson", "--to", AT), "such as --at now or --from -30d"),
        (("replay", "one.ndjson", "--at", "now", "--kpi", "nrr"), "net_revenue_retention_ratio?"),
        (("replay", "one.ndjson", "--from", AT, "--to", "2026-01-01T00:00:00Z"), "is before"),
        (("replay", "one.ndjson", "--from", AT, "--to", AT, "--every", "2h"), "--every '2h'"),
        (("replay", "one.ndjson", "--at", AT, "--out", "no/x"), "no/x: No such file or directory"),
        (("kpis", "mmr"), "there is no KPI 'mmr'; did you mean mrr?"),
        (("kpis", "xyz"), "there is no KPI 'xyz'; `tidemark kpis` lists them"),
        (("simulate", "--until", "tomorrow"), "--until 'tomorrow'"),
        (("simulate", "--accounts", "1", "--days", "1", "--out", "no/x"), "no/x: No such file"),
        (("simulate", "--live"), "--live goes with --kafka"),
        (("simulate", "--live", "--kafka", "--until", AT), "without --until"),
        (("simulate", "--position", "x"), "--position goes with --live"),
        (("simulate", "--kafka", "--live", "--position", "one.ndjson"), "is no bookmark"),
        (("run", "--speed", "0"), "--speed must be above 0"),
        (("schemas", "--out", "one.ndjson"), "one.ndjson: File exists"),
        (("exporter", "--port", "70000"), "settings: port: must be at most 65535, not 70000"),
        (("explorer", "--port", "-1"), "settings: explorer_port: must be at least 0, not -1"),
        (("exporter", "--listen", "192.0.2.1", "--port", "0"), "cannot listen on 192.0.2.1:0"),
    ],
)
def test_a_mistake_is_told_in_one_line(
    tidemark: Tidemark, arguments: tuple[str, ...], said: str
) -> None:
    """What was asked for wrongly ends with exit code 1 and one line that names it, no traceback."""
    assert said in tidemark(*arguments).error


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("port", "many", 'TIDEMARK_PORT: needs a whole number, not "many"'),
        ("partitions", "0", 'TIDEMARK_PARTITIONS: must be at least 1, not "0"'),
        ("timezone", "Mars/Olympus", "TIDEMARK_TIMEZONE: unknown time zone 'Mars/Olympus'"),
        ("redis", "secret@nowhere", "TIDEMARK_REDIS: not a Redis URL"),
    ],
)
def test_a_bad_setting_is_named(
    tidemark: Tidemark, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    """A setting that makes no sense is named, in one line, and a secret one's value is not
    shown."""
    monkeypatch.setenv(f"TIDEMARK_{name.upper()}", value)
    error = tidemark("exporter").error
    assert said in error
    assert "secret" not in error


@pytest.mark.parametrize(
    "command", ["replay - --at now", "simulate --accounts 1 --days 1 --until 2026-01-01"]
)
def test_a_bad_zone_is_named_where_a_time_is_read(
    tidemark: Tidemark, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """Times of commands are read by the zone of the settings, and before all else."""
    monkeypatch.setenv("TIDEMARK_TIMEZONE", "Berlin")
    said = "TIDEMARK_TIMEZONE: unknown time zone 'Berlin' (meant: Europe/Berlin?)"
    assert said in tidemark(*command.split()).error


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour = 1\n", "tidemark.toml:1: colour: there is no such setting"),
        ("port = \n", "tidemark.toml:1:8: no value of TOML"),
    ],
)
def test_a_bad_settings_file_is_named(tidemark: Tidemark, text: str, said: str) -> None:
    """A settings file with an unknown setting, or that is no TOML, is told in one line."""
    Path("tidemark.toml").write_text(text)
    assert said in tidemark("kpis").error


def test_an_explorer_without_accounts_has_nothing_to_show(
    tidemark: Tidemark, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where accounts are not to be named it does not start, and says what shows the rest."""
    monkeypatch.setenv("TIDEMARK_ACCOUNT_PAGES", "false")
    assert "account_pages is off: without them `tidemark exporter`" in tidemark("explorer").error


def test_a_taken_port_is_told(tidemark: Tidemark) -> None:
    """Where something else listens already, the exporter says so and ends."""
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        said = tidemark("exporter", "--port", str(port)).error
    assert said == f"cannot listen on {HOST}:{port}: Address already in use"


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ("topics",),
        ("publish", "one.ndjson"),
        ("simulate", "--accounts", "1", "--days", "2", "--kafka"),
        ("replay", "kafka://{}", "--at", AT),
    ],
)
def test_an_absent_broker_is_told_soon(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Where no broker listens, a command gives up by itself and names the address, in one line."""
    address = f"{HOST}:{free_port()}"
    given = [argument.format(address) for argument in arguments]
    assert address in in_process(tmp_path, address, *given).error


@pytest.mark.slow
def test_a_worker_without_a_broker_ends_by_name(tmp_path: Path) -> None:
    """Where no broker listens, a worker ends non-zero, and what it logs names the address."""
    address = f"{HOST}:{free_port()}"
    done = in_process(tmp_path, address, "worker")
    assert done.code != 0
    assert address in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_silent_broker_is_given_up_on(tmp_path: Path) -> None:
    """Where something listens but never answers, a command gives up within a bound."""
    with socket.create_server((HOST, 0)) as silent:
        address = f"{HOST}:{silent.getsockname()[1]}"
        assert address in in_process(tmp_path, address, "topics").error


def test_kpis_as_json_list_the_whole_catalogue(tidemark: Tidemark) -> None:
    """Each KPI of the catalogue is there once, with formula, unit and metric; one can be asked
    for."""
    listed = json.loads(tidemark("kpis", "--json").stdout)
    known = load(Plan().measures.values(), shipped_source())
    assert [kpi["id"] for kpi in listed] == [kpi.id for kpi in known]
    for kpi in listed:
        assert kpi["formula"]
        assert kpi["unit"]
        assert kpi["metric"] == f"cs_{kpi['id']}"
        assert kpi["settings"]["currency"] == "USD"
    assert json.loads(tidemark("kpis", "mrr", "--json").stdout) == listed[0]
    limits = ("acceptable", "band", "week_alert", "alert_change_min", "alert_min")
    assert [listed[0][name] for name in limits] == [None, 0.0, 0.05, 0.0, "20 paying_accounts"]


def test_kpis_as_text_have_a_line_each(tidemark: Tidemark) -> None:
    """There is a header and a line for each KPI, and with an id or metric the KPI's definition."""
    head, *lines = tidemark("kpis").stdout.splitlines()
    assert head.split() == ["KPI", "UNIT", "WINDOWS", "FORMULA"]
    assert lines[0].split()[0] == "mrr"
    assert len(lines) == len(list(load(Plan().measures.values(), shipped_source())))
    assert tidemark("kpis", "cs_nps") == tidemark("kpis", "nps")
    assert "formula" in tidemark("kpis", "nps").stdout


def test_simulate_is_deterministic(tidemark: Tidemark) -> None:
    """Equal arguments give equal bytes, to a file as to standard output; another seed others."""
    arguments = ("simulate", "--accounts", "5", "--days", "20", "--until", AT)
    first = tidemark(*arguments, "--seed", "4").stdout
    assert tidemark(*arguments, "--seed", "4", "--out", "again.ndjson") == Done(0, "", "")
    assert Path("again.ndjson").read_text() == first
    assert tidemark(*arguments, "--seed", "5").stdout != first
    events = [json.loads(line) for line in first.splitlines()]
    assert events
    assert all(event["time"] < AT for event in events)
    assert {event["type"] for event in events} <= EVENT_TYPES.keys()


def test_schemas_are_written_for_each_type(tidemark: Tidemark) -> None:
    """``schemas`` writes a JSON Schema for every event type, and may do so again."""
    for _ in range(2):
        assert tidemark("schemas", "--out", "deep/schemas").code == 0
        texts = [path.read_text() for path in Path("deep/schemas").rglob("*.json")]
        assert len(texts) >= len(EVENT_TYPES)
        assert all(json.loads(text)["type"] == "object" for text in texts)


def test_a_grid_ends_now_unless_it_is_told_where(tidemark: Tidemark) -> None:
    """A day apart, from thirty days ago on: thirty-one values of a figure, the last one of now."""
    done = tidemark("replay", "one.ndjson", "--from", "-30d", "--kpi", "cs_ticket_backlog")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert {record["kpi"] for record in records} == {"ticket_backlog"}
    assert len(records) == 31
    now = tidemark("replay", "one.ndjson", "--at", "now", "--kpi", "ticket_backlog").stdout
    assert abs(parse_instant(json.loads(now)["at"]) - parse_instant(records[-1]["at"])) <= 900_000


@pytest.mark.parametrize("form", ["json", "csv", "openmetrics", "table"])
def test_replay_writes_each_format_wherever_it_is_told_to(tidemark: Tidemark, form: str) -> None:
    """What goes to a file is what goes to standard output, from a file as from standard input."""
    arguments = ("--at", AT, "--format", form)
    shown = tidemark("replay", "one.ndjson", *arguments).stdout
    assert "tickets_created" in shown
    assert tidemark("replay", "one.ndjson", *arguments, "--out", "out") == Done(0, "", "")
    assert Path("out").read_text() == shown
    given = Path("one.ndjson").read_bytes()
    assert tidemark("replay", "-", *arguments, given=given).stdout == shown


def test_rejected_lines_are_told_and_do_not_stop_a_replay(tidemark: Tidemark) -> None:
    """Lines that are no events are counted on standard error, by reason; the figures come all the
    same."""
    done = tidemark("replay", "-", "--at", AT, given=b'nonsense\n{"type": 1}\n')
    assert done.code == 0
    assert "1 records not folded: invalid_json" in done.stderr
    assert "1 records not folded: invalid_envelope" in done.stderr
    assert json.loads(done.stdout.splitlines()[0])["at"] == AT


@pytest.mark.parametrize(
    "arguments",
    [["kpis"], ["schemas", "--out", "s"], ["replay", "f"], ["worker"], ["rebuild"], ["topics"]],
)
def test_a_misspelt_variable_stops_every_command(
    tidemark: Tidemark, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    """Whether or not it reads settings, before anything is done."""
    monkeypatch.setenv("TIDEMARK_TIMEZON", "UTC")
    assert "TIDEMARK_TIMEZON (meant: TIDEMARK_TIMEZONE?)" in tidemark(*arguments).error
