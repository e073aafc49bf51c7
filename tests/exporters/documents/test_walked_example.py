"""The walked example of adding a KPI: its file is one that works."""

import re
from pathlib import Path

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import Source, shipped_source
from aggregates.shard.plan import Plan

PAGE = (Path(__file__).parents[3] / "docs" / "add-a-kpi.md").read_text(encoding="utf-8")


def example() -> Catalogue:
    """The catalogue with the file of the page over it."""
    [toml] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    return load(Plan().measures.values(), shipped_source(), Source("kpis.toml", toml))


def test_the_file_of_the_page_works() -> None:
    """It adds two KPIs, and gives a shipped one another target but no other new field."""
    shipped = load(Plan().measures.values(), shipped_source())
    own = example()
    assert len(own) == len(shipped) + 2
    assert own["search_adoption_ratio"].windows == ("30d",)
    assert own["urgent_loss"].label_names == ("currency", "window")
    [target] = own["customer_churn_ratio"].targets
    assert (target.name, target.value) == ("ours", 0.02)
    assert own["customer_churn_ratio"].variants == shipped["customer_churn_ratio"].variants


def test_what_the_page_names_exists() -> None:
    """Files that it sends a reader to are there, and so are the functions of its table."""
    root = Path(__file__).parents[3]
    paths = re.findall(r"`((?:aggregates|tests|docs|streams)/[\w./-]+)`", PAGE)
    assert paths
    for path in paths:
        assert (root / path).exists(), path
    head = shipped_source().text.split("\n[[kpi]]")[0]
    for name in ("total", "start", "change", "prior", "in_window", "mean", "count", "min", "max"):
        assert f"{name}(" in PAGE
        assert f"{name}(" in head
