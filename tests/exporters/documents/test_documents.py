"""The generated pages of ``docs/``: current, complete, and without secrets."""

import re
from pathlib import Path

import pytest

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import shipped_source
from aggregates.catalogue.kpi import family_title
from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from events import EVENT_TYPES
from events.docstrings import docstrings_of
from events.examples import example_line
from events.fields import TIMESTAMP_OUT_OF_BAND
from exporters.documents import event_page, kpi_page, setting_page
from exporters.documents.event_rules import REASONS
from streams.settings import Settings
from streams.settings.schema import allowed_values
from tests.conftest import Golden

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"

PLAN = Plan()
CATALOGUE = load(PLAN.measures.values(), shipped_source())
PAGES = {
    "kpis.md": kpi_page(CATALOGUE, PLAN),
    "events.md": event_page(),
    "settings.md": setting_page(Settings, Policy.model_fields, allowed_values()),
}


def _source(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


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


def test_the_index_links_every_kpi() -> None:
    """The index has each KPI with its unit, and its links are the anchors of the headings."""
    index, _ = PAGES["kpis.md"].split("\n## ", 1)
    headings = re.findall(r"^###? (.+)$", PAGES["kpis.md"], re.MULTILINE)
    links = re.findall(r"\[(.+?)\]\(#(.+?)\)", index)
    assert [title for title, _ in links] == headings
    slugs = [re.sub(r"[^a-z0-9 _-]", "", title.lower()).replace(" ", "-") for title in headings]
    numbered = [
        f"{slug}-{before}" if (before := slugs[:place].count(slug)) else slug
        for place, slug in enumerate(slugs)
    ]
    assert [anchor for _, anchor in links] == numbered
    rows = re.findall(r"^\| \[(.+)\]\(#.+\) \| (.+) \|$", index, re.MULTILINE)
    assert rows == [(kpi.title, str(kpi.unit)) for kpi in CATALOGUE]


def _settings(line: str) -> set[str]:
    return set(re.findall(r"`(\w+)` \(", line))


def test_every_kpi_has_its_settings() -> None:
    """A KPI has the settings of its family, and more or others where its section says so."""
    families = dict(
        re.findall(r"^## (.+)\n\n(?:\[Settings\].*?: (.+)\n)?", PAGES["kpis.md"], re.MULTILINE)
    )
    for kpi in CATALOGUE:
        section = PAGES["kpis.md"].split(f"\n`{kpi.metric}`\n", 1)[1]
        section = re.split(r"^##", section, maxsplit=1, flags=re.MULTILINE)[0]
        family = families[family_title(kpi.family)]
        said = re.search(r"^(Further settings|Settings.*?): (.+)\.$", section, re.MULTILINE)
        names = _settings(family)
        if said is not None:
            own = _settings(said[2])
            other = re.match(r"those of \[(.+?)\]", said[2])
            own |= _settings(families[other[1]]) if other else set()
            names = names | own if said[1] == "Further settings" else own
        wanted = PLAN.policies_of(CATALOGUE.measures_of(kpi)), CATALOGUE.settings_of(kpi)
        assert names == {*wanted[0], *wanted[1]}, kpi.id


def _event_section(name: str) -> str:
    section = PAGES["events.md"].split(f"\n### `{name}`\n", 1)[1]
    return re.split(r"^##", section, maxsplit=1, flags=re.MULTILINE)[0]


def test_every_event_type_has_its_fields() -> None:
    """Each type has a section with an example and every field, its own or of a type it names."""
    head = PAGES["events.md"].split("\n### ", 1)[0]
    for name, kind in EVENT_TYPES.items():
        section = _event_section(name)
        assert example_line(name) in section
        like = re.search(r"^Fields are those of `(.*?)`", section, re.MULTILINE)
        told = section + (_event_section(like[1]) if like else "")
        meanings = docstrings_of(kind.model)
        for field in kind.model.model_fields:
            row = re.search(rf"^\| `{field}` \|.*\|$", f"{told}\n{head}", re.MULTILINE)
            assert row, (name, field)
            assert meanings[field]
            if not like:
                assert " ".join(meanings[field].split()) in row[0]


_SHARD = "aggregates/shard/shard.py"


def test_every_reason_of_a_dead_letter_is_explained() -> None:
    """The reasons that the code gives are those of the page, each with a meaning."""
    given = {
        *re.findall(r"RejectedError\(\s*\"(\w+)\"", _source("events/codec.py")),
        *re.findall(r"reason = \"(\w+)\"", _source("events/codec.py")),
        *re.findall(r"Refusal\(event\.index, \"(\w+)\"", _source(_SHARD)),
        *map(str.lower, re.findall(r"^    Outcome\.(\w+): ", _source(_SHARD), re.MULTILINE)),
        *re.findall(r"Bad\(number, line, \"(\w+)\"", _source("streams/kafka/routing.py")),
        TIMESTAMP_OUT_OF_BAND,
    }
    assert given == set(REASONS)
    for reason, meaning in REASONS.items():
        assert f"| `{reason}` | {meaning} |" in PAGES["events.md"]


def test_every_setting_has_a_meaning() -> None:
    """Each setting is there with a meaning, and a secret without its default."""
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| (.*) \|$", PAGES["settings.md"], re.MULTILINE))
    assert set(rows) == set(Settings.model_fields)
    assert all(rows.values()), [name for name, meaning in rows.items() if not meaning]
    assert "redis://" not in PAGES["settings.md"]
