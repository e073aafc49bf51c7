"""Attributes in formulas: any measure may select one; a label is not called as one is."""

import numpy as np
import pytest

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import CatalogueError, Source, shipped_source
from aggregates.ledger.ledger import Ledger
from aggregates.policies.policy import Policy
from aggregates.reading.by_segment import segment_labels
from aggregates.reading.reader import Reader
from aggregates.shard.plan import Plan
from aggregates.time.calendar import Calendar
from tests.aggregates.reading.evaluated import evaluate_segments

PLAN = Plan()

KPI = """
[[kpi]]
id = "share"
code = "+"
family = "revenue"
title = "Share"
formula = '{}'
unit = "ratio"
source = "subscription.*"
description = "Share."
"""


def loaded(formula: str, *attributes: str) -> Catalogue:
    """A catalogue of one KPI, under a choice of segments."""
    source = Source("own.toml", KPI.format(formula))
    return load(PLAN.measures.values(), source, policy=Policy(segments=attributes))


def test_a_formula_selects_accounts() -> None:
    """A value of an attribute selects the cells of its accounts, whatever the other attributes."""
    catalogue = loaded('mrr(plan_tier="gold") / mrr', "region", "plan_tier")
    held = Ledger()
    held.add(("mrr",), ("emea", "gold"), 5, 100)
    held.add(("mrr",), ("apac", "gold"), 5, 50)
    held.add(("mrr",), ("emea", "silver"), 5, 50)
    reader = Reader(held, Calendar("UTC"))
    by_segment = evaluate_segments(reader, catalogue, [6])
    shown = {key: results[0].values.tolist() for key, results in by_segment.items()}
    assert shown == {
        None: [0.75],
        ("apac", "gold"): [1.0],
        ("emea", "gold"): [1.0],
        ("emea", "silver"): [0.0],
    }


@pytest.mark.parametrize("share", ["p90(first_response)", "mean(first_response)"])
def test_durations_select_too(share: str) -> None:
    """Durations are read of the accounts that are selected."""
    text = share.replace(")", '(plan_tier="gold"))') + " / " + share
    source = Source("own.toml", KPI.format(text).replace("source", 'windows = ["30d"]\nsource'))
    policy = Policy(segments=("plan_tier",))
    catalogue = load(PLAN.measures.values(), source, policy=policy)
    measure = PLAN.measures["first_response"]
    held = Ledger()
    rest = ("",) * (measure.length - 3)
    for tier, count in (("gold", 1), ("silver", 3)):
        for bucket, amount in (("10", count), ("10ms", 100 * count**2)):
            held.add(("first_response", "30d", *rest, bucket), (tier,), 5, amount)
    (result,) = Reader(held, Calendar("UTC")).evaluate(catalogue, np.array([6]))
    assert result.values.tolist() == [0.4]


def test_other_labels_are_refused() -> None:
    """A name that is neither a label nor an attribute that was asked for is refused, by name."""
    with pytest.raises(CatalogueError, match=r"no label 'plan_teir' .its labels: plan_tier"):
        loaded('mrr(plan_teir="gold") / mrr', "plan_tier")


@pytest.mark.parametrize("name", ["window", "currency", "le", "job"])
def test_an_attribute_called_as_a_reserved_label(name: str) -> None:
    """Labels that are set elsewhere are no attributes: refused, with a way out."""
    with pytest.raises(CatalogueError, match=f"segments: '{name}' is a label.*account_{name}"):
        load(PLAN.measures.values(), shipped_source(), policy=Policy(segments=(name,)))


def test_an_attribute_called_as_a_label_of_some_kpis() -> None:
    """A series has each label once: those KPIs show the attribute as that of the account.

    In a formula the label of the measure comes first.
    """
    policy = Policy(segments=("feature",))
    catalogue = load(PLAN.measures.values(), shipped_source(), policy=policy)
    adoption, mrr = catalogue["feature_adoption_ratio"], catalogue["mrr"]
    assert segment_labels(adoption, policy.segments, ("sso",)) == (("account_feature", "sso"),)
    assert segment_labels(mrr, policy.segments, ("sso",)) == (("feature", "sso"),)
    own = loaded('plan_mrr(plan="pro") / mrr', "plan")
    held = Ledger()
    held.add(("plan_mrr", "pro"), ("gold",), 5, 30)
    held.add(("mrr",), ("gold",), 5, 60)
    (result,) = Reader(held, Calendar("UTC")).evaluate(own, [6])
    assert result.values.tolist() == [0.5]
