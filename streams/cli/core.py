"""What several commands make first: the plan and the catalogue that the settings ask for."""

from typing import Final

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.kpi import Kpi
from aggregates.shard.plan import Plan
from events.errors import TidemarkError
from events.spelling import did_you_mean
from events.zone import UnknownZoneError
from streams.kpi_files import KpiFiles
from streams.settings import Settings, SettingsError, place_of

_MEANT_MAX: Final = 3
"""KPIs that an error names, at most."""


def load_kpis(settings: Settings) -> tuple[Plan, KpiFiles]:
    """Returns the plan, and the KPI files to follow.

    Raises:
        SettingsError: If a policy makes no sense, such as an unknown time zone.
        CatalogueError: If a KPI does not fit the measures.
    """
    try:
        plan = Plan(settings.policy)
    except UnknownZoneError as error:
        raise SettingsError(f"{place_of(settings, 'timezone')}: {error}") from error
    except ValueError as error:
        said = str(error).removeprefix("further_windows: ")
        raise SettingsError(f"{place_of(settings, 'further_windows')}: {said}") from error
    return plan, KpiFiles(plan.measures.values(), settings.kpi_files, plan.policy)


def load_core(settings: Settings) -> tuple[Plan, Catalogue]:
    """Returns the plan, and the catalogue of the KPI files; raises as ``load_kpis`` does."""
    plan, kpis = load_kpis(settings)
    return plan, kpis.current()


def kpi_named(catalogue: Catalogue, name: str, where: str = "") -> Kpi:
    """Returns a KPI by its id, or by the name of its metric.

    Args:
        catalogue: The KPIs.
        name: Such as ``mrr`` or ``cs_mrr``.
        where: What the error begins with: the option.

    Raises:
        TidemarkError: If there is none of that name.
    """
    by_name = {kpi.metric: kpi for kpi in catalogue} | {kpi.id: kpi for kpi in catalogue}
    if name not in by_name:
        hint = did_you_mean(name, by_name) or "; `tidemark kpis` lists them"
        if called := [kpi.id for kpi in catalogue if _initials(kpi).startswith(name.lower())]:
            hint = f"; did you mean {' or '.join(called[:_MEANT_MAX])}?"
        raise TidemarkError(f"{where}there is no KPI {name!r}{hint}")
    return by_name[name]


def _initials(kpi: Kpi) -> str:
    """Returns what people in the field may call a KPI: ``nrrr`` of net_revenue_retention_ratio."""
    return "".join(word[:1] for word in kpi.id.split("_"))
