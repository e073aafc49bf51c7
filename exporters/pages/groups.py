"""Groups of the index page: those of the dashboards, each KPI once, where it matters most."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.kpi import Kpi
from exporters.dashboards.outline import OUTLINES, Outline

_OTHERS: Final = Outline(
    0, "others", "Other KPIs", "KPIs of your own files, and others that are on no dashboard."
)


@dataclass(frozen=True, slots=True)
class Group:
    """KPIs that are shown together.

    Attributes:
        id: Its name in addresses.
        title: Its name for people.
        description: What it is about.
        kpis: Those that are shown here, what the dashboard promises first.
        elsewhere: Those of the dashboard that another group shows.
        tables: KPIs about other KPIs, whose figures are states of tiles.
    """

    id: str
    title: str
    description: str
    kpis: list[Kpi] = field(default_factory=list)
    elsewhere: list[Kpi] = field(default_factory=list)
    tables: list[Kpi] = field(default_factory=list)


def groups_of(catalogue: Catalogue) -> list[Group]:
    """Returns the groups that have any KPI, in the order of the dashboards."""
    found = []
    homes = {kpi.id: _home(kpi, OUTLINES) for kpi in catalogue}
    for outline in (*OUTLINES, _OTHERS):
        group = Group(outline.uid.removeprefix("tidemark-"), outline.title, outline.description)
        for kpi in _ordered(catalogue, outline):
            if homes[kpi.id] == outline.number:
                (group.tables if is_about_kpis(kpi) else group.kpis).append(kpi)
            elif outline.number in kpi.dashboards:
                group.elsewhere.append(kpi)
        if group.kpis or group.tables:
            found.append(group)
    return found


def is_about_kpis(kpi: Kpi) -> bool:
    """Returns whether a KPI is about other KPIs."""
    return kpi.is_about_kpis


def _home(kpi: Kpi, outlines: Iterable[Outline]) -> int:
    """Returns the dashboard that promises a KPI, or the first that shows it; 0 for none."""
    own = [outline for outline in outlines if outline.number in kpi.dashboards]
    promising = (each for each in own if kpi.id in {named for _, named in each.promised})
    return next(promising, own[0] if own else _OTHERS).number


def _ordered(catalogue: Catalogue, outline: Outline) -> list[Kpi]:
    """Returns all KPIs, those that a dashboard promises first and in its order."""
    promised = [kpi_id for _, kpi_id in outline.promised if kpi_id in catalogue]
    first = [catalogue[kpi_id] for kpi_id in dict.fromkeys(promised)]
    return [*first, *(kpi for kpi in catalogue if kpi.id not in promised)]
