"""Whatever happens to processes, broker and board: figures are exact in the end, never wrong."""

import json
import os
from itertools import pairwise
from random import Random
from typing import Final

import pytest

from aggregates.shard.plan import Plan
from events import parse_instant
from streams.simulator import simulate
from tests.simulation.history import History, Told
from tests.simulation.loop import Clock

PLAN: Final = Plan()
SEEDS: Final = int(os.environ.get("SIMULATION_SEEDS", "60"))
"""Histories of a run; `make simulation` plays more."""

FIRST: Final = int(os.environ.get("SIMULATION_FIRST", "0"))
BLOCK: Final = 100
"""Histories of one test: the blocks of many share the cores."""

RECORDS: Final = 30
MERGED: Final = 0.4
"""Share of histories in which accounts are merged, whose rows then go over to other partitions."""

ENVELOPE: Final = {
    "specversion": "1.0",
    "source": "crm",
    "type": "account.merged",
    "time": "2026-02-03T04:05:06Z",
}


@pytest.fixture(scope="module")
def company() -> list[bytes]:
    """What a small company tells in two months, of every topic."""
    return list(simulate(5, 6, 60, parse_instant("2026-03-01T00:00:00Z")))


def story(company: list[bytes], random: Random) -> list[bytes]:
    """A part of it, out of order, with repetitions, conflicts, retractions and rubbish."""
    begin = random.randrange(max(len(company) - RECORDS, 1))
    told = company[begin : begin + RECORDS]
    random.shuffle(told)
    if random.random() < MERGED:
        accounts = sorted({str(json.loads(line)["data"].get("account_id")) for line in told})
        for into, account in pairwise(random.sample(accounts, random.randint(2, 3))):
            merge = {
                **ENVELOPE,
                "id": f"merge {account}",
                "data": {"account_id": account, "into_account_id": into},
            }
            told.insert(random.randrange(len(told)), json.dumps(merge).encode())
    for line in random.sample(told, 6):
        event = json.loads(line)
        match random.randrange(4):
            case 0:
                told.append(line)
            case 1 if not event["type"].startswith(("feature", "session")):
                event["time"] = "2026-01-05T01:02:03Z"
                told.append(json.dumps(event).encode())
            case 2:
                told.insert(random.randrange(len(told)), b"{" + line[: random.randrange(9)])
            case _:
                told.append(b"")
    return told


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The only clock there is."""
    clock = Clock()
    for module in ("folding", "partition", "board_writer", "ownership", "restore", "checkpoint"):
        monkeypatch.setattr(f"streams.worker.{module}.monotonic_s", clock)
    return clock


@pytest.mark.parametrize("first", range(FIRST, FIRST + SEEDS, BLOCK))
def test_histories_end_exact(company: list[bytes], clock: Clock, first: int) -> None:
    """After any history all that was told counts once, and what was shown meanwhile was right."""
    checked = 0
    for seed in range(first, min(first + BLOCK, FIRST + SEEDS)):
        told = Told(seed)
        try:
            History(PLAN, story(company, Random(seed)), told, clock).run()
        except Exception as error:
            error.add_note(f"make simulation SEED={seed}: {told}")
            raise
        checked += told.checked
    assert checked or SEEDS < BLOCK // 10, "nothing was shown meanwhile"
