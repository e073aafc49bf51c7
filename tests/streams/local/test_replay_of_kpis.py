"""Replays of some KPIs, and of some accounts: what they say is what a whole replay says of them."""

from functools import cache

import pytest

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import shipped_source
from aggregates.catalogue.kpi import Kpi
from aggregates.ledger.ledger import Ledger
from aggregates.policies.policy import Policy
from aggregates.reading.read_measures import read_measures
from aggregates.reading.sample import Sample
from aggregates.reading.segment_filter import SegmentFilterError, read_filters
from aggregates.shard.plan import Plan
from streams.local.intake import Intake
from streams.local.replay import edges_at, readings_at
from streams.simulator import simulate

PLAN = Plan(Policy(segments=("segment", "region")))
CATALOGUE: Catalogue = load(PLAN.measures.values(), shipped_source(), policy=PLAN.policy)
END_MS = 1_772_323_200_000  # 2026-03-01T00:00:00Z
EDGES = edges_at(["2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z"])


@cache
def lines() -> list[bytes]:
    """A small company's quarter."""
    return list(simulate(seed=3, accounts=15, days=100, end_ms=END_MS))


def folded(plan: Plan) -> Ledger:
    """The ledger of all events under a plan."""
    intake = Intake(plan, bulk=True)
    intake.take(lines())
    return intake.history().ledger


@cache
def whole() -> Ledger:
    """The ledger of everything."""
    return folded(PLAN)


def of(kpis: list[Kpi], ledger: Ledger, **more: object) -> list[Sample]:
    """All samples of some KPIs."""
    found = readings_at(CATALOGUE, ledger, PLAN, EDGES, kpis=kpis, **more)  # type: ignore[arg-type]
    return found.samples(EDGES)


@pytest.mark.parametrize("family", CATALOGUE.families)
def test_only_what_is_asked_for_is_computed(family: str) -> None:
    """Values are those of a whole replay, and other measures have no cells."""
    kpis = CATALOGUE.families[family]
    needed = read_measures(CATALOGUE, kpis)
    ledger = folded(PLAN.only(needed))
    found = of(kpis, ledger)
    assert found == [
        sample
        for sample in readings_at(CATALOGUE, whole(), PLAN, EDGES).samples(EDGES)
        if sample.kpi in kpis
    ]
    assert found
    useless = [
        each.name
        for families in PLAN.families.values()
        for one in families
        if one.contributes_to.isdisjoint(needed)
        for each in one.measures
    ]
    assert not any(ledger.prefixes(name)[0] for name in useless)


def test_a_family_that_is_not_asked_for_is_left_out() -> None:
    """MRR alone takes a few of the families; a figure over all KPIs takes all of them."""

    def count(plan: Plan) -> int:
        return sum(map(len, plan.families.values()))

    mrr = PLAN.only(read_measures(CATALOGUE, [CATALOGUE["mrr"]]))
    assert 0 < count(mrr) < count(PLAN) / 5
    assert mrr.kinds == PLAN.kinds
    assert count(PLAN) == count(Plan(PLAN.policy)), "the plan itself stays as it is"
    over_all = read_measures(CATALOGUE, [CATALOGUE["kpi_on_target"]])
    assert over_all == read_measures(CATALOGUE, CATALOGUE)


def test_accounts_that_are_asked_for_are_counted_together() -> None:
    """Levels over all values of an attribute add up to the whole; labels are what was asked."""
    kpis = [CATALOGUE["mrr"]]
    values = {"smb", "mid_market", "enterprise"}
    parts = {
        value: of(kpis, whole(), wanted={"segment": value})
        for value in sorted(values | {"unknown"})
        if any(value in segment for _, segment in whole().prefixes("mrr")[0])
    }
    assert len(parts) > 1
    for value, found in parts.items():
        assert {sample.segment for sample in found} == {(("segment", value),)}
    total = [sum(each.value for each in row) for row in zip(*parts.values(), strict=True)]
    assert total == pytest.approx([sample.value for sample in of(kpis, whole())])


def test_a_filter_leaves_the_segments_that_match() -> None:
    """By segment, those with the value, each as without the filter; the whole is not shown."""
    kpis = [CATALOGUE["mrr"], CATALOGUE["nps"]]
    every = of(kpis, whole(), by_segment=True)
    wanted = {"segment": "smb"}
    found = of(kpis, whole(), by_segment=True, wanted=wanted)
    assert found == [sample for sample in every if ("segment", "smb") in sample.segment]
    assert len({sample.segment for sample in found}) > 1


def test_two_attributes_choose_what_has_both() -> None:
    """One figure with both labels: that of the segment which they make up."""
    kpis = [CATALOGUE["mrr"]]
    [(_, value), (_, region)] = next(
        sample.segment for sample in of(kpis, whole(), by_segment=True) if sample.segment
    )
    found = of(kpis, whole(), wanted={"region": region, "segment": value})
    alone = [
        sample.value
        for sample in of(kpis, whole(), by_segment=True)
        if sample.segment == (("segment", value), ("region", region))
    ]
    assert [sample.value for sample in found][-len(alone) :] == alone
    assert dict(found[-1].segment) == {"region": region, "segment": value}


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["smb"], "'smb' is not NAME=VALUE, such as segment=VALUE"),
        (["regoin=x"], "has no attribute 'regoin', only segment, region; did you mean region"),
        (["region=a", "region=b"], "region is given twice: it takes one value"),
    ],
)
def test_wrong_filters(texts: list[str], said: str) -> None:
    """Each is refused with what is meant, or with what to type."""
    with pytest.raises(SegmentFilterError, match=said):
        read_filters(texts, PLAN.policy.segments)


def test_a_value_that_no_account_has() -> None:
    """It is named with what may be meant, or with all values there are."""
    with pytest.raises(SegmentFilterError, match=r"did you mean enterprise\?"):
        of([CATALOGUE["mrr"]], whole(), wanted={"segment": "enterprize"})
    with pytest.raises(SegmentFilterError, match=r"there are .*smb"):
        of([CATALOGUE["mrr"]], whole(), wanted={"segment": "x"})
