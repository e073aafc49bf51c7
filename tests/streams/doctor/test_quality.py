"""What the doctor says of the records that an exporter has counted."""

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from exporters.feed import FeedState
from exporters.service_metrics import service_families
from exporters.tally import Counts
from streams.doctor import Finding, Verdict
from streams.doctor.quality import check_quality


class Shown(Collector):
    """What an exporter shows that has counted these."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        """Yields the service's families."""
        return service_families(FeedState(0, (), ""), self._counts, "1.2.3")


Labels = Mapping[tuple[str, str], int]


def found(events: Labels, rejected: Labels, ignored: Labels) -> dict[str, Finding]:
    """Findings by name, of an exporter that has counted these."""
    counts = Counts(events, 0, {}, rejected, ignored)
    registry = CollectorRegistry()
    registry.register(Shown(counts))
    return {each.name: each for each in check_quality(generate_latest(registry).decode())}


def test_what_was_refused_is_named_by_reason() -> None:
    """Over all topics, the most frequent first, with what to do about that."""
    events = {("usage", "folded"): 90, ("usage", "rejected"): 7, ("ticket", "rejected"): 3}
    rejected = {("usage", "no_key"): 7, ("ticket", "no_key"): 1, ("ticket", "invalid_json"): 2}
    refused = found(events, rejected, {})["records refused"]
    assert refused.verdict is Verdict.WARN
    assert refused.what == "10 of 100 were not folded: no_key 8, invalid_json 2"
    assert refused.mend.startswith("no_key: send data.account_id")


def test_all_is_well_where_all_was_taken() -> None:
    """A few records of an unknown type are a producer ahead of us."""
    events, few = {("usage", "folded"): 100}, {("usage", "unknown_type"): 5}
    findings = found(events, {}, few)
    assert [(each.name, each.verdict) for each in findings.values()] == [
        ("records refused", Verdict.OK)
    ]
    assert findings["records refused"].what == "none of 100"


def test_many_of_unknown_types_are_told() -> None:
    """As with a prefix that nobody has set: nothing of it is in any figure."""
    ignored = {("mixed", "unknown_type"): 60, ("mixed", "test_mode"): 40}
    told = found({("mixed", "ignored"): 100}, {}, ignored)["records ignored"]
    assert (told.verdict, told.what) == (
        Verdict.WARN,
        "60 of 100 are of types that are not known",
    )
    assert "type_prefix" in told.mend
