"""What the exporter says of attributes that no account has, or that have too many values."""

import pytest

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import Source
from aggregates.ledger.ledger import Ledger
from aggregates.policies.policy import Policy
from exporters.boards.memory_board import MemoryBoard
from exporters.collector import LiveCollector
from exporters.pages.pages import Pages
from tests.exporters import company
from tests.exporters.fixed_catalogue import FixedCatalogue


def shown(policy: Policy, *values: str) -> tuple[dict[str, float], str]:
    """What is noted of the attributes, as metric and on the page, of accounts with these values."""
    held = Ledger()
    for number, value in enumerate(values):
        held.add(("mrr",), (value,), company.EDGE - 100 + number, 5_000_000)
    board = MemoryBoard(clock_s=lambda: 0.0)
    company.publish(board, 0, 1, held)
    catalogue = load(company.MEASURES, Source("test.toml", company.CATALOGUE), policy=policy)
    live = company.live(board, kpis=FixedCatalogue(catalogue))
    noted = {
        sample.labels["attribute"]: sample.value
        for family in LiveCollector(live, version="0", segment_names=policy.segments).collect()
        for sample in family.samples
        if family.name == "tidemark_segment_values"
    }
    content = Pages(live, "0").at("/", {})
    assert content is not None
    return noted, content.text


@pytest.mark.parametrize(
    ("policy", "values", "noted", "said"),
    [
        (Policy(segments=("teir",)), ["unknown"], {"teir": 0}, "No account has the attribute"),
        (Policy(segments=("tier",)), ["unknown", "gold"], {}, ""),
        (Policy(segments=("tier",)), [], {}, ""),
        (Policy(), ["unknown"], {}, ""),
        (
            Policy(segments=("tier",), segment_values_max=2),
            ["a", "b", "c", "unknown"],
            {"tier": 3},
            "has 3 values; 1 of them are shown as other (segment_values_max is 2).",
        ),
    ],
)
def test_notes(policy: Policy, values: list[str], noted: dict[str, float], said: str) -> None:
    """An attribute that somebody asked for and no account has is named; so is one of too many."""
    found, page = shown(policy, *values)
    assert found == noted
    assert said in page
    assert ('<div class="banner" role="status">' in page) == bool(noted)
