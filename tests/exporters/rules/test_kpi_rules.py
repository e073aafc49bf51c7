"""What rules look at and how they are told: one series of a KPI, and options."""

import pytest

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.kpi import KpiUnit
from exporters.rules import RuleOptions, rule_files
from exporters.rules.kpi_rules import GAP, kpi_rule_file
from exporters.rules.rule import Alert, Recording, RuleFile, RuleGroup
from exporters.rules.rule_text import rule_file_text
from exporters.rules.service_rules import service_rule_file
from exporters.rules.watched import MOVES, WatchedSeries
from tests.aggregates.catalogue.kpi_files import kpi, loaded

RATIO = {"unit": '"ratio"', "formula": '"mrr / start(mrr)"', "good": '"up"'}


def kpis_of(catalogue: Catalogue) -> RuleFile:
    """The KPI rules of a catalogue, as shipped."""
    return kpi_rule_file(catalogue, RuleOptions())


def names(file: RuleFile) -> set[str]:
    """The names of alerts and recordings."""
    return {alert.name for alert in file.alerts} | {rule.record for rule in file.recordings}


@pytest.mark.parametrize(
    ("windows", "chosen"),
    [
        ('["month", "30d"]', "30d"),
        ('["7d", "30d", "1d"]', "30d"),
        ('["month", "365d"]', "365d"),
        ('["90d", "365d"]', "90d"),
        ('["month"]', "month"),
    ],
)
def test_the_window(windows: str, chosen: str) -> None:
    """30 days, otherwise a rolling window, and the running month only for want of another."""
    catalogue = loaded(kpi(windows=windows, formula='"change(mrr)"'))
    series = WatchedSeries.of(catalogue["one"])
    assert series.window == chosen
    assert series.selector == f'cs_one{{window="{chosen}"}}'


def test_the_first_formula() -> None:
    """Of several formulas the first is looked at; its name is quoted as PromQL has it."""
    text = kpi(formula="") + "[kpi.variants]\nlabel = 'basis'\n'a \"b\"' = 'mrr'\nc = '2 * mrr'\n"
    assert WatchedSeries.of(loaded(text)["one"]).selector == 'cs_one{basis="a \\"b\\""}'


def test_a_figure_of_the_moment() -> None:
    """Without window and variant the metric itself is looked at."""
    assert WatchedSeries.of(loaded(kpi())["one"]).selector == "cs_one"


def test_without_target_and_dashboard_there_is_no_rule() -> None:
    """A KPI that nobody aims at and that no dashboard shows has no rule."""
    assert names(kpis_of(loaded(kpi(good='"up"')))) == set()


def test_on_a_dashboard_it_is_compared_with_a_week_ago() -> None:
    """A dashboard and a good direction give a recording, and no alert."""
    found = kpis_of(loaded(kpi(good='"up"', dashboards="[1]")))
    assert names(found) == {"job:cs_one:change7d_ratio", GAP}
    assert names(kpis_of(loaded(kpi(dashboards="[1]")))) == set()


def test_a_target_gives_both_alerts() -> None:
    """A target gives an alert against it and one against a week ago, with the unit's threshold."""
    found = kpis_of(loaded(kpi(**RATIO, windows='["30d"]', targets='{ ours = ">= 0.5" }')))
    exprs = {alert.name: alert.expr for alert in found.alerts}
    assert exprs["TidemarkOneOffTarget"].endswith(" < 0.5")
    assert exprs["TidemarkOneWorseThanAWeekAgo"] == "job:cs_one:change7d < -0.05"


def test_a_threshold_of_its_own() -> None:
    """``week_alert`` is the threshold, and 0 none; it needs neither target nor dashboard."""
    catalogue = loaded(kpi(good='"down"', week_alert="0.3"))
    exprs = {alert.name: alert.expr for alert in kpis_of(catalogue).alerts}
    assert exprs["TidemarkOneWorseThanAWeekAgo"] == "job:cs_one:change7d_ratio > 0.3"
    off = loaded(kpi(good='"up"', week_alert="0", targets='{ ours = "> 5" }'))
    assert "TidemarkOneWorseThanAWeekAgo" not in names(kpis_of(off))
    assert "TidemarkOneOffTarget" in names(kpis_of(off))


def test_a_running_month_is_not_compared() -> None:
    """The running month of a week ago was another stretch of time, or another month."""
    month = {"windows": '["month"]', "formula": '"change(mrr)"', "targets": '{ ours = "> 5" }'}
    found = kpis_of(loaded(kpi(**month, good='"up"', dashboards="[1]")))
    assert names(found) == {"job:cs_one:target_gap", "TidemarkOneOffTarget"}


def test_the_gap_is_asked_of_a_figure_that_always_has_a_value() -> None:
    """A ratio may have had no value a week ago for good reason; a sum has one at any time."""
    ratio = kpi(**RATIO, windows='["30d"]', dashboards="[1]")
    assert GAP not in names(kpis_of(loaded(ratio)))
    plain = kpi(good='"up"', dashboards="[1]").replace('id = "one"', 'id = "two"')
    (gap,) = (a for a in kpis_of(loaded(ratio, plain)).alerts if a.name == GAP)
    assert "cs_two" in gap.expr


def test_every_unit_has_a_threshold() -> None:
    """A KPI of any unit can be compared."""
    assert set(MOVES) == set(KpiUnit)
    assert all(move.threshold > 0 for move in MOVES.values())


def test_options_change_links_job_and_patience() -> None:
    """Addresses, the job, the interval and the longest wait are those that were asked for."""
    options = RuleOptions("https://r.example/", "https://g.example/", "kpis", 1, 3)
    catalogue = loaded(kpi(good='"up"', dashboards="[1]", targets='{ ours = "> 5" }'))
    for file in rule_files(catalogue, options):
        assert {group.interval_s for group in file.groups} == {1}
        assert file.alerts
        for alert in file.alerts:
            assert alert.hold_s <= 3
            assert alert.keep_s <= 3
            assert alert.annotations["runbook_url"].startswith("https://r.example/")
            assert alert.annotations["dashboard_url"].startswith("https://g.example/d/tidemark-")
    (down,) = (a for a in service_rule_file(options).alerts if a.name == "TidemarkDown")
    assert down.expr == 'absent(up{job="kpis"} == 1)'
    assert down.labels["job"] == "kpis"


def test_a_file_is_written_exactly() -> None:
    """Strings are quoted, PromQL is a block, nothing is written that is not set."""
    rules = (
        Recording("job:a:b", 'x{y="z"}\nor\nv'),
        Alert("A", "x > 1", 90, 0, {"severity": "info"}, {"summary": 'say "so": {{ $value }}'}),
        Alert("B", "x > 2", 3_600, 900, {}, {}),
    )
    file = RuleFile("f.yml", ("one", ""), (RuleGroup("g", 60, rules), RuleGroup("h", None, ())))
    assert rule_file_text(file) == (
        "# one\n"
        "#\n"
        "groups:\n"
        '  - name: "g"\n'
        "    interval: 1m\n"
        "    rules:\n"
        '      - record: "job:a:b"\n'
        "        expr: |-\n"
        '          x{y="z"}\n'
        "          or\n"
        "          v\n"
        '      - alert: "A"\n'
        "        expr: |-\n"
        "          x > 1\n"
        "        for: 90s\n"
        "        labels:\n"
        '          severity: "info"\n'
        "        annotations:\n"
        '          summary: "say \\"so\\": {{ $value }}"\n'
        '      - alert: "B"\n'
        "        expr: |-\n"
        "          x > 2\n"
        "        for: 1h\n"
        "        keep_firing_for: 15m\n"
        "        labels:\n"
        "        annotations:\n"
        '  - name: "h"\n'
        "    rules:\n"
    )
