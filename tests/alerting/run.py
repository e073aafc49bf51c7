"""The run: stories to figures, figures to alerts, alerts to messages."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from aggregates.time.tile import TILE_MS
from exporters.rules import KPI_FILE, RuleOptions, write_rules
from tests.alerting.figures import Wanted, catalogue, shown
from tests.alerting.firing import LEAD_DAYS, STEP_MIN, Firing, Watched, firings
from tests.alerting.messages import Alert, Alertmanager, Kind, Message
from tests.alerting.scenarios import Scenario
from tests.alerting.scraped import DAY_SCRAPES
from tests.alerting.story import BEGIN_MS

ROUTES: Final = Path(__file__).parents[2] / "deploy" / "alertmanager" / "alertmanager.yml"

NOBODY: Final = "nobody"
"""The receiver that tells nobody."""


@dataclass(frozen=True)
class Outcome:
    """What became of a scenario.

    Attributes:
        scenario: The scenario.
        firings: The alerts that fired.
        sent: The messages, those to nobody included.
    """

    scenario: Scenario
    firings: Sequence[Firing]
    sent: Sequence[Message]

    def of(self, kind: Kind) -> list[Message]:
        """Returns the messages of a kind that somebody gets."""
        return [m for m in self.sent if m.kind is kind and m.receiver != NOBODY]

    @property
    def is_right(self) -> bool:
        """Whether as many messages with something new were sent as are right."""
        return self.scenario.messages in (None, len(self.of(Kind.NEW)))


def watched(scenario: Scenario, wanted: Wanted) -> Watched:
    """Tells a story, and scrapes what is shown of it."""
    scrapes = (scenario.days + LEAD_DAYS) * DAY_SCRAPES
    first = BEGIN_MS // TILE_MS + (scenario.first_day - LEAD_DAYS) * DAY_SCRAPES
    edges = first + np.arange(0, scrapes, 2, dtype=np.int64)  # half an hour; each is scraped twice
    figures = {
        key: np.repeat(values, 2) for key, values in shown(scenario.told(), wanted, edges).items()
    }
    targets = list(scenario.operation.targets(scrapes, scenario.name))
    return Watched(scenario.name, figures, targets, scenario.days)


def run(promtool: str, folder: Path, scenarios: Iterable[Scenario]) -> list[Outcome]:
    """Runs scenarios, all at once."""
    write_rules(folder, catalogue(), RuleOptions())
    rules = folder / KPI_FILE
    wanted, known = Wanted.by(_code(rules.read_text())), list(scenarios)
    companies = [watched(scenario, wanted) for scenario in known]
    fired = firings(promtool, rules, folder, companies)
    manager = Alertmanager.of(ROUTES.read_text())
    return [
        Outcome(each, fired[each.name], manager.messages([*map(alert, fired[each.name])]))
        for each in known
    ]


def _code(rules: str) -> str:
    """Leaves the texts of alerts out."""
    return re.sub(r"^\s+(summary|description): .*$", "", rules, flags=re.MULTILINE)


def alert(firing: Firing) -> Alert:
    """Returns a firing as it reaches Alertmanager, in seconds."""
    step_s = STEP_MIN * 60.0
    return Alert(firing.labels, firing.begin * step_s, firing.end * step_s)
