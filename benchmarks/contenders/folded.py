"""Parts of both builds that several contenders use: the fold, and what the ledger says."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from benchmarks.contenders.turns import product

BATCH: Final = 5_000
"""Events of history that are folded together."""

TOPICS: Final = ("subscription", "usage", "survey", "ticket", "account")


def batches(lines: Sequence[bytes], size: int = BATCH) -> Iterator[Sequence[bytes]]:
    """Yields lines, many at a time."""
    for first in range(0, len(lines), size):
        yield lines[first : first + size]


def core() -> tuple[Any, Any]:
    """Returns the plan and the catalogue as the settings' defaults ask for."""
    settings = product("streams.settings").load_settings()
    found: tuple[Any, Any] = product("streams.cli.core").load_core(settings)
    return found


def text_at(catalogue: Any, ledger: Any, plan: Any, edges: Sequence[int]) -> str:
    """Returns every value of every KPI at some edges, one a line, as ``tidemark replay`` does."""
    replay = product("streams.local.replay", "streams.replay")
    return "".join(replay.as_json(replay.read_at(catalogue, ledger, plan, edges)))


def instant(ms: int) -> str:
    """Writes ms of the epoch as RFC 3339."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
