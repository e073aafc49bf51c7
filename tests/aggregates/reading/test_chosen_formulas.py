"""Formulas and label values that a setting chooses, and the weekdays of a window."""

from typing import Any

import pytest

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import CatalogueError, Source, shipped_source
from aggregates.catalogue.prose import in_words
from aggregates.formula.parser import parse
from aggregates.policies.policy import Policy
from tests.aggregates.catalogue.kpi_files import KPI, kpi, loaded
from tests.aggregates.catalogue.kpi_measures import MEASURES
from tests.aggregates.reading.kpi_ledger import DAY, FEBRUARY, JANUARY, ledger_of, one, read

UNDER = """
[kpi.under]
setting = "work_basis"
tasks = "12 * mrr"
"""
CATEGORY = ("tasks_completed_by_category", "7d")


def _loaded(*texts: str, **policy: Any) -> Catalogue:
    sources = (Source(f"{n}.toml", text) for n, text in enumerate(texts))
    return load(MEASURES, *sources, policy=Policy.model_validate(policy))


def test_a_setting_chooses_the_formula() -> None:
    """The first formula holds, but for the values that name another; labels stay the same."""
    for basis, text in (("seconds", "mrr"), ("tasks", "12 * mrr")):
        found = _loaded(KPI + UNDER, work_basis=basis)["one"]
        assert [(each.value, each.text) for each in found.variants] == [(None, text)]
        assert found.variant_label is None


def test_a_kpi_names_the_setting_that_chooses() -> None:
    """Whatever is in force, so that it is shown beside the figure."""
    for basis in ("seconds", "tasks"):
        catalogue = _loaded(KPI + UNDER, work_basis=basis)
        assert catalogue.settings_of(catalogue["one"]) == ("work_basis",)


def test_a_later_formula_replaces_all_of_them() -> None:
    """Who says how a KPI is computed says it for every setting."""
    own = '[[kpi]]\nid = "one"\nformula = "2 * mrr"\n'
    found = _loaded(KPI + UNDER, own, work_basis="tasks")["one"]
    assert found.formula_text == "2 * mrr"
    again = _loaded(KPI + UNDER, own + UNDER, work_basis="tasks")["one"]
    assert again.formula_text == "12 * mrr"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (KPI + '[kpi.under]\ntasks = "mrr"\n', "under needs a formula beside it"),
        (KPI + '[kpi.under]\nsetting = "work_basis"\n', "under needs a formula beside it"),
        (
            kpi(formula="", variants='{ label = "x", a = "mrr" }') + UNDER,
            "under needs a formula beside it",
        ),
        (KPI + UNDER.replace("tasks", "hours"), "no setting 'work_basis' has a value 'hours'"),
        (KPI + UNDER.replace("work_basis", "basis"), "no setting 'basis' has a value 'tasks'"),
        (KPI + UNDER.replace("12 * mrr", "mmr"), "variant tasks: unknown measure 'mmr'"),
        (KPI + UNDER.replace("12 * mrr", "mrr / mrr"), "unit money is money or money / count"),
        (
            kpi(windows='["30d"]') + UNDER.replace("12 * mrr", "churned_mrr"),
            "its formulas have different labels",
        ),
        (
            kpi(formula='"churned_mrr"', windows='["30d"]', values='{ reason = "milestons" }'),
            "no setting 'milestons' names the values of label 'reason'",
        ),
        (
            kpi(formula='"churned_mrr"', windows='["30d"]', values='{ reason = "currency" }'),
            "no setting 'currency' names the values of label 'reason'",
        ),
        (kpi(formula='"mrr * weekdays()"'), r"weekdays() needs a window, and there is none"),
        (kpi(formula='"mrr * weekdays(1)"', windows='["30d"]'), "weekdays() takes 0 arguments"),
    ],
)
def test_what_cannot_be_chosen(text: str, problem: str) -> None:
    """Each formula is checked, also while it is not in force; settings and values have to exist."""
    with pytest.raises(CatalogueError) as caught:
        loaded(text)
    assert problem in str(caught.value)


def test_a_setting_names_label_values() -> None:
    """They exist as 0 before anything moved; with none named those that moved exist."""
    text = kpi(formula='"churned_mrr"', windows='["30d"]', values='{ reason = "milestones" }')
    ledger = ledger_of((("churned_mrr", "b"), JANUARY + DAY, 5_000_000))
    named = read(ledger, FEBRUARY, _loaded(text, milestones=["a"]))
    assert named == {("one", "USD", "a", "30d"): 0, ("one", "USD", "b", "30d"): 5}
    assert read(ledger, FEBRUARY, _loaded(text)) == {("one", "USD", "b", "30d"): 5}


def test_work_focus_by_tasks() -> None:
    """W1: by default the share of logged time, by setting that of completed tasks."""
    ledger = ledger_of(
        (("work_time", "support"), FEBRUARY - 9, 60_000),
        ((*CATEGORY, "renewal"), FEBRUARY - 9, 3),
        ((*CATEGORY, "support"), FEBRUARY - 9, 1),
    )

    def focus(**policy: Any) -> dict[str, float]:
        shipped = load(MEASURES, shipped_source(), policy=Policy.model_validate(policy))
        found = read(ledger, FEBRUARY, shipped)
        return {key[1]: v for key, v in found.items() if key[::2] == ("work_focus_ratio", "7d")}

    assert focus() == {"support": 1}
    assert focus(work_basis="tasks") == {"renewal": 0.75, "support": 0.25}


@pytest.mark.parametrize(
    ("formula", "window", "edge", "days"),
    [
        ("weekdays()", "30d", FEBRUARY, 21),
        ("weekdays()", "month", FEBRUARY, 22),
        ("prior(weekdays())", "7d", FEBRUARY, 5),
        ("weekdays()", "1d", FEBRUARY, 0),
        ("weekdays()", "1d", FEBRUARY + DAY // 2, 0),
        ("weekdays()", "1d", FEBRUARY + DAY + DAY // 4, 0.25),
        ("weekdays()", "1d", FEBRUARY - DAY, 1),
        ("weekdays()", "1d", FEBRUARY - 24, 0.25),
        ("in_window(weekdays(), '7d')", "1d", FEBRUARY + 5, 5),
    ],
)
def test_weekdays(formula: str, window: str, edge: int, days: float) -> None:
    """Monday to Friday in the window, a part of a day as such; 1 February 2026 is a Sunday."""
    catalogue = one(f"{formula} + 0 * mrr / mrr", f'["{window}"]', "ratio")
    ledger = ledger_of((("mrr",), JANUARY - 400 * DAY, 1))
    assert read(ledger, edge, catalogue) == {("one", window): days}


def test_weekdays_in_words() -> None:
    """They are said as what they are."""
    assert in_words(parse("users / weekdays()")) == "users divided by weekdays of the window"
