"""The rule files that ship: current, accepted by the real tools, and pointing at what exists."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import shipped_source
from aggregates.catalogue.watched import compared
from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from exporters.collector import LiveCollector
from exporters.dashboards import dashboards
from exporters.feed import Feed
from exporters.live_reading import LiveReading
from exporters.rules import RuleOptions, rule_files
from exporters.rules.rule import Alert, Recording
from exporters.rules.rule_text import rule_file_text
from exporters.text_format import encoder
from streams.local.embedded import Embedded
from tests.conftest import Golden
from tests.exporters.dashboards.made import explorer_metrics
from tests.exporters.fixed_catalogue import FixedCatalogue
from tests.servers import Generation

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
RULES = DEPLOY / "prometheus" / "rules"
TESTS = sorted((DEPLOY / "prometheus" / "tests").iterdir())

CASES = [
    *((Generation.PACKAGED, path.name.removesuffix(".test.yml")) for path in TESTS),
    (Generation.NEWEST, "tidemark-service"),
    (Generation.NEWEST, "tidemark-service-deploys"),
    (Generation.NEWEST, "tidemark-kpis"),
]
"""Who reads which written cases; the newest, whose ranges are left-open, those about ranges."""

PROMTOOL_S = 240
"""For one run of promtool; the longest takes a quarter of a minute on a quiet machine."""

FIRST_SCRAPE = 1_767_225_600_000


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """The shipped catalogue."""
    return load(Plan(Policy()).measures.values(), shipped_source())


def rules(catalogue: Catalogue) -> Iterator[Alert | Recording]:
    """Every rule."""
    for file in rule_files(catalogue, RuleOptions()):
        yield from file.recordings
        yield from file.alerts


def exposition(catalogue: Catalogue) -> str:
    """What an exporter shows of a company without events."""
    embedded = Embedded(Plan(Policy()))
    embedded.publish()
    live = LiveReading(
        Feed(embedded.board),
        FixedCatalogue(catalogue),
        embedded.intake.plan.calendar,
        lambda: FIRST_SCRAPE,
    )
    write, _ = encoder("")
    return write(LiveCollector(live, version="0")).decode()


def accepts(*command: str | Path) -> None:
    """Fails unless a tool accepts what it is given."""
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=PROMTOOL_S, cwd=ROOT
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_deployed_rules_are_current(catalogue: Catalogue, golden: Golden) -> None:
    """Each file is what `tidemark rules` writes now, and there is no other."""
    files = rule_files(catalogue, RuleOptions())
    for file in files:
        golden(RULES / file.name, rule_file_text(file))
    assert sorted(path.name for path in RULES.iterdir()) == sorted(file.name for file in files)


def test_promtool_accepts_the_rules(each_promtool: str) -> None:
    """Every expression parses, and templates, names and durations are right."""
    accepts(each_promtool, "check", "rules", *sorted(RULES.iterdir()))


def test_promtool_accepts_the_configuration(each_promtool: str, tmp_path: Path) -> None:
    """The shipped prometheus.yml is right, and so is what it loads."""
    text = (DEPLOY / "prometheus" / "prometheus.yml").read_text()
    assert "/etc/prometheus/rules/*.yml" in text
    config = tmp_path / "prometheus.yml"
    config.write_text(text.replace("/etc/prometheus/rules", str(RULES)))
    accepts(each_promtool, "check", "config", config)


@pytest.mark.slow
@pytest.mark.parametrize(("each_promtool", "name"), CASES, indirect=["each_promtool"])
def test_promtool_finds_what_the_written_cases_say(each_promtool: str, name: str) -> None:
    """Alerts are quiet, wait, fire with their labels and texts, and end, as written by hand."""
    accepts(each_promtool, "test", "rules", DEPLOY / "prometheus" / "tests" / f"{name}.test.yml")


def test_every_alert_of_the_service_has_written_cases(catalogue: Catalogue) -> None:
    """An alert of the service has cases where it must be silent and one where it fires."""
    written = "".join(path.read_text() for path in TESTS)
    for alert in service_alerts(catalogue):
        silent = rf"alertname: {alert.name}, exp_alerts: \[\]"
        fires = rf"alertname: {alert.name}\n\s+exp_alerts:"
        assert re.search(silent, written), alert.name
        assert re.search(fires, written), alert.name


def service_alerts(catalogue: Catalogue) -> list[Alert]:
    """The alerts that are not about one KPI."""
    alerts = [rule for rule in rules(catalogue) if isinstance(rule, Alert)]
    found = [alert for alert in alerts if "kpi" not in alert.labels]
    assert found
    return found


def test_promtool_accepts_the_exposition(each_promtool: str, catalogue: Catalogue) -> None:
    """Prometheus's linter has nothing to say about any metric of the shipped catalogue."""
    done = subprocess.run(
        [each_promtool, "check", "metrics"],
        input=exposition(catalogue).encode(),
        capture_output=True,
        check=False,
        timeout=PROMTOOL_S,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ("severity=critical", "page"),
        ("severity=warning", "team"),
        ("severity=info", "nobody"),
        ("severity=other", "nobody"),
    ],
)
def test_alertmanager_routes_by_severity(each_amtool: str, labels: str, receiver: str) -> None:
    """The shipped alertmanager.yml is right, and each severity goes where the docs say."""
    config = DEPLOY / "alertmanager" / "alertmanager.yml"
    accepts(each_amtool, "check-config", config)
    routed = [f"--config.file={config}", f"--verify.receivers={receiver}", labels]
    accepts(each_amtool, "config", "routes", "test", *routed)


def test_one_figure_off_its_target_hides_no_other(catalogue: Catalogue) -> None:
    """What a figure off its target leaves out is of the same label values, whichever labels its KPI
    has: an owner who is late for ever does not hide that another one is now."""
    told = yaml.safe_load((DEPLOY / "alertmanager" / "alertmanager.yml").read_text())
    (equal,) = (
        set(rule["equal"])
        for rule in told["inhibit_rules"]
        if 'alertname=~"Tidemark.+OffTarget"' in rule["source_matchers"]
    )
    labels = {label for measure in catalogue.measures.values() for label in measure.labels}
    assert equal == labels | {"job", "kpi", "currency"}


def test_every_metric_of_a_rule_exists(catalogue: Catalogue) -> None:
    """A rule reads only what is exported or recorded by a rule before it."""
    known = {line.split()[2] for line in exposition(catalogue).splitlines() if line[:6] == "# TYPE"}
    known |= {"up", "ALERTS"} | explorer_metrics()
    known |= {f"cs_week_ago_{series.kpi.id}" for series in compared(catalogue)}
    for file in rule_files(catalogue, RuleOptions()):
        for group in file.groups:
            for rule in group.rules:
                read = metrics_of(rule.expr)
                assert read, rule
                missing = read - known
                assert not missing, f"{rule}: {missing}"
                if isinstance(rule, Recording):
                    known.add(rule.record)


def metrics_of(expr: str) -> set[str]:
    """The metrics that an expression reads: what has the prefix of one, outside of strings."""
    bare = re.sub(r'"[^"]*"', '""', expr)
    return set(re.findall(r"(?:\b(?:cs|tidemark)_|\bjob\w*:)[\w:]+|\bup\b", bare))


def read_at_last(expr: str, recorded: dict[str, str]) -> set[str]:
    """The exporter's metrics that an expression reads, by way of what is recorded too."""
    found: set[str] = set()
    for metric in metrics_of(expr):
        found |= read_at_last(recorded[metric], recorded) if metric in recorded else {metric}
    return found


def test_recorded_names_say_level_metric_and_operation(catalogue: Catalogue) -> None:
    """A recorded series is called level:metric:operation, and recorded once."""
    names = [rule.record for rule in rules(catalogue) if isinstance(rule, Recording)]
    assert names
    assert all(re.fullmatch(r"job(_topic|_outcome)?:(cs|tidemark)_\w+:\w+", name) for name in names)
    assert len(set(names)) == len(names)


def test_every_alert_says_what_is_needed(catalogue: Catalogue) -> None:
    """An alert has a severity, a family, both texts and a link to a runbook, waits longer than two
    scrapes, and its name is used once."""
    alerts = [rule for rule in rules(catalogue) if isinstance(rule, Alert)]
    assert len({alert.name for alert in alerts}) == len(alerts) > 0
    for alert in alerts:
        assert alert.labels["severity"] in ("critical", "warning", "info"), alert
        assert alert.labels["family"], alert
        assert alert.annotations["summary"], alert
        assert alert.annotations["description"].endswith("."), alert
        assert alert.hold_s > 2 * 15, alert


def test_every_alert_has_a_runbook(catalogue: Catalogue) -> None:
    """The link of an alert leads to a page that has the heading it names; every page is led to."""
    pages = set()
    for rule in rules(catalogue):
        if isinstance(rule, Alert):
            page, anchor = rule.annotations["runbook_url"].split("#")
            text = (ROOT / page).read_text()
            assert anchor in headings(text), rule.name
            assert {"how-to-look", "how-to-mend"} <= headings(text), page
            pages.add(Path(page).name)
    assert pages == {path.name for path in (ROOT / "docs" / "runbooks").iterdir()}


def headings(text: str) -> set[str]:
    """The anchors of a Markdown page."""
    found = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in found}


def test_every_link_of_the_pages_leads_somewhere() -> None:
    """A link between the pages on alerting names a page, and a heading of it, that exist."""
    pages = [ROOT / "docs" / "alerting.md", *(ROOT / "docs" / "runbooks").iterdir()]
    followed = 0
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]*(?:#[^)]*)?)\)", page.read_text()):
            followed += 1
            name, _, anchor = target.partition("#")
            text = (page.parent / name).read_text() if name else page.read_text()
            assert not anchor or anchor in headings(text), f"{page.name}: {target}"
    assert followed > len(pages)


def test_the_page_on_alerting_names_every_alert_of_the_service(catalogue: Catalogue) -> None:
    """Its table has each alert with its severity."""
    text = (ROOT / "docs" / "alerting.md").read_text()
    for alert in service_alerts(catalogue):
        row = f"| [{alert.name}](runbooks/{alert.name}.md) | {alert.labels['severity']} |"
        assert row in text, alert.name


def test_every_alert_leads_to_a_dashboard_that_shows_it(catalogue: Catalogue) -> None:
    """An alert leads to a dashboard with a panel of its KPI, or of what it reads. Whether
    Prometheus can scrape is no metric of an exporter."""
    shown = {
        f"/d/{board.uid}": json.dumps(board.model) for board in dashboards(catalogue, Policy())
    }
    blind = set()
    recorded = {r.record: r.expr for r in rules(catalogue) if isinstance(r, Recording)}
    for rule in [rule for rule in rules(catalogue) if isinstance(rule, Alert)]:
        link = rule.annotations["dashboard_url"]
        read = read_at_last(rule.expr, recorded) - {"up"}
        if "kpi" in rule.labels:
            own = f"cs_{rule.labels['kpi']}"
            assert own in read, rule.name
            read = {own}
        assert all(metric in shown[link] for metric in read), f"{rule.name}: {read}"
        blind |= set() if read else {rule.name}
    assert blind == {"TidemarkDown", "TidemarkExporterDown"}
