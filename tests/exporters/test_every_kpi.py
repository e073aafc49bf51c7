"""By reflection: every KPI has an oracle, events that feed it, data and a heading in the docs.

That each is on its dashboards is in ``dashboards/test_dashboards.py``, that every measure has the
oracle's figures in ``tests/oracle``, that pages are current in ``documents/test_documents.py``.
"""

import re
import tomllib
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import shipped_source
from aggregates.catalogue.kpi import Kpi, KpiUnit
from aggregates.formula.expression import OverKpis, reads
from aggregates.formula.parser import parse
from aggregates.policies.policy import GENERAL, Policy
from aggregates.rows.kind import DerivedKind
from aggregates.shard.plan import load_families
from events import EVENT_TYPES
from exporters.dashboards import missing_tiles
from tests.exporters.simulated import PLAN, samples, telling_edges

ROOT: Final = Path(__file__).parents[2]
ORACLE: Final = "\n".join(
    path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests/oracle/sql").iterdir())
)
KPI_PAGE: Final = (ROOT / "docs/kpis.md").read_text(encoding="utf-8")
SETTING_PAGE: Final = (ROOT / "docs/settings.md").read_text(encoding="utf-8")

ENTRIES: Final = {kpi["id"]: kpi for kpi in tomllib.loads(shipped_source().text)["kpi"]}
SHIPPED: Final = load(PLAN.measures.values(), shipped_source())
ABOUT_KPIS: Final = {k.id for k in SHIPPED if isinstance(k.variants[0].formula, OverKpis)}
"""KPIs about other KPIs: they read no measure and no event of their own."""

OF_ACCOUNTS: Final = {"account.created", "account.updated", "account.merged"}
"""Types that every figure depends on: they name segments, internal and merged accounts."""

HOT: Final = {"feature.used", "session.ended"}
"""Types that rows of users take as they are decoded, not by their kind."""

WITHOUT_KPI: Final[dict[str, str]] = {
    "surveys_apart": "names the surveys of measures by survey, which are for formulas of users",
    "further_windows": "gives measures more windows, for formulas of users",
}
"""Settings that change no shipped KPI, each with the reason."""

every_kpi = pytest.mark.parametrize("kpi", SHIPPED, ids=lambda kpi: kpi.id)


@cache
def exposed() -> dict[str, list[dict[str, str]]]:
    """Labels of the samples of each metric in expositions of the simulated company."""
    found: dict[str, list[dict[str, str]]] = {}
    for edge in telling_edges(SHIPPED):
        for name, labels in samples(SHIPPED, edge).items():
            found.setdefault(name, []).extend(labels)
    return found


def types_of(measure: str) -> set[str]:
    """The event types that the rows behind a measure take."""
    [family] = [f for f in load_families() if measure in {m.name for m in f.measures}]
    reads = family.reads
    kinds = reads.sources if isinstance(reads, DerivedKind) else (reads,)
    followed = {getattr(kind, "follows", None) for kind in kinds}
    kinds = (*kinds, *(kind for name, kind in PLAN.kinds.items() if name in followed))
    taken = OF_ACCOUNTS.union(*(kind.types for kind in kinds))
    return taken | (HOT if any(kind.name == "user" for kind in kinds) else set())


def measures_of(kpi: Kpi) -> list[str]:
    """The measures that a KPI reads, under any setting that chooses its formula."""
    others = ENTRIES[kpi.id].get("under", {})
    formulas = [parse(text) for name, text in others.items() if name != "setting"]
    read = [each.measure for formula in formulas for each in reads(formula)]
    return list(dict.fromkeys([*SHIPPED.measures_of(kpi), *read]))


@every_kpi
def test_formulas_parse_to_what_is_read(kpi: Kpi) -> None:
    """Each formula as written is the formula that is evaluated, and all count something."""
    assert kpi.unit in KpiUnit
    for variant in kpi.variants:
        assert parse(variant.text) == variant.formula
    assert bool(SHIPPED.measures_of(kpi)) == (kpi.id not in ABOUT_KPIS)


@every_kpi
def test_an_sql_file_computes_every_measure(kpi: Kpi) -> None:
    """The oracle names each measure that a formula reads."""
    missing = [name for name in measures_of(kpi) if f"'{name}'" not in ORACLE]
    assert not missing


@every_kpi
def test_sources_feed_the_measures(kpi: Kpi) -> None:
    """A source names types of events that exist and that the rows behind the KPI take, and there
    is one for each measure."""
    if kpi.id in ABOUT_KPIS:
        assert kpi.source
        return
    patterns = [pattern.strip() for pattern in kpi.source.split(",")]
    measures = measures_of(kpi)
    taken = [types_of(measure) for measure in measures]
    for pattern in patterns:
        types = {name for name in EVENT_TYPES if fnmatchcase(name, pattern)}
        assert types & set().union(*taken), pattern
    for measure, types in zip(measures, taken, strict=True):
        assert any(
            fnmatchcase(name, pattern) for name in types - OF_ACCOUNTS for pattern in patterns
        ), measure


OF_MISTAKES = {"tickets_never_created"}
"""KPIs that are 0 where producers make no mistake."""


@every_kpi
def test_the_simulated_company_has_data_of_it(kpi: Kpi) -> None:
    """A real exposition shows the KPI, over all accounts and by segment, with its labels, and with
    figures that are not all 0 but where that is as it should be."""
    found = exposed()
    if kpi.id in OF_MISTAKES:
        assert not found.get(kpi.metric), "the simulated company sends all that it should"
        return
    assert found.get(kpi.metric), "no figure of it but 0 in four months"
    assert {name for labels in found[kpi.metric] for name in labels} == set(kpi.label_names)
    if kpi.windows:
        assert {labels["window"] for labels in found[kpi.metric]} <= set(kpi.windows)
    assert f"cs_by_segment_{kpi.id}" in found
    if kpi.duration is not None:
        assert f"{kpi.metric}_distribution_bucket" in found
    if any(variant.parts for variant in kpi.variants):
        assert f"{kpi.metric}_denominator" in found


@every_kpi
def test_a_heading_of_the_page(kpi: Kpi) -> None:
    """The page of KPIs has it under its title, with its metric."""
    assert f"\n### {kpi.title}\n\n`{kpi.metric}`\n" in KPI_PAGE


def test_no_dashboard_promises_in_vain() -> None:
    """Every tile that a dashboard promises has its KPI."""
    assert missing_tiles(SHIPPED) == []


@pytest.mark.parametrize("name", Policy.model_fields)
def test_every_setting_is_explained_and_changes_something(name: str) -> None:
    """A setting of figures has a line with a meaning on its page, and a KPI that depends on it, as
    its measures or its formula say, or a reason why there is none."""
    row = re.search(rf"^\| `{name}` \| .* \| (.+) \|$", SETTING_PAGE, re.MULTILINE)
    assert row is not None
    changed = [
        kpi.id
        for kpi in SHIPPED
        if name in (*PLAN.policies_of(SHIPPED.measures_of(kpi)), *SHIPPED.settings_of(kpi))
    ]
    assert bool(changed) != (name in {*GENERAL, *WITHOUT_KPI})
