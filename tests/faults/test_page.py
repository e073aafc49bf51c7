"""The page on faults is of the scenarios that there are."""

from pathlib import Path

from tests.faults.page import told_of
from tests.faults.scenarios import SCENARIOS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "faults.md"


def test_the_page_tells_of_every_scenario() -> None:
    """What is done and what must hold stands there as the code has it; `make faults` writes it."""
    assert SCENARIOS
    page = PAGE.read_text()
    for scenario in SCENARIOS:
        assert told_of(scenario) in page
