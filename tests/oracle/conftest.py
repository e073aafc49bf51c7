"""Fixtures of the oracle's tests: histories that are told, folded and recomputed once."""

import os
from dataclasses import dataclass
from typing import Final

import pytest

from aggregates.ledger.ledger import Ledger
from tests.oracle.histories import company_lines, edges_ms, folded
from tests.oracle.recomputation import Recomputation

SEEDS: Final = int(os.environ.get("TIDEMARK_ORACLE_SEEDS", "2"))
"""Number of histories, and of sets of stories: more of them on request."""


@dataclass(frozen=True, slots=True)
class History:
    """One company: its lines, their fold and their recomputation.

    Attributes:
        lines: Raw events as delivered.
        edges_ms: Instants of the readings.
        ledger: The ledger of one partition.
        oracle: The same by SQL.
    """

    lines: list[bytes]
    edges_ms: list[int]
    ledger: Ledger
    oracle: Recomputation


@pytest.fixture(scope="session", params=range(1, SEEDS + 1), ids=lambda seed: f"seed{seed}")
def history(request: pytest.FixtureRequest) -> History:
    """A company's history, folded into one partition."""
    lines, edges = company_lines(request.param), edges_ms(request.param)
    return History(lines, edges, folded(lines, 1), Recomputation(lines, edges))
