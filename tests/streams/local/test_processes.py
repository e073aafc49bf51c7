"""Several processes fold a history to what one does, and none outlives the replay."""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from io import BytesIO, TextIOWrapper
from multiprocessing import active_children
from pathlib import Path
from random import Random
from subprocess import PIPE, Popen
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.shard.plan import Plan
from events.dialect import PLAIN, Dialect
from streams.cli import main
from streams.kafka.placement import partition_of, placed
from streams.local import replay
from streams.local.history import History
from streams.local.processes import ProcessEndedError, several_processes
from streams.local.replay import fold_history
from streams.local.sources import FileSource
from streams.simulator import disturb, simulate
from streams.source import SourceError
from tests.aggregates.shard.test_merged_accounts import ACCOUNTS, Told, histories, merges, record
from tests.end_to_end.patience import wait_for
from tests.examples import examples

END_MS: Final = 1_772_323_200_000  # 2026-03-01T00:00:00Z
PLAN: Final = Plan()


class Given:
    """A source of batches that a test gives; ``then`` is called when all are read."""

    def __init__(
        self,
        batches: list[list[bytes]],
        topic: str | None = None,
        belongs: Callable[[str], bool] | None = None,
        then: Callable[[], None] = lambda: None,
    ) -> None:
        self.name, self.done = "given", 0
        self.size: int | None = None
        self.numbers: Sequence[int] = ()
        self.topic, self.belongs = topic, belongs
        self._batches, self._then = batches, then

    def batches(self) -> Iterator[list[bytes]]:
        """Yields them."""
        yield from self._batches
        self._then()

    def account(self) -> dict[str, Any]:
        """Tells nothing."""
        return {}


def event(number: int, kind: str, data: dict[str, Any], **more: Any) -> bytes:
    """Returns an event as a record."""
    envelope = {"specversion": "1.0", "id": f"x{number}", "source": "test", "type": kind}
    return json.dumps({**envelope, "time": "2026-01-05T00:00:00Z", "data": data, **more}).encode()


def odd_records() -> list[bytes]:
    """Returns records that are wrong, unheeded, of two accounts, or of none."""
    seats = [event(1, "seats.set", {"account_id": f"a{n}", "seats": n}) for n in range(8)]
    clash = [event(1, "seats.set", {"account_id": f"a{n}", "seats": n + 1}) for n in range(8)]
    moved = [
        event(9, "account.merged", {"account_id": "a1", "into_account_id": into})
        for into in ("a2", "a3", "a1")
    ]
    return [
        *seats,
        b"{",
        *moved,
        b"",
        *clash,
        event(2, "seats.set", {"account_id": "a1"}),
        event(3, "seats.set", {"seats": 1}),
        event(4, "seats.set", {"seats": 2}, subject="a3"),
        event(5, "visitor.seen", {"visitor_id": "v"}),
        event(6, "weather.rained", {"account_id": "a5"}),
        event(7, "weather.rained", {}),
        event(8, "account.updated", {"account_id": "a\\4", "livemode": False}),
        event(8, "account.updated", {"account_id": "a4", "region": "é"}),
        event(10, "account.updated", {"account_id": "a6", "tier": "x", "odd": {"data": 1}}),
    ]


def same(found: History, expected: History) -> None:
    """Compares two histories, the ledgers by their cells."""
    assert found.ledger == expected.ledger
    assert replace(found, ledger=expected.ledger) == expected


def test_all_is_told_as_by_one_process(tmp_path: Path) -> None:
    """A company with late and repeated events, merges, and records of every odd kind among them:
    the same ledger, counts and samples from any number of processes."""
    lines = list(simulate(seed=3, accounts=15, days=90, end_ms=END_MS))
    lines = [*disturb(lines, seed=5, late=0.05, duplicates=0.1), *odd_records() * 3]
    Random(4).shuffle(lines)
    path = tmp_path / "events.ndjson"
    path.write_bytes(b"\n".join(lines))
    one = fold_history(PLAN, [FileSource(str(path))], PLAIN, lambda _: None)
    assert len(one.rejected) > 2
    assert len(one.ignored) > 2
    assert {"region", "segment"} <= one.attributes
    for count in (2, 3):
        same(fold_history(PLAN, [FileSource(str(path))], PLAIN, lambda _: None, count), one)


@pytest.mark.parametrize(
    "asked",
    [
        ["--at", "2026-02-01T00:00:00Z"],
        ["--from", "2025-12-01T00:00:00Z", "--to", "2026-03-01T00:00:00Z", "--every", "7d"],
        ["--at", "2026-02-01T00:00:00Z", "--by", "segment", "--format", "openmetrics"],
    ],
    ids=["one time", "grid", "by segment"],
)
def test_the_command_answers_alike(
    asked: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    """Byte for byte, on standard output and on standard error, from files and standard input."""
    lines = [*simulate(seed=3, accounts=9, days=90, end_ms=END_MS), *odd_records()]
    given = b"\n".join(lines)
    path = tmp_path / "events.ndjson"
    path.write_bytes(given)
    monkeypatch.chdir(tmp_path)
    answers = []
    for source, count in ((str(path), "1"), (str(path), "2"), ("-", "2")):
        monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(given)))
        assert main(["replay", source, *asked, "--processes", count]) == 0
        answers.append(capfdbinary.readouterr())
    assert answers[0].out
    assert b"not folded" in answers[0].err
    assert answers[1:] == answers[:1] * 2


@given(histories(), merges, st.randoms(use_true_random=False), st.integers(2, 3))
@examples(8)
def test_law_merged_accounts_meet_in_one_process(
    told: list[Told], merged: list[tuple[str, str]], random: Any, count: int
) -> None:
    """Law: merges, rings of them too, bring rows together wherever their accounts are held."""
    facts = [
        Told(account, random.randrange(100), "account.merged", {"into_account_id": into})
        for account, into in merged
    ]
    moves = [
        Told(ACCOUNTS[n], 50 + n, kind, {"into_account_id": ACCOUNTS[n - 1], name: "x"})
        for n, (kind, name) in enumerate(
            [
                ("ticket.account_changed", "ticket_id"),
                ("subscription.transferred", "subscription_id"),
            ]
        )
    ]
    records = [record(n, each) for n, each in enumerate([*told, *facts, *moves])]
    random.shuffle(records)
    sources = [Given([records[::2], records[1::2]])]
    one = fold_history(PLAN, sources, PLAIN, lambda _: None)
    same(fold_history(PLAN, sources, PLAIN, lambda _: None, count), one)


def test_records_of_a_partition_belong_where_one_process_says() -> None:
    """A cluster's records, some of them of another partition's accounts: refused alike."""
    records = [
        event(n, "seats.set", {"account_id": f"a{n % 7}", "seats": n}) for n in range(40)
    ] + odd_records()
    sources = [Given([records], "usage", placed(part, 2)) for part in range(2)]
    one = fold_history(PLAN, sources, PLAIN, lambda _: None)
    assert one.rejected["wrong_partition"] > 30
    assert {partition_of(f"a{n}", 2) for n in range(7)} == {0, 1}
    same(fold_history(PLAN, sources, PLAIN, lambda _: None, 3), one)


def test_little_is_folded_in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unasked, processes are started for a long history only; asked for, always."""
    asked: list[int] = []
    monkeypatch.setattr(replay, "processes_here", lambda: 3)
    monkeypatch.setattr(replay, "SEVERAL_BYTES", 1_000)

    def started(plan: Plan, dialect: Dialect, count: int) -> Any:
        asked.append(count)
        return several_processes(plan, dialect, count)

    monkeypatch.setattr(replay, "several_processes", started)
    few = [event(1, "seats.set", {"account_id": "a1", "seats": 1})]
    for batches, count in (([few], None), ([few] * 9, None), ([few], 2), ([few] * 9, 1)):
        found = fold_history(PLAN, [Given(batches)], PLAIN, lambda _: None, count)
        assert found.records == len(batches)
    assert asked == [3, 2]


def test_a_source_that_fails_ends_all() -> None:
    """The error of the source is told, and no process is left."""

    def fail() -> None:
        raise SourceError("given: gone")

    with pytest.raises(SourceError, match="gone"):
        fold_history(PLAN, [Given([odd_records()], then=fail)], PLAIN, lambda _: None, 2)
    assert not active_children()


def test_a_process_that_is_killed_ends_all() -> None:
    """As when memory runs out: it is told, and the other process does not stay."""

    def kill() -> None:
        victim = active_children()[0]
        assert victim.pid is not None
        os.kill(victim.pid, signal.SIGKILL)

    with pytest.raises(ProcessEndedError, match=r"ended with -9; was there too little memory\?"):
        fold_history(PLAN, [Given([odd_records()], then=kill)], PLAIN, lambda _: None, 2)
    assert not active_children()


def test_a_mistake_in_a_process_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """What went wrong there is told here, with its trace."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("no event is so odd")

    monkeypatch.setattr("streams.local.intake.Intake.take_dealt", broken)
    sources = [Given([odd_records()] * 1_000)]  # more than pipes hold
    with pytest.raises(ProcessEndedError, match="ZeroDivisionError: no event is so odd"):
        fold_history(PLAN, sources, PLAIN, lambda _: None, 2)
    assert not active_children()


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
@pytest.mark.parametrize(
    ("send", "code"),
    [
        (lambda pid: os.killpg(pid, signal.SIGINT), 130),
        (lambda pid: os.kill(pid, signal.SIGKILL), -9),
    ],
    ids=["interrupted", "killed"],
)
def test_no_process_outlives_the_command(
    send: Callable[[int], None], code: int, tmp_path: Path
) -> None:
    """Ctrl-C on the terminal, which all processes get, and a command that is killed outright."""
    # Who starts the tests in the background of a shell may have had interrupts ignored.
    program = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    program += "from streams.cli import main; raise SystemExit(main())"
    command = [sys.executable, "-c", program]
    command += ["replay", "-", "--at", "2026-01-01T00:00:00Z", "--processes", "2"]
    root = str(Path(__file__).resolve().parents[3])
    with Popen(
        command,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": root},
        stdin=PIPE,
        stderr=PIPE,
        start_new_session=True,
    ) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        found: list[str] = []
        while len(found) < 2:
            assert process.poll() is None, process.communicate()
            found = wait_for(lambda: children.read_text().split(), lambda: "processes")
        send(process.pid)
        assert process.wait() == code
        wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in found), lambda: "gone")
        assert process.stderr is not None
        assert process.stderr.read() == b""
