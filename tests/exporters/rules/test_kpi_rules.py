"""What rules look at and how they are told: one series of a KPI, and options."""

import re

import pytest

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import shipped_source
from aggregates.catalogue.kpi import KpiUnit
from aggregates.catalogue.watched import MOVES, WatchedSeries, compared
from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from exporters.rules import RuleOptions, rule_files
from exporters.rules.kpi_rules import kpi_rule_file
from exporters.rules.rule import Alert, Recording, RuleFile, RuleGroup
from exporters.rules.rule_text import rule_file_text
from exporters.rules.service_rules import service_rule_file
from exporters.rules.watched import newest
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
    series = WatchedSeries.of(loaded(kpi(windows=windows, formula='"change(mrr)"'))["one"])
    assert series.window == chosen
    assert newest(series, "cs_one") == (
        f'max by (job, currency, window) (last_over_time(cs_one{{window="{chosen}"}}[30m]))'
    )


def test_the_first_formula() -> None:
    """Of several formulas the first is looked at; its name is quoted as PromQL has it."""
    text = kpi(formula="") + "[kpi.variants]\nlabel = 'basis'\n'a \"b\"' = 'mrr'\nc = '2 * mrr'\n"
    read = newest(WatchedSeries.of(loaded(text)["one"]), "cs_one")
    assert 'cs_one{basis="a \\"b\\""}' in read


def test_only_labels_of_the_kpi_are_kept() -> None:
    """A fixed label, one of the measure and the currency are kept; those of targets are not."""
    labelled = kpi(windows='["30d"]', formula='"churned_mrr"', labels='{ team = "a" }')
    series = WatchedSeries.of(loaded(labelled)["one"])
    assert newest(series, "x").startswith("max by (job, currency, reason, team, window) (")
    assert series.labels == ("currency", "reason")


def test_without_a_limit_there_is_no_rule() -> None:
    """A KPI that nobody aims at has no rule, whatever shows it."""
    assert names(kpis_of(loaded(kpi(good='"up"', dashboards="[1]")))) == set()


def test_a_target_is_to_look_at() -> None:
    """A target is recorded against, and compared with a week ago; it does not alert by itself."""
    found = kpis_of(loaded(kpi(**RATIO, windows='["30d"]', targets='{ best = ">= 0.5" }')))
    exprs = {alert.name: alert.expr for alert in found.alerts}
    assert list(exprs) == ["TidemarkOneWorseThanAWeekAgo"]
    assert "and job:cs_one:change7d < -0.05" in exprs["TidemarkOneWorseThanAWeekAgo"]
    assert "job:cs_one:target_gap" in names(found)


@pytest.mark.parametrize(
    ("acceptable", "missed"),
    [('"<= 0.07"', "> 0.07"), ('"good"', "<= 0.4"), ('"best"', "< 0.5"), ('""', None)],
)
def test_what_is_acceptable_alerts(acceptable: str, missed: str | None) -> None:
    """A comparison, or a target by name, is what the alert goes by; nothing is no alert."""
    targets = '{ best = ">= 0.5", good = "> 0.4" }'
    made = kpi(**RATIO, windows='["30d"]', targets=targets, acceptable=acceptable)
    exprs = {alert.name: alert.expr for alert in kpis_of(loaded(made)).alerts}
    found = exprs.get("TidemarkOneOffTarget")
    assert found == (missed and f"job:cs_one:now {missed}")


def test_a_threshold_of_its_own() -> None:
    """``week_alert`` is the threshold, and 0 none; it needs neither target nor dashboard."""
    catalogue = loaded(kpi(good='"down"', week_alert="0.3"))
    exprs = {alert.name: alert.expr for alert in kpis_of(catalogue).alerts}
    assert exprs["TidemarkOneWorseThanAWeekAgo"].endswith("job:cs_one:change7d_ratio > 0.3")
    off = loaded(kpi(good='"up"', week_alert="0", acceptable='"> 5"'))
    assert [alert.name for alert in kpis_of(off).alerts] == ["TidemarkOneOffTarget"]
    assert names(kpis_of(off)) == {"job:cs_one:now", "TidemarkOneOffTarget"}


def test_a_running_month_is_not_compared() -> None:
    """The running month of a week ago was another stretch of time, or another month."""
    month = {"windows": '["month"]', "formula": '"change(mrr)"', "targets": '{ ours = "> 5" }'}
    found = kpis_of(loaded(kpi(**month, good='"up"', dashboards="[1]")))
    assert names(found) == {"job:cs_one:now", "job:cs_one:target_gap"}


def test_what_is_compared_is_what_rules_read() -> None:
    """``cs_week_ago_<id>`` is exported for just those KPIs of which a rule reads it."""
    catalogue = load(Plan(Policy()).measures.values(), shipped_source())
    exprs = " ".join(rule.expr for rule in kpis_of(catalogue).recordings)
    read = set(re.findall(r"cs_week_ago_(\w+)", exprs))
    assert read == {series.kpi.id for series in compared(catalogue)}
    assert {"mrr", "nps", "ticket_backlog"} <= read
    assert "offset" not in exprs
    assert "without" not in exprs


def test_the_figure_of_another_kpi_is_recorded_for_its_sake() -> None:
    """A KPI that only says how much there is has its figures recorded, of a week ago too: who falls
    below the least was above it. Nothing else is."""
    two = kpi(unit='"users"', formula='"users"').replace('id = "one"', 'id = "two"')
    one = kpi(good='"up"', week_alert="0.1", alert_min="{ two = 5 }")
    found = kpis_of(loaded(one, two))
    recorded = {rule.record: rule.expr for rule in found.recordings}
    assert "cs_week_ago_two" in recorded["job:cs_two:week_ago"]
    assert "or job:cs_two:week_ago" in recorded["job:cs_two:size"]
    assert "job:cs_two:change7d_ratio" not in recorded
    (worse,) = (a for a in found.alerts if a.name.endswith("AWeekAgo"))
    assert worse.expr.endswith("unless on (job) job:cs_two:size < 5")


@pytest.mark.parametrize(
    ("fields", "enough"),
    [
        ({"formula": '"users / 12"', "unit": '"users"'}, "and job:cs_one:size >= 40"),
        (
            {"formula": '"mrr / users"', "unit": '"money"'},
            "and job:cs_one_denominator:now >= 40",
        ),
    ],
)
def test_a_denominator_that_counts_nothing_is_no_size(fields: dict[str, str], enough: str) -> None:
    """A twelfth of the users is a number of users; money by user is of so many."""
    found = kpis_of(loaded(kpi(**fields, good='"up"', week_alert="0.1", alert_min="40")))
    (worse,) = (a for a in found.alerts if a.name.endswith("AWeekAgo"))
    assert worse.expr.endswith(enough)


def test_large_limits_are_written_out() -> None:
    """A limit of millions is told as it was written: 1234567, not about 1.23e+06."""
    fields = {"acceptable": '">= 1234567"', "alert_change_min": "2500000", "week_alert": "0.1"}
    off, worse, _ = kpis_of(loaded(kpi(**fields, good='"up"'))).alerts
    assert off.annotations["description"].endswith("; acceptable is >= 1234567.")
    assert "More than 10% and at least 2500000 worse" in worse.annotations["description"]


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


def test_a_job_may_have_any_name() -> None:
    """A quote in the name of a job does not end the string that it is in."""
    (down,) = (
        alert
        for alert in service_rule_file(RuleOptions(job='the "big" one')).alerts
        if alert.name == "TidemarkDown"
    )
    assert down.expr == 'absent(up{job="the \\"big\\" one"} == 1)'
    assert down.labels["job"] == 'the "big" one'


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
