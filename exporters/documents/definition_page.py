"""The page of other published definitions, from a file of KPIs over the shipped catalogue."""

from collections.abc import Iterator

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.kpi import Kpi, family_title
from exporters.documents.markdown import code, formulas, page, table

_OF_NO_LIST = "+"
"""Code of KPIs without a number of their own: it does not say what belongs together."""

_COLUMNS = ("KPI", "beside", "unit", "windows", "formula", "definition")


def definition_page(catalogue: Catalogue, shipped: Catalogue, path: str) -> str:
    """Returns the page.

    Args:
        catalogue: The shipped KPIs and those of the file.
        shipped: Only the shipped KPIs.
        path: Where the file is, for readers.
    """
    return page(_blocks(catalogue, shipped, path))


def _blocks(catalogue: Catalogue, shipped: Catalogue, path: str) -> Iterator[str]:
    yield "# Other definitions"
    yield f"Generated from {code(path)} (`make golden`); do not edit."
    yield (
        "Systems that report the same KPI seldom compute the same figure. Tidemark ships one "
        "definition of each ([KPIs](kpis.md)), and three ways to another:"
    )
    yield (
        "1. Where something else is *counted*, such as pauses as churn, all answers in place of "
        "the latest, or business hours, it is a [setting](settings.md): the shipped KPI changes, "
        "for all of time.\n"
        "2. Where the same counts make another *formula*, it is an entry of the file "
        f"{code(path)}. Name the file in the settings, or copy the entries that you want into one "
        "of yours; each KPI then stands beside the shipped ones, live, by segment, in replays and "
        "on dashboards.\n"
        "3. What neither has is a [few lines of your own](add-a-kpi.md)."
    )
    yield f'```toml\n# tidemark.toml\nkpi_files = ["{path}"]\n```'
    for family, kpis in catalogue.families.items():
        if own := [kpi for kpi in kpis if kpi.id not in shipped]:
            yield f"## {family_title(family)}"
            yield table(_COLUMNS, (_row(kpi, shipped) for kpi in own))


def _row(kpi: Kpi, shipped: Catalogue) -> tuple[str, ...]:
    beside = [
        code(other.metric)
        for other in shipped
        if other.code == kpi.code and kpi.code != _OF_NO_LIST
    ]
    return (
        f"{kpi.title}<br>{code(kpi.metric)}",
        "<br>".join(beside),
        str(kpi.unit),
        ", ".join(kpi.windows),
        "<br>".join(formulas(kpi)),
        kpi.description,
    )
