"""Accounts of different partitions that are merged, before, amid and after all that they do."""

import json
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from streams.kafka.placement import partition_of
from tests.end_to_end.audited import check_audit, check_damage_is_named
from tests.end_to_end.installation import PARTITIONS, Installation

pytestmark = [pytest.mark.broker, pytest.mark.slow]

COMPANY = ("--accounts", "24", "--days", "90", "--seed", "5")

Told = dict[str, Any]


class Merges:
    """Tells merges of accounts, each into one of another partition, and takes them back."""

    def __init__(self, lines: list[bytes]) -> None:
        events = [json.loads(line) for line in lines]
        accounts = {event["data"].get("account_id") for event in events} - {None}
        self._left = sorted(accounts)
        self._envelope = {"specversion": "1.0", "source": "test", "time": events[-1]["time"]}

    def chain(self, length: int) -> list[Told]:
        """Merges so many accounts one after the other, each of another partition than the next."""
        path = [self._left.pop()]
        while len(path) <= length:
            here = partition_of(path[-1], PARTITIONS)
            path.append(next(a for a in self._left if partition_of(a, PARTITIONS) != here))
            self._left.remove(path[-1])
        return [self._merge(account, into) for account, into in pairwise(path)]

    def ring(self) -> list[Told]:
        """Merges three accounts in a circle."""
        merged = self.chain(2)
        first, last = merged[0]["data"]["account_id"], merged[-1]["data"]["into_account_id"]
        return [*merged, self._merge(last, first)]

    def taken_back(self, merge: Told) -> list[Told]:
        """Takes a merge back, under both of its accounts."""
        data = {"retracts": merge["id"], "retracts_type": "account.merged"}
        return [
            self._event("event.retracted", {**data, "account_id": merge["data"][side]})
            for side in ("account_id", "into_account_id")
        ]

    def _merge(self, account: str, into: str) -> Told:
        return self._event("account.merged", {"account_id": account, "into_account_id": into})

    def _event(self, kind: str, data: Told) -> Told:
        number = f"{kind}-{'-'.join(sorted(data.values()))}"
        return {**self._envelope, "id": number, "type": kind, "data": data}


def packed(events: Iterable[Told]) -> list[bytes]:
    """Events as lines."""
    return [json.dumps(event).encode() for event in events]


def test_accounts_merged_over_partitions_are_one(
    installation: Installation, tmp_path: Path
) -> None:
    """Whatever partition an account is of, and whoever has it, figures are those of a replay.

    At once when nothing is behind. Merges come before, amid and after the events of their accounts,
    in a chain over three partitions and in a ring, and some are taken back; workers are killed. An
    audit in the midst of it finds all equal; afterwards it finds one micro-unit too many.
    """
    path = tmp_path / "company.ndjson"
    installation.commands.output_of("simulate", *COMPANY, "--out", path)
    lines = path.read_bytes().splitlines()
    merges, half = Merges(lines), len(lines) // 2
    before, amid, ring, after = merges.chain(2), merges.chain(2), merges.ring(), merges.chain(1)
    parts = {
        "first": packed(before) + lines[:half],
        "second": packed([*amid, *ring]) + lines[half:],
        "third": packed([*after, *merges.taken_back(amid[0]), *merges.taken_back(before[1])]),
    }
    told: list[bytes] = []
    everything = tmp_path / "told.ndjson"

    def publish(name: str) -> None:
        part = tmp_path / f"{name}.ndjson"
        part.write_bytes(b"\n".join(parts[name]) + b"\n")
        installation.publish(part)
        told.extend(parts[name])
        everything.write_bytes(b"\n".join(told) + b"\n")

    publish("first")
    first, second = installation.worker(), installation.worker()
    exporter = installation.exporter()
    exporter.wait_until_shared(2)
    exporter.wait_until_settled()
    exporter.check(installation.oracle(everything))

    publish("second")
    first.kill()
    exporter.wait_until_right(installation.oracle(everything))

    installation.worker()
    publish("third")
    second.kill()
    check_audit(installation, exporter)
    exporter.wait_until_right(installation.oracle(everything))
    exporter.wait_until_settled()
    exporter.check(installation.oracle(everything))
    check_damage_is_named(installation, exporter)
