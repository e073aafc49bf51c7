"""Some of the scenarios under one seed each; `make faults` runs all, under many."""

from pathlib import Path

import pytest

from tests.faults.run import run
from tests.faults.scenarios import SCENARIOS

pytestmark = [pytest.mark.broker, pytest.mark.slow, pytest.mark.faults]

IN_CI = {"kills": 1, "broker": 2, "redis": 3, "poison": 4}
"""Scenarios whose faults are of different kinds, with a seed each."""

CHOSEN = {scenario.name: scenario for scenario in SCENARIOS if scenario.name in IN_CI}


@pytest.mark.parametrize("name", IN_CI)
def test_a_fault_changes_no_figure(name: str, tmp_path: Path) -> None:
    """In the end, and in each scrape amid it that says it is whole, figures are a fold's."""
    result = run(CHOSEN[name], IN_CI[name], tmp_path / "run", thorough=False)
    assert not result.wrong, "\n".join(result.wrong)
