"""The generated pages of ``docs/``: current, complete, and without secrets."""

import re
from pathlib import Path

import pytest

from aggregates.catalogue import load
from aggregates.catalogue_file import shipped_source
from aggregates.plan import Plan
from aggregates.policy import GENERAL, Policy
from events import EVENT_TYPES
from exporters.documents import event_page, kpi_page, setting_page
from streams.settings import Settings
from tests.conftest import Golden

DOCS = Path(__file__).parents[3] / "docs"

PLAN = Plan()
CATALOGUE = load(PLAN.measures.values(), shipped_source())
PAGES = {
    "kpis.md": kpi_page(CATALOGUE, PLAN),
    "events.md": event_page(),
    "settings.md": setting_page(Settings.model_fields, Policy.model_fields),
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_current(name: str, golden: Golden) -> None:
    """What is kept in docs/ is what the command writes now."""
    golden(DOCS / name, PAGES[name])


def test_every_kpi_has_a_definition() -> None:
    """Each KPI has its metric, its definition, and a row with its formula."""
    for kpi in CATALOGUE:
        section = PAGES["kpis.md"].split(f"\n`{kpi.metric}`\n", 1)[1].split("\n### ", 1)[0]
        assert kpi.description in section
        assert all(f"`{variant.text}`" in section for variant in kpi.variants)


def test_every_event_type_has_its_fields() -> None:
    """Each type has a section that names every field of its model."""
    for name, kind in EVENT_TYPES.items():
        section = PAGES["events.md"].split(f"\n### `{name}`\n", 1)[1].split("\n### ", 1)[0]
        for field in kind.model.model_fields:
            assert f"| `{field}` |" in section, (name, field)


def test_every_setting_has_a_meaning() -> None:
    """Each setting is there with a meaning, and a secret without its default."""
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| (.*) \|$", PAGES["settings.md"], re.MULTILINE))
    assert set(rows) == set(Settings.model_fields)
    assert all(rows.values()), [name for name, meaning in rows.items() if not meaning]
    assert "redis://" not in PAGES["settings.md"]


def test_every_policy_is_somebodys() -> None:
    """A policy that no family or formula names is one of all: `tidemark kpis` shows each."""
    named = {name for policies in PLAN.policies.values() for name in policies}
    named |= {name for kpi in CATALOGUE for name in CATALOGUE.settings_of(kpi)}
    assert named | set(GENERAL) == set(Policy.model_fields)
