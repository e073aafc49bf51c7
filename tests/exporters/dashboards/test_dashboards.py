"""Dashboards show what the catalogue has: every KPI, its unit, its target, its windows."""

from typing import Any

import pytest

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import Source, shipped_source
from aggregates.catalogue.kpi import Kpi
from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from exporters.dashboards import dashboards, missing_tiles, unplaced
from exporters.dashboards.service import NUMBER
from exporters.dashboards.service import UID as SERVICE
from exporters.dashboards.tiles import BOARDS, Board
from tests.exporters.dashboards.lint import panels
from tests.exporters.dashboards.made import catalogue_of, made, made_under, service_metrics, shipped
from tests.exporters.dashboards.promql import selectors

Json = dict[str, Any]

UIDS = {board.number: board.uid for board in BOARDS} | {NUMBER: SERVICE}

USERS = """
[[kpi]]
id = "mrr_per_user"
code = "X1"
family = "own"
title = "MRR per user"
formula = "mrr / users"
unit = "money"
good = "up"
source = "subscription.*, user.*"
description = "What a user brings."
dashboards = [2]
"""

USERS_OPEN = """
[[kpi]]
id = "feature_use"
code = "X2"
family = "own"
title = "Feature use"
formula = "feature_accounts"
unit = "accounts"
windows = ["30d"]
source = "feature.used"
description = "Accounts by feature."
dashboards = [6]
"""


def showing(model: Json, kpi: Kpi) -> list[Json]:
    """Returns the panels of a dashboard that ask for a KPI."""
    return [
        panel
        for panel in panels(model)
        if any(s.metric == kpi.metric for t in panel["targets"] for s in selectors(t["expr"]))
    ]


def panel(model: Json, title: str, kind: str) -> Json:
    """Returns the one panel of a title and type."""
    (found,) = [p for p in panels(model) if (p["title"], p["type"]) == (title, kind)]
    return found


def target(name: str, kpi_id: str, text: str) -> str:
    """Returns a user's file that sets the target of a shipped KPI."""
    return f'[[kpi]]\nid = "{kpi_id}"\n[kpi.targets]\n{name} = "{text}"\n'


@pytest.mark.parametrize("kpi", shipped(), ids=lambda kpi: kpi.id)
def test_every_kpi_is_on_its_dashboards(kpi: Kpi) -> None:
    """Each KPI is a number and a graph (a table alone, if it is about other KPIs) on each dashboard
    that its entry names, on no other, with its title and definition."""
    kinds = ["table"] if "kpi" in kpi.label_names else ["number", "graph"]
    for number, uid in UIDS.items():
        found = showing(made()[uid].model, kpi)
        assert len(found) == (len(kinds) if number in kpi.dashboards else 0)
        for each in found:
            assert each["title"] == kpi.title
            assert kpi.description in each["description"]


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)
def test_a_promise_that_can_be_kept_is(board: Board) -> None:
    """A KPI that a dashboard promises names that dashboard in its entry."""
    for _, kpi_ids in board.tiles:
        for kpi_id in kpi_ids:
            assert kpi_id not in shipped() or board.number in shipped()[kpi_id].dashboards


@pytest.mark.parametrize("gone", ["nps", "arr"])
def test_a_missing_tile_is_told(gone: str) -> None:
    """What is promised and does not exist is named, and nothing else is."""
    assert missing_tiles(shipped()) == []
    source = shipped_source()
    head, *entries = source.text.split("\n[[kpi]]\n")
    rest = [entry for entry in entries if not entry.startswith(f'id = "{gone}"\n')]
    assert len(rest) == len(entries) - 1
    text = "\n[[kpi]]\n".join([head, *rest])
    catalogue = load(Plan().measures.values(), Source(source.name, text))
    promised = [
        f"{board.title}: {name} ({gone})"
        for board in BOARDS
        for name, kpi_ids in board.tiles
        if gone in kpi_ids
    ]
    assert promised
    assert missing_tiles(catalogue) == promised


def test_a_users_kpi_is_shown() -> None:
    """A catalogue entry alone puts a KPI on its dashboard, the service's own included."""
    found = made(USERS, USERS_OPEN)
    catalogue = catalogue_of(USERS, USERS_OPEN)
    assert len(showing(found["tidemark-saas"].model, catalogue["mrr_per_user"])) == 2
    kinds = [p["type"] for p in showing(found[SERVICE].model, catalogue["feature_use"])]
    assert kinds == ["bargauge", "timeseries"]


def test_a_kpi_without_a_place_is_told() -> None:
    """A KPI that asks for a dashboard which does not exist is named."""
    assert unplaced(shipped()) == []
    other = USERS.replace("[2]", "[2, 9]")
    assert unplaced(catalogue_of(other)) == ["mrr_per_user: dashboard 9"]


def test_ids_do_not_move() -> None:
    """A further KPI leaves the ids of all other panels as they were."""
    before = {p["id"] for p in made()["tidemark-saas"].model["panels"]}
    after = {p["id"] for p in made(USERS)["tidemark-saas"].model["panels"]}
    assert before < after
    assert len(after - before) == 2


def test_it_is_the_same_each_time() -> None:
    """Two runs write the same bytes, which end in a line feed."""
    first, second = ([each.text for each in dashboards(shipped(), Policy())] for _ in range(2))
    assert first == second
    assert all(text.endswith("}\n") for text in first)


def test_currency_and_time_zone() -> None:
    """Money is in the reporting currency, times are in the reporting time zone."""
    model = made_under(Policy(currency="EUR", timezone="Europe/Berlin"))[UIDS[1]].model
    assert model["timezone"] == "Europe/Berlin"
    assert panel(model, "MRR", "stat")["fieldConfig"]["defaults"]["unit"] == "currencyEUR"
    assert made()[UIDS[1]].model["timezone"] == "utc"


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("< 0.5", [(None, "green"), (0.5, "red")]),
        ("<= 0.5", [(None, "green"), (0.500000001, "red")]),
        ("> 0.5", [(None, "red"), (0.500000001, "green")]),
        (">= 0.5", [(None, "red"), (0.5, "green")]),
    ],
)
def test_colours_are_by_the_target(text: str, steps: list[tuple[float | None, str]]) -> None:
    """A figure is green where the target in force is met, at its very edge too, and a dashed line
    is drawn there."""
    model = made(target("own", "csat_ratio", text))["tidemark-team"].model
    defaults = panel(model, "CSAT", "stat")["fieldConfig"]["defaults"]
    found = [(step["value"], step["color"]) for step in defaults["thresholds"]["steps"]]
    assert found == steps
    assert defaults["color"] == {"mode": "thresholds"}
    graph = panel(model, "CSAT", "timeseries")["fieldConfig"]["defaults"]
    assert graph["thresholds"] == defaults["thresholds"]
    assert graph["custom"]["thresholdsStyle"] == {"mode": "dashed"}


def test_colours_of_counts_step_by_one() -> None:
    """A count at its target has met it, the next count has not."""
    model = made(target("own", "ticket_backlog", "<= 0"))["tidemark-team"].model
    defaults = panel(model, "Backlog", "stat")["fieldConfig"]["defaults"]
    assert [step["value"] for step in defaults["thresholds"]["steps"]] == [None, 1]


def test_without_a_target_there_is_one_colour() -> None:
    """Nobody said what is good enough: no figure is red or green, no line is drawn."""
    model = made()["tidemark-team"].model
    defaults = panel(model, "Backlog", "stat")["fieldConfig"]["defaults"]
    assert len(defaults["thresholds"]["steps"]) == 1
    graph = panel(model, "Backlog", "timeseries")["fieldConfig"]["defaults"]
    assert graph["custom"]["thresholdsStyle"] == {"mode": "off"}


def test_durations_are_average_and_quantiles() -> None:
    """A duration is a mean and a 90 % quantile as numbers, with the median as lines."""
    model = made()["tidemark-team"].model
    title = shipped()["first_response_seconds"].title
    stat, graph = (panel(model, title, kind) for kind in ("stat", "timeseries"))
    assert 'stat=~"mean|p90"' in stat["targets"][0]["expr"]
    assert 'stat=~"mean|p50|p90"' in graph["targets"][0]["expr"]
    assert stat["fieldConfig"]["defaults"]["unit"] == "s"


def test_of_several_formulas_the_first_is_the_number() -> None:
    """The default formula is the number, all are drawn."""
    model = made()["tidemark-saas"].model
    stat, graph = (panel(model, "Customer churn", kind) for kind in ("stat", "timeseries"))
    assert 'variant="cohort"' in stat["targets"][0]["expr"]
    assert "variant=" not in graph["targets"][0]["expr"]


def test_a_choice_of_windows_is_those_that_kpis_have() -> None:
    """A dashboard offers the windows of its KPIs, 30 days first shown."""
    for number, uid in UIDS.items():
        kpis = [kpi for kpi in shipped() if number in kpi.dashboards]
        windows = {window for kpi in kpis for window in kpi.windows}
        choices = [v for v in made()[uid].model["templating"]["list"] if v["name"] == "window"]
        assert {o["value"] for v in choices for o in v["options"]} == windows
        if "30d" in windows:
            assert choices[0]["current"]["value"] == "30d"


def test_every_metric_of_the_service_has_a_panel() -> None:
    """What the exporter tells of the service is on the service's dashboard."""
    asked = {
        selector.metric
        for each in panels(made()[SERVICE].model)
        for query in each["targets"]
        for selector in selectors(query["expr"])
    }
    assert service_metrics() <= asked


@pytest.mark.parametrize("uid", UIDS.values())
def test_freshness_comes_first(uid: str) -> None:
    """On every dashboard the first panels say whether figures are live and how old data is."""
    first = [each["title"] for each in panels(made()[uid].model)[:3]]
    assert first == ["Figures", "Newest event", "Records behind"]
