"""Audits of an installation, and one micro-unit too many on its board."""

import json
from typing import Any, cast

import redis

from aggregates.ledger.packed import pack_cells, unpack_cells, unpack_key
from tests.end_to_end.exporter import Exporter
from tests.end_to_end.installation import PARTITIONS, Installation

_MISMATCH = "tidemark_audit_mismatch"


def audit(installation: Installation) -> tuple[int, dict[str, Any]]:
    """Audits; gives exit code and document."""
    done = installation.commands.run("audit", "--format", "json")
    assert done.stdout, (done.returncode, done.stderr)
    return done.returncode, json.loads(done.stdout)


def check_audit(installation: Installation, exporter: Exporter) -> None:
    """Fails unless all that is on the board is what the log says, whatever goes on meanwhile."""
    code, said = audit(installation)
    assert (code, said["mismatch"], said["cells"], said["rows"]) == (0, 0, [], []), said
    assert min(part["cells"] for part in said["partitions"]) > 100
    assert sum(part["rows"] for part in said["partitions"]) > 0
    assert sum(exporter.scrape().values(_MISMATCH)) == 0


def check_damage_is_named(installation: Installation, exporter: Exporter) -> None:
    """One micro-unit more in Redis: exit code 1, its measure and segment, and exporters show it.

    All records of the log were read for it.
    """
    number, segment = _add_a_micro_unit(installation)
    code, said = audit(installation)
    [cell] = said["cells"]
    assert (code, said["mismatch"]) == (1, 1)
    assert (cell["partition"], cell["measure"]) == (number, "mrr")
    assert list(cell["segment"].values()) == segment
    assert cell["board"] == cell["log"] + 1
    shown = exporter.scrape().by_label(_MISMATCH, "partition")
    assert shown == {str(each): int(each == number) for each in range(PARTITIONS)}
    read = sum(part["records"] for part in said["partitions"])
    assert read == installation.published().total()


def _add_a_micro_unit(installation: Installation) -> tuple[int, list[str]]:
    """Adds 1 to a cell of MRR; gives its partition and segment."""
    with redis.Redis.from_url(installation.redis.url) as board:
        for number in range(PARTITIONS):
            name = f"{{tidemark:v1}}:{number}:chunks"
            chunks = cast(dict[bytes, bytes], board.hgetall(name))
            for key, packed in sorted(chunks.items()):
                series, segment, _ = unpack_key(key)
                if series == ("mrr",) and packed:
                    cells = unpack_cells(packed)
                    cells[min(cells)] += 1
                    board.hset(name, key, pack_cells(cells))
                    return number, list(segment)
    raise AssertionError("there is no MRR")
