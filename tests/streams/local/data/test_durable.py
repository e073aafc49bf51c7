"""The data folder's law: whatever ends the service, and when, it goes on with the same figures."""

import re
import resource
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import shipped_source
from aggregates.policies.policy import Policy
from aggregates.reading.sample import Sample
from aggregates.shard.plan import Plan
from events.dialect import PLAIN
from streams.cli import main
from streams.local.data import (
    Acceptance,
    DatabaseError,
    DataFolder,
    Durable,
    EventLog,
    FolderInUseError,
    FolderSource,
)
from streams.local.data.folder import LOG, ROWS
from streams.local.embedded import Embedded
from streams.local.replay import edges_at, fold_history, read_at
from streams.simulator import disturb, simulate

END_MS = 1_772_323_200_000  # 2026-03-01T00:00:00Z
PLAN = Plan()

Chunks = list[Mapping[bytes, bytes]]


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    """A small company's events, late, doubled and out of order."""
    return list(disturb(simulate(seed=7, accounts=8, days=90, end_ms=END_MS), seed=1))


@pytest.fixture(scope="module")
def right(lines: list[bytes]) -> Chunks:
    """The cells of each partition after all of them, folded in one go."""
    embedded = Embedded(PLAN)
    embedded.intake.take(lines)
    return cells(embedded)


def cells(embedded: Embedded) -> Chunks:
    """The cells of each partition."""
    embedded.intake.settle()
    return [shard.handover.all_chunks() for shard in embedded.intake.shards]


@contextmanager
def running(
    path: Path, plan: Plan = PLAN
) -> Iterator[tuple[Durable, Callable[[list[bytes]], None]]]:
    """A service over a folder, and what accepts events for it; ended as ``kill -9`` does, with
    nothing stored at the end."""
    with closing(DataFolder(path)) as folder:
        acceptance = Acceptance(folder, PLAIN, lambda: 0)
        yield Durable(plan, PLAIN, folder), lambda some: void(acceptance.accept(some, "test"))


def void(_: object) -> None:
    """Forgets a value."""


def fold(durable: Durable) -> None:
    """Folds what the log holds, and publishes."""
    durable.load(threading.Event(), lambda _: None)
    durable.embedded.publish()


@pytest.mark.parametrize("seed", range(6))
def test_it_goes_on_where_it_was(
    tmp_path: Path, lines: list[bytes], right: Chunks, seed: int
) -> None:
    """Ended at any points, with rows stored at some flushes and not at others, and events sent
    again after each end: the cells are those of one run, bit for bit."""
    rng = Random(seed)
    cuts = sorted(rng.sample(range(len(lines)), 4))
    resumed = 0
    for begin, end in zip([0, *cuts], [*cuts, len(lines)], strict=True):
        with running(tmp_path) as (durable, accept):
            resumed = max(resumed, durable.number)
            fold(durable)
            middle = rng.randint(begin, end)
            for some in (lines[max(0, begin - 50) : middle], lines[middle:end]):
                accept(some)
                fold(durable)
                if rng.random() < 0.7:
                    durable.store()
    with running(tmp_path) as (durable, _):
        fold(durable)
        assert cells(durable.embedded) == right
    assert resumed > 0, "some restart went on from stored rows"


def test_other_settings_fold_all_anew(tmp_path: Path, lines: list[bytes]) -> None:
    """Rows of another time zone are not gone on with: the reason is told, the figures are right."""
    with running(tmp_path) as (durable, accept):
        accept(lines)
        fold(durable)
        durable.store()
    plan = Plan(Policy(timezone="Asia/Tokyo"))
    with running(tmp_path, plan) as (durable, _):
        assert durable.anew is not None
        assert 'timezone is "UTC" there, "Asia/Tokyo" here' in durable.anew
        assert durable.number == 0
        fold(durable)
        other = Embedded(plan)
        other.intake.take(lines)
        assert cells(durable.embedded) == cells(other)


def test_rows_that_are_ahead_of_the_log_are_not_used(
    tmp_path: Path, lines: list[bytes], right: Chunks
) -> None:
    """A log that came back from an older copy, and went on otherwise: rows know whose they are."""
    folder, copy = tmp_path / "data", tmp_path / "copy"
    middle = len(lines) // 2
    with running(folder) as (_, accept):
        accept(lines[:middle])
    shutil.copytree(folder, copy)
    with running(folder) as (durable, accept):
        accept(lines[middle:])
        fold(durable)
        durable.store()
    shutil.copy(folder / ROWS, copy / ROWS)
    with running(copy) as (durable, accept):
        assert durable.anew is not None
        assert "ahead" in durable.anew
        accept(list(reversed(lines[middle:])))
        fold(durable)
        durable.store()
    shutil.copy(folder / ROWS, copy / ROWS)
    with running(copy) as (durable, _):
        assert durable.anew is not None
        fold(durable)
        assert cells(durable.embedded) == right


@pytest.mark.parametrize("damage", ["cut", "junk", "gone"])
def test_damaged_rows_are_made_anew(
    tmp_path: Path, lines: list[bytes], right: Chunks, damage: str
) -> None:
    """Rows are what the log came to: without them it takes longer, and nothing else."""
    with running(tmp_path) as (durable, accept):
        accept(lines)
        fold(durable)
        durable.store()
    rows = tmp_path / ROWS
    if damage == "cut":
        rows.write_bytes(rows.read_bytes()[: rows.stat().st_size // 2])
    elif damage == "junk":
        rows.write_bytes(b"junk" * 5_000)
    else:
        rows.unlink()
    with running(tmp_path) as (durable, _):
        assert durable.number == 0
        fold(durable)
        assert cells(durable.embedded) == right


def test_rows_outlast_a_full_disk(tmp_path: Path, lines: list[bytes], right: Chunks) -> None:
    """A service that starts on a full disk says so and ends; its rows are there once there is room.

    The log was opened with the last of the room: rows that cannot be opened now are not damaged.
    """
    with running(tmp_path) as (durable, accept):
        accept(lines)
        fold(durable)
        durable.store()
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with closing(DataFolder(tmp_path)) as folder:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
        try:
            with pytest.raises(DatabaseError, match=r"rows\.sqlite: no room is left on its disk"):
                Durable(PLAN, PLAIN, folder)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    with running(tmp_path) as (durable, _):
        assert durable.number > 0
        fold(durable)
        assert cells(durable.embedded) == right


def test_a_folder_is_one_process_s(tmp_path: Path) -> None:
    """Two services over one folder would fold the same events twice: the second is refused."""
    with running(tmp_path), pytest.raises(FolderInUseError, match="another process"):
        DataFolder(tmp_path)
    with running(tmp_path):
        pass


def test_the_folder_is_its_owner_s(tmp_path: Path) -> None:
    """Events are about customers: nobody else reads them."""
    with running(tmp_path / "data"):
        assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    (tmp_path / "open").mkdir(mode=0o755)  # made by somebody else
    with running(tmp_path / "open"):
        kept = list((tmp_path / "open").iterdir())
        assert {LOG, f"{LOG}-wal"} <= {each.name for each in kept}
        assert all(each.stat().st_mode & 0o077 == 0 for each in kept)


def test_a_damaged_log_is_refused(tmp_path: Path, lines: list[bytes]) -> None:
    """The log is the truth: what is wrong with it is said, and nothing begins anew beside it."""
    with running(tmp_path) as (_, accept):
        accept(lines)
    (tmp_path / LOG).write_bytes(b"junk" * 5_000)
    with pytest.raises(DatabaseError, match=r"events\.sqlite: file is not a database"):
        DataFolder(tmp_path)


def test_rows_that_cannot_be_stored_do_no_harm(
    tmp_path: Path, lines: list[bytes], right: Chunks
) -> None:
    """A full disk under the rows is survived: figures go on, and the rows are stored later."""
    with running(tmp_path) as (durable, accept):
        fold(durable)
        rows = durable._folder._rows  # noqa: SLF001
        assert rows is not None
        rows._database.execute("PRAGMA max_page_count = 8")  # noqa: SLF001
        accept(lines)
        fold(durable)
        durable.store()
        assert not list(rows.read())
        rows._database.execute("PRAGMA max_page_count = 100000")  # noqa: SLF001
        durable.store()
        assert list(rows.read())
    with running(tmp_path) as (durable, _):
        assert durable.number > 0
        fold(durable)
        assert cells(durable.embedded) == right


def test_who_is_forgotten_is_nowhere(tmp_path: Path, lines: list[bytes], right: Chunks) -> None:
    """No byte of the folder has the account's name, letters neither, and no figure has changed."""
    with running(tmp_path) as (durable, accept):
        accept([*lines, b'{"who": "acct_1"}', b'{"who": "somebody else"}'])
        fold(durable)
        durable.store()
    assert any(b"acct_1" in path.read_bytes() for path in tmp_path.iterdir())
    edges = edges_at(["2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"])
    before = figures(tmp_path, edges)
    assert main(["erase", "--account", "acct_1", "--data", str(tmp_path), "--dry-run"]) == 0
    assert figures(tmp_path, edges) == before
    assert any(b"acct_1" in path.read_bytes() for path in tmp_path.iterdir())
    assert main(["erase", "--account", "acct_1", "--data", str(tmp_path)]) == 0
    word = re.compile(rb"acct_1\b")
    assert not any(word.search(path.read_bytes()) for path in tmp_path.iterdir())
    assert figures(tmp_path, edges) == before
    with running(tmp_path) as (durable, _):
        assert durable.number == 0
        assert [each.letter.record for each in durable._folder.log.letters()] == [  # noqa: SLF001
            b'{"who": "somebody else"}'
        ]
    assert main(["erase", "--data", str(tmp_path)]) == 1


def test_an_erasure_that_is_cut_off_leaves_no_rows_of_before(
    tmp_path: Path, lines: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events are replaced and the process ends: rows that name who is gone are not gone on with."""

    class EndedError(Exception):
        pass

    replace = EventLog.replace

    def ended(*arguments: Any) -> None:
        replace(*arguments)
        raise EndedError

    with running(tmp_path) as (durable, accept):
        accept(lines)
        fold(durable)
        durable.store()
    monkeypatch.setattr(EventLog, "replace", ended)
    with pytest.raises(EndedError):
        main(["erase", "--account", "acct_1", "--data", str(tmp_path)])
    with running(tmp_path) as (durable, _):
        assert durable.number == 0


def test_an_erasure_beside_a_reader_does_not_say_that_it_is_done(
    tmp_path: Path,
    lines: list[bytes],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As long as somebody reads what was, it is on the disk; run again, it ends."""
    monkeypatch.setattr("streams.local.data.database._BUSY_S", 0.0)
    with running(tmp_path) as (_, accept):
        accept(lines)
    with closing(sqlite3.connect(tmp_path / LOG)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        assert main(["erase", "--account", "acct_1", "--data", str(tmp_path)]) == 1
        assert "another process reads it" in capsys.readouterr().err
        reader.execute("COMMIT")
    assert main(["erase", "--account", "acct_1", "--data", str(tmp_path)]) == 0
    word = re.compile(rb"acct_1\b")
    assert not any(word.search(path.read_bytes()) for path in tmp_path.iterdir())


def figures(folder: Path, edges: list[int]) -> list[Sample]:
    """Every figure of a replay of the folder."""
    history = fold_history(PLAN, [FolderSource(str(folder))], PLAIN, lambda _: None)
    catalogue = load(PLAN.measures.values(), shipped_source())
    return read_at(catalogue, history.ledger, PLAN, edges)


def test_events_without_a_pause_are_published(tmp_path: Path, lines: list[bytes]) -> None:
    """However fast events come, each time what was there is folded and published."""
    stop, ahead = threading.Event(), iter(lines)
    with running(tmp_path) as (durable, accept), pytest.MonkeyPatch.context() as patched:
        fold(durable)
        take, publish = durable.embedded.intake.take, durable.embedded.publish

        def taking(events: list[bytes]) -> None:
            accept(list(islice(ahead, 1)))
            take(events)

        def publishing() -> None:
            publish()
            stop.set()

        patched.setattr(durable.embedded.intake, "take", taking)
        patched.setattr(durable.embedded, "publish", publishing)
        accept(list(islice(ahead, 1)))
        durable.follow(stop, 0.001)
        assert durable.number == 1
        assert len(list(ahead)) > 0
