"""Errors of catalogue files: each has the file, the line, the KPI and what is wrong."""

import pytest

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import CatalogueError, shipped_source
from tests.aggregates.catalogue.kpi_files import KPI, kpi, loaded
from tests.aggregates.catalogue.kpi_measures import MEASURES

RATIO = {"unit": '"ratio"', "windows": '["30d"]'}


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"formula": '"mmr"'}, "unknown measure 'mmr'; did you mean 'mrr'? (formula, column 1)"),
        ({"formula": '"avg(mrr)"'}, "unknown function 'avg'"),
        ({"formula": '"mrr +"'}, "not an expression"),
        ({"formula": '"mrr + users"'}, "units do not match: + joins money with count"),
        ({"formula": '"users"'}, "unit money is money or money / count, but 'users' gives count"),
        ({"formula": '"mrr * mrr"'}, "but 'mrr * mrr' gives money * money"),
        ({**RATIO, "formula": '"mrr / users"'}, "unit ratio is a plain number, but"),
        ({"unit": '"seconds"'}, "unit seconds is time or time / count"),
        ({"formula": '"new_mrr"'}, "new_mrr is read over a window, and there is none"),
        (
            {"windows": '["4w"]'},
            "unknown window '4w', only month, quarter, year or days from 1d to 999d",
        ),
        ({"windows": '["1d", "1d"]'}, "a window is listed twice"),
        (
            {"unit": '"count"', "windows": '["7d", "90d"]', "formula": '"active_users"'},
            "active_users has no window '90d', only 1d, 7d, 30d",
        ),
        ({"formula": "\"mrr(reason='x')\""}, "mrr has no label 'reason'"),
        ({"formula": ""}, "needs either a formula or variants"),
        ({"variants": '{ label = "x", a = "mrr" }'}, "needs either a formula or variants"),
        ({"formula": "", "variants": '{ a = "mrr" }'}, "variants need a label and a formula"),
        ({"formula": "", "variants": '{ label = "x" }'}, "variants need a label and a formula"),
        ({"formula": "", "variants": '{ label = "x", a = "mmr" }'}, "variant a: unknown measure"),
        ({"title": ""}, "missing required field `title`"),
        (
            {"formula": '"mrr / users"', "movements": '{ new = "new_mrr" }'},
            "movements: the formula is no sum",
        ),
        ({"movements": '{ unnamed = "new_mrr" }'}, "so is called what the others leave"),
        ({"movements": '{ new = "mmr" }'}, "movement new: unknown measure 'mmr'"),
        ({"movements": '{ new = "mrr" }'}, "movement new: mrr is no flow"),
        ({"movements": '{ new = "new_accounts" }'}, "it counts something else than the KPI"),
        ({"movements": '{ new = "churned_mrr" }'}, "it counts something else than the KPI"),
        ({"movements": '{ new = "prior(new_mrr)" }'}, "it is read between any two times"),
        ({"movements": '{ new = "max(new_mrr, 0)" }'}, "does not add up"),
        ({"colour": '"red"'}, "unknown field `colour`"),
        ({"title": "7"}, "Expected `str`, got `int` - at `$.title`"),
        ({"unit": '"percent"'}, "Invalid enum value 'percent'"),
        ({"good": '"sideways"'}, "Invalid enum value 'sideways'"),
        ({"targets": '{ default = "about 5" }'}, "target 'default' is 'about 5'"),
        ({"week_alert": "-0.1"}, "Expected `float` >= 0.0 - at `$.week_alert`"),
        ({"band": "-1"}, "Expected `float` >= 0.0 - at `$.band`"),
        ({"alert_change_min": "-1"}, "Expected `float` >= 0.0 - at `$.alert_change_min`"),
        ({"week_alert": "inf"}, "Expected `float` <= 1000000000000000.0 - at `$.week_alert`"),
        ({"band": "1e400"}, "Expected `float` <= 1000000000000000.0 - at `$.band`"),
        ({"alert_change_min": "inf"}, "<= 1000000000000000.0 - at `$.alert_change_min`"),
        ({"alert_min": "inf"}, "Expected `float` <= 1000000000000000.0 - at `$.alert_min`"),
        ({"alert_min": "{ one = inf }"}, "<= 1000000000000000.0 - at `$.alert_min[...]`"),
        ({"week_alert": "0.1"}, "week_alert needs good = 'up' or 'down'"),
        (
            {**RATIO, "formula": '"1 - start(mrr) / mrr"', "alert_min": "20"},
            "alert_min: '1 - start(mrr) / mrr' as a whole is neither a quotient nor a mean",
        ),
        (
            {**RATIO, "formula": '"start(mrr) / mrr / 2"', "alert_min": "20"},
            "alert_min: 'start(mrr) / mrr / 2' as a whole is neither a quotient nor a mean",
        ),
        (
            {"unit": '"score"', "formula": '"kpi_on_target()"', "acceptable": '">= 1"'},
            "it has a figure for each KPI, which no one limit fits",
        ),
        ({"alert_min": "{ a = 1, b = 2 }"}, "alert_min is a number, or one KPI with a number"),
        ({"alert_min": "{ two = 5 }"}, "alert_min: there is no KPI 'two'"),
        (
            {"acceptable": '"usual"', "targets": '{ best = "> 5" }'},
            "acceptable is 'usual', neither a comparison nor one of its targets (best)",
        ),
        ({"labels": '{ window = "x" }'}, "label 'window' cannot be used"),
        ({"labels": '{ "a-b" = "x" }'}, "label 'a-b' cannot be used"),
        ({"values": '{ reason = ["x"] }'}, "values are given for unknown label 'reason'"),
        (
            {"windows": '["30d"]', "formula": '"churned_mrr"', "labels": '{ reason = "x" }'},
            "label 'reason' cannot be used",
        ),
        (
            {
                "windows": '["30d"]',
                "formula": "",
                "variants": '{ label = "x", a = "churned_mrr", b = "new_mrr" }',
            },
            "its formulas have different labels",
        ),
    ],
)
def test_error_names_file_line_and_kpi(fields: dict[str, str], problem: str) -> None:
    """A KPI that is not right is named with the place of its id and what is wrong."""
    text = kpi(id='"first"') + kpi(**fields)
    line = 1 + next(n for n, content in enumerate(text.splitlines()) if content == 'id = "one"')
    with pytest.raises(CatalogueError) as caught:
        loaded(text)
    assert str(caught.value).startswith(f"0.toml:{line}: KPI one: ")
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("text", "start", "problem"),
    [
        ("[[kpi]]\nid = \n", "0.toml:2: ", "not TOML"),
        ('[[kpi]]\nid = "a\n', "0.toml:2: ", "not TOML"),
        ("x = [", "0.toml:1: ", "not TOML"),
        ("[[kpis]]\n", "0.toml:1: ", "unknown table 'kpis'"),
        ("kpi = 3\n", "0.toml:1: ", "KPIs are [[kpi]] tables"),
        ("kpi = [3]\n", "0.toml:1: ", "KPIs are [[kpi]] tables"),
        ("\n\n[[kpi]]\ntitle = 'x'\n", "0.toml:3: KPI None: ", "needs an id"),
        ("[[kpi]]\n\n[[kpi]]\nid = 'Big One'\n", "0.toml:1: KPI None: ", "needs an id"),
        ("[[kpi]]\nid = 'Big One'\n", "0.toml:1: KPI 'Big One': ", "small letters"),
        (KPI + KPI, "0.toml:13: KPI one: ", "the id is taken already, at line 3"),
        ("kpi = [{id = 'one'}]\n", "0.toml:1: KPI one: ", "missing required field"),
    ],
)
def test_file_that_cannot_be_read(text: str, start: str, problem: str) -> None:
    """What is wrong with a file as a whole is said with its line, too."""
    with pytest.raises(CatalogueError) as caught:
        loaded(text)
    assert str(caught.value).startswith(start)
    assert problem in str(caught.value)


def test_a_size_is_one_figure() -> None:
    """A KPI with a value for each label value cannot say how much there is."""
    parts = kpi(id='"two"', windows='["30d"]', formula='"churned_mrr"')
    with pytest.raises(CatalogueError, match=r"^0.toml:\d+: KPI one: alert_min: KPI 'two' has sev"):
        loaded(kpi(alert_min="{ two = 5 }") + parts)


@pytest.mark.parametrize(
    "name",
    ["week_ago_one", "by_segment_one", "one_numerator", "one_denominator", "one_distribution"],
)
def test_what_is_shown_beside_a_kpi_has_its_name(name: str) -> None:
    """No KPI is called like another's figure of a week ago, or like a part of it."""
    with pytest.raises(CatalogueError, match=rf"KPI {name}: its name is taken.* beside KPI one$"):
        loaded(kpi() + kpi(id=f'"{name}"'))
    assert name in loaded(kpi(id=f'"{name}"'))


def test_shipped_catalogue_needs_its_measures() -> None:
    """A catalogue that reads a measure that no family declares does not load."""
    without = [measure for measure in MEASURES if measure.name != "users"]
    with pytest.raises(CatalogueError, match=r"^catalogue.toml:\d+: KPI adoption_ratio: unknown"):
        load(without, shipped_source())
