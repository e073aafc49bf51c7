"""Settings in formulas: which there are, what they are as of an edge, and what is refused."""

from fractions import Fraction
from math import isnan

import numpy as np
import pytest
from pydantic import ValidationError

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import CatalogueError, Source
from aggregates.catalogue.prose import in_words
from aggregates.formula.parser import parse
from aggregates.formula.setting import SETTING_NAMES, setting_values
from aggregates.ledger.ledger import Ledger
from aggregates.policies.dated import DatedShare
from aggregates.policies.policy import Policy
from aggregates.time.tile import edge_at
from events import parse_instant
from tests.aggregates.catalogue.kpi_files import kpi
from tests.aggregates.catalogue.kpi_measures import MEASURES
from tests.aggregates.reading.kpi_ledger import FEBRUARY, JANUARY, UTC, ledger_of
from tests.aggregates.reading.readings import evaluate

MARGINS = Policy(
    gross_margin=(
        DatedShare(valid_from="2026-01-15T00:00:00Z", value=Fraction(3, 4)),
        DatedShare(valid_from="2026-01-01T00:00:00Z", value=Fraction(1, 2)),
    )
)


def _catalogue(formula: str, windows: str = "[]", policy: Policy | None = None) -> Catalogue:
    text = kpi(formula=f"'{formula}'", unit='"ratio"', windows=windows)
    return load(MEASURES, Source("own.toml", text), policy=policy)


def _read(catalogue: Catalogue, *edges: int) -> list[float]:
    (result,) = evaluate(catalogue, Ledger(), UTC, edges)
    values: list[float] = result.values.tolist()
    return values


def test_settings_are_the_policies_that_are_numbers() -> None:
    """Numbers and dated numbers can be read; texts, switches and lists cannot."""
    assert {"gross_margin", "ltv_cap_months", "renewal_grace_days"} <= set(SETTING_NAMES)
    assert not {"currency", "free_is_churn", "segments", "exchange_rates"} & set(SETTING_NAMES)


def test_a_dated_setting_holds_from_its_instant_on() -> None:
    """Readings take what held before them, in whatever order it is listed; before the first, none.

    A reading at the instant of a change is the last of the time before it.
    """
    edges = [
        edge_at(parse_instant(f"2026-{at}Z"))
        for at in ("01-01T00:00:00", "01-01T00:15:00", "01-15T00:00:00", "01-15T00:15:00")
    ]
    values = setting_values(MARGINS, "gross_margin", np.array(edges)).tolist()
    assert isnan(values[0])
    assert values[1:] == [0.5, 0.5, 0.75]


def test_a_formula_reads_settings_as_of_the_moment() -> None:
    """Live and at the window's start: each reading has the value that held then."""
    formula = 'prior(setting("gross_margin"))'
    now = _catalogue('setting("gross_margin")', policy=MARGINS)
    before = _catalogue(formula, '["month"]', MARGINS)
    assert _read(now, FEBRUARY) == [0.75]
    assert isnan(_read(now, JANUARY)[0])
    assert isnan(_read(before, FEBRUARY)[0])
    march = edge_at(parse_instant("2026-03-01T00:00:00Z"))
    assert _read(before, march) == [0.75]


def test_settings_by_segment() -> None:
    """A setting is the same in every segment."""
    catalogue = _catalogue('setting("ltv_cap_months") * mrr / mrr')
    ledger = ledger_of((("mrr",), JANUARY, 5))
    (result,) = evaluate(catalogue, ledger, UTC, [FEBRUARY], ("smb",))
    assert result.values.tolist() == [60.0]


@pytest.mark.parametrize(
    ("formula", "problem"),
    [
        ('setting("gross_margn")', "no setting 'gross_margn' is a number; did you mean"),
        ('setting("currency")', "no setting 'currency' is a number"),
        ("setting(mrr)", r"setting\(\) needs a text in quotes"),
        ("setting()", r"setting\(\) takes 1 argument"),
        ("setting", "setting is a function and needs its arguments"),
    ],
)
def test_what_is_no_setting(formula: str, problem: str) -> None:
    """A name that is none, or none of a number, is refused with the file, line and column."""
    with pytest.raises(CatalogueError, match=rf"own.toml:\d+: KPI one: .*{problem}"):
        _catalogue(formula)


def test_a_setting_in_words() -> None:
    """A setting is said by its name."""
    assert in_words(parse('mrr * setting("gross_margin")')) == "MRR times gross margin"


def test_a_catalogue_knows_the_settings_of_a_kpi() -> None:
    """Each once, in the order in which the formula reads them."""
    catalogue = _catalogue('setting("ltv_cap_months") / (setting("gross_margin") + -mrr / mrr)')
    assert catalogue.settings_of(catalogue["one"]) == ("ltv_cap_months", "gross_margin")


@pytest.mark.parametrize("value", ["-0.1", "1.1", "much"])
def test_a_margin_is_a_share(value: str) -> None:
    """What is no share of revenue is refused."""
    with pytest.raises(ValidationError):
        DatedShare(value=value)  # type: ignore[arg-type]


def test_a_margin_holds_from_an_instant() -> None:
    """What is no instant is refused."""
    with pytest.raises(ValidationError):
        DatedShare(valid_from="yesterday", value=Fraction(1))
