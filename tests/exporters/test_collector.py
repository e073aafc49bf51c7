"""The exposition: right to the byte, readable by Prometheus, no sample without a value."""

import re
import subprocess
from collections.abc import Callable, Iterable

import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text
from prometheus_client.registry import Collector

from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import Segment, Series
from aggregates.ledger.told_sums import Prefix
from aggregates.shard.board import Board
from exporters.boards.memory_board import MemoryBoard
from exporters.collector import LiveCollector
from exporters.series import HELP_MAX, SERIES_MAX, help_text
from exporters.text_format import encoder
from tests.conftest import Golden
from tests.exporters import company

generate_latest, _ = encoder("")
generate_openmetrics, _ = encoder("application/openmetrics-text")
parse_openmetrics: Callable[[str], Iterable[Metric]] = openmetrics.text_string_to_metric_families

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def collector(board: Board, series_max: int = SERIES_MAX) -> LiveCollector:
    """Returns a collector whose clocks stand still."""
    return LiveCollector(
        company.live(board), version="0.0.0", series_max=series_max, clock_s=lambda: 0.0
    )


def samples(source: Collector) -> Samples:
    """Returns all samples, as Prometheus reads them."""
    families = parse_text(generate_latest(source).decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def names(source: Collector) -> set[str]:
    """Returns the names of all samples."""
    return {name for name, _ in samples(source)}


def one_partition(held: Ledger) -> MemoryBoard:
    """Returns a board with a single ledger."""
    board = MemoryBoard(clock_s=lambda: 0.0)
    company.publish(board, 0, 1, held)
    return board


@pytest.mark.parametrize("kind", ["text", "openmetrics"])
def test_golden(golden: Golden, kind: str) -> None:
    """The whole exposition of a fixed ledger, to the byte."""
    generate = generate_latest if kind == "text" else generate_openmetrics
    golden(f"exposition.{kind}", generate(collector(company.board(2))))


def test_promtool(each_promtool: str) -> None:
    """Prometheus's own linter finds nothing to say."""
    text = generate_latest(collector(company.board(2)))
    result = subprocess.run([each_promtool, "check", "metrics"], input=text, capture_output=True)
    assert (result.returncode, result.stdout + result.stderr) == (0, b"")


def test_round_trip() -> None:
    """Both formats parse back to what was collected, awkward label values included."""
    source = collector(company.board(2))

    def flat(families: list[Metric]) -> Samples:
        return {
            (s.name, tuple(sorted(s.labels.items()))): s.value for f in families for s in f.samples
        }

    collected = flat(list(source.collect()))
    assert any(company.AWKWARD in dict(labels).values() for _, labels in collected)
    assert flat(list(parse_text(generate_latest(source).decode()))) == collected
    assert flat(list(parse_openmetrics(generate_openmetrics(source).decode()))) == collected


def test_no_value_no_sample() -> None:
    """A ratio by nothing and a mean of nothing have no sample, while sums are 0."""
    found = samples(collector(one_partition(Ledger())))
    assert found[("cs_mrr", (("currency", "USD"),))] == 0
    assert not [key for key in found if key[0] == "cs_customer_churn_ratio"]
    assert found[("cs_customer_churn_ratio_denominator", (("window", "30d"),))] == 0
    assert not [key for key in found if key[0] == "cs_reply_seconds"]
    assert not [name for name, _ in found if name.startswith("cs_by_segment")]


def test_stale() -> None:
    """While partitions are missing there is no KPI, only what tells why."""
    board = MemoryBoard(clock_s=lambda: 0.0)
    company.publish(board, 0, 2)
    found = samples(collector(board))
    assert all(name.startswith("tidemark_") for name, _ in found)
    assert found[("tidemark_board_complete", ())] == 0
    assert found[("tidemark_partitions_expected", ())] == 2
    assert found[("tidemark_partitions_present", ())] == 1


def test_gauges_only() -> None:
    """KPIs are gauges and gauge histograms: a correction may lower any of them."""
    kinds = {f.type for f in collector(company.board(1)).collect() if f.name.startswith("cs_")}
    assert kinds == {"gauge", "gaugehistogram"}


def test_series_cap() -> None:
    """Series beyond the cap are left out, the same ones each time, and counted."""
    held = Ledger()
    for owner in range(20):
        held.add(("overdue", f"o{owner:02}"), ("unknown",), company.EDGE - 1, 1)
    source = collector(one_partition(held), series_max=15)
    for scrape in (1, 2):
        found = samples(source)
        owners = [dict(labels)["owner"] for name, labels in found if name == "cs_tasks_overdue"]
        assert sorted(owners) == [f"o{owner:02}" for owner in range(15)]
        dropped = found[("tidemark_series_dropped_total", (("metric", "cs_tasks_overdue"),))]
        assert dropped == 5 * scrape


def test_distribution() -> None:
    """The histogram holds the durations of the longest window, cumulative, up to all of them."""
    found = samples(collector(company.board(1)))
    counts = {
        dict(labels)["le"]: value
        for (name, labels), value in found.items()
        if name == "cs_reply_seconds_distribution_bucket"
    }
    assert [counts[le] for le in ("60.0", "300.0", "900.0", "86400.0", "172800.0", "+Inf")] == [
        *(0, 1, 2, 2, 3, 3),
    ]
    window = (("window", "30d"),)
    assert found[("cs_reply_seconds_distribution_gcount", window)] == 3
    assert found[("cs_reply_seconds_distribution_gsum", window)] == 90_690


def test_help() -> None:
    """HELP has title, formula and description in one line of bounded length."""
    kpis = company.catalogue()
    text = help_text(kpis["customer_churn_ratio"])
    assert text.startswith("Customer churn: churned / start(paying). Of those")
    assert all("\n" not in help_text(kpi) and len(help_text(kpi)) <= HELP_MAX for kpi in kpis)


def test_every_family_once() -> None:
    """No family is given twice, so that no scrape is refused for it."""
    seen = [family.name for family in collector(company.board(1)).collect()]
    assert len(seen) == len(set(seen))


def test_names() -> None:
    """Metric names carry the prefixes and nothing that Prometheus keeps for itself."""
    found = names(collector(company.board(2)))
    assert all(re.fullmatch(r"(cs|tidemark)_[a-z0-9_]+", name) for name in found)


def test_other_collectors() -> None:
    """Further collectors are scraped along."""

    class Other(Collector):
        def collect(self) -> list[Metric]:
            family = Metric("other", "An other one.", "gauge")
            family.add_sample("other", {}, 7)
            return [family]

    source = LiveCollector(company.live(MemoryBoard()), version="0", others=[Other()])
    assert samples(source)[("other", ())] == 7


def test_a_scrape_looks_again_at_what_changed_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 1,000 series one changes: one is added up anew, however often the rest is shown."""
    added_up: dict[int, Prefix] = {}
    prefix = Ledger.prefix

    def watched(ledger: Ledger, series: Series, segment: Segment) -> Prefix:
        found = prefix(ledger, series, segment)
        added_up[id(found)] = found
        return found

    monkeypatch.setattr(Ledger, "prefix", watched)
    held = company.ledger()
    for owner in range(460):
        held.add(("overdue", f"owner {owner}"), ("smb",), company.EDGE - 1 - owner, 1)
    board = one_partition(held)
    source = collector(board)
    before = samples(source)
    assert len(before) >= 950
    assert len(added_up) >= 460
    for _ in range(5):
        held.add(("mrr",), ("smb",), company.EDGE - 9, 1_000_000)
        company.publish(board, 0, 1, held)
        known = len(added_up)
        after = samples(source)
        assert len(added_up) == known + 1
        [shown] = [key for key in after if key[0] == "cs_mrr"]
        assert after[shown] == before[shown] + 1
        before = after
