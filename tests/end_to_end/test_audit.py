"""The audit beside a running service: equal amid merges and late events, and damage is named."""

import json
from pathlib import Path
from typing import Any, cast

import pytest
import redis

from aggregates.ledger.ledger import pack_cells, unpack_cells, unpack_key
from tests.end_to_end.installation import PARTITIONS, Installation
from tests.end_to_end.test_merged_accounts import Merges, packed

pytestmark = [pytest.mark.broker, pytest.mark.slow]

COMPANY = ("--accounts", "12", "--days", "40", "--seed", "5")

MISMATCH = "tidemark_audit_mismatch"


def story(installation: Installation, folder: Path) -> Path:
    """A company's events, later ones first, with merges over partitions; some are taken back."""
    path = folder / "company.ndjson"
    installation.commands.output_of("simulate", *COMPANY, "--out", path)
    lines = path.read_bytes().splitlines()
    merges, half = Merges(lines), len(lines) // 2
    before, after = merges.chain(2), merges.chain(1)
    told = [*packed(before), *lines[half:], *packed(after), *lines[:half]]
    path.write_bytes(b"\n".join([*told, *packed(merges.taken_back(before[1]))]) + b"\n")
    return path


def audit(installation: Installation) -> tuple[int, dict[str, Any]]:
    """Audits; gives exit code and document."""
    done = installation.commands.run("audit", "--format", "json")
    assert done.stdout, (done.returncode, done.stderr)
    return done.returncode, json.loads(done.stdout)


def add_a_micro_unit(board: "redis.Redis") -> tuple[int, str, list[str]]:
    """Adds 1 to one cell of MRR in Redis; gives its partition, measure and segment."""
    for number in range(PARTITIONS):
        name = f"{{tidemark:v1}}:{number}:chunks"
        chunks = cast(dict[bytes, bytes], board.hgetall(name))
        for key, cells in sorted(chunks.items()):
            series, segment, _ = unpack_key(key)
            if series == ("mrr",) and cells:
                tile, value = next(iter(unpack_cells(cells).items()))
                board.hset(name, key, pack_cells({**unpack_cells(cells), tile: value + 1}))
                return number, series[0], list(segment)
    raise AssertionError("there is no MRR")


def test_an_audit_beside_a_running_service(installation: Installation, tmp_path: Path) -> None:
    """While events come in, late and of merged accounts, all that is shown is what the log says.

    One micro-unit more in Redis ends it with 1; it names measure and segment, and exporters show
    it.
    """
    path = story(installation, tmp_path)
    installation.worker()
    exporter = installation.exporter()
    exporter.wait_until_shared(1)
    publishing = installation.commands.start("publish", "publish", path)
    exporter.wait_for_events(200)
    code, said = audit(installation)
    assert (code, said["mismatch"], said["cells"]) == (0, 0, [])
    assert min(part["cells"] for part in said["partitions"]) > 100
    assert publishing.wait() == 0
    exporter.wait_until_settled()
    assert set(exporter.scrape().values(MISMATCH)) == {0}

    with redis.Redis.from_url(installation.redis.url) as board:
        number, measure, segment = add_a_micro_unit(board)
    code, said = audit(installation)
    [cell] = said["cells"]
    assert (code, said["mismatch"]) == (1, 1)
    assert (cell["partition"], cell["measure"]) == (number, measure)
    assert list(cell["segment"].values()) == segment
    assert cell["board"] == cell["log"] + 1
    shown = exporter.scrape().by_label(MISMATCH, "partition")
    assert shown == {str(each): int(each == number) for each in range(PARTITIONS)}
    assert sum(part["rows"] for part in said["partitions"]) > 0
    read = sum(part["records"] for part in said["partitions"])
    assert read == installation.published().total()
