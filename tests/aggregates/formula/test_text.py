"""Formulas as text: what is written is read as the same tree; and terms, which add up."""

import pytest

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import shipped_source
from aggregates.formula.expression import Formula
from aggregates.formula.parser import parse
from aggregates.formula.terms import adds_up, sides_of, terms_of
from aggregates.formula.text import as_text
from aggregates.shard.plan import Plan


@pytest.mark.parametrize(
    "text",
    [
        "1 - (2 - 3)",
        "1 - 2 - 3",
        "a / (b / c) * d",
        "a * (b + c)",
        "-(a + b) * c",
        "-a + -(-b)",
        "1 - -a",
        'm(b="x\\"y", a="\\u00e9\\\\")',
        'total(m(a="1"))',
        "min(a, b) - max(a, 1 + 2)",
        "mean(d) + sum(d) / count(d) - quantile(d, 0.95)",
        "p50(d) + p99(d)",
        "distinct(m) + distinct_accounts(m)",
        'start(a) - prior(a + in_window(b, "30d"))',
        'setting("gross_margin") * weekdays() / local_weekdays()',
        'kpi_change("7d")',
        "kpi_target()",
        "kpi_on_target()",
        "0.25 * a - 1.5",
    ],
)
def test_a_written_formula_is_read_as_it_was(text: str) -> None:
    """The text of a tree gives the same tree, with no bracket too few."""
    tree = parse(text)
    assert parse(as_text(tree)) == tree


def _shipped() -> list[Formula]:
    catalogue = load(Plan().measures.values(), shipped_source())
    return [variant.formula for kpi in catalogue for variant in kpi.variants]


def test_every_shipped_formula_is_read_as_it_was() -> None:
    """So it is for the catalogue."""
    formulas = _shipped()
    assert len(formulas) > 80
    assert [parse(as_text(formula)) for formula in formulas] == formulas


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("12 * mrr", ["12 * mrr"]),
        ("mrr - start(mrr)", ["mrr - start(mrr)"]),
        ("mrr / accounts", ["mrr", "accounts"]),
        ('mrr / setting("x")', ['mrr / setting("x")']),
        ("mean(reply)", ["sum(reply)", "count(reply)"]),
        ("p90(reply)", ["count(reply)"]),
        ("max(a, b) * a", ["a", "b"]),
        ('in_window(a / prior(b), "30d")', ['in_window(a, "30d")', 'in_window(prior(b), "30d")']),
        ("distinct(m) / n", ["m", "n"]),
        ("a * b", ["a", "b"]),
        ("1 / a", ["a"]),
        ("a + 1", ["a"]),
    ],
)
def test_terms_are_the_largest_parts_that_add_up(text: str, terms: list[str]) -> None:
    """A product of sums, a share, a largest one and a constant beside a sum do not add up."""
    assert [as_text(term) for term in terms_of(parse(text))] == terms


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("100 * a / b", ("100 * a", "b")),
        ("mean(d)", ("sum(d)", "count(d)")),
        ("a / max(b, c)", None),
        ("a / b / c", None),
        ("a + b", None),
    ],
)
def test_the_sides_of_a_quotient(text: str, sides: tuple[str, str] | None) -> None:
    """A quotient has sides where both add up."""
    found = sides_of(parse(text))
    assert (found and tuple(map(as_text, found))) == sides


def test_most_kpis_add_up_or_have_sides() -> None:
    """All but a few figures are told exactly by what accounts have; these few are known."""
    catalogue = load(Plan().measures.values(), shipped_source())
    others = [
        kpi.id
        for kpi in catalogue
        if not (adds_up(kpi.variants[0].formula) or sides_of(kpi.variants[0].formula))
    ]
    assert others == [
        "ltv",
        "clv_net",
        "referred_accounts",
        "referral_share_ratio",
        "product_adoption_ratio",
        "kpi_change_7d",
        "kpi_target",
        "kpi_on_target",
    ]
