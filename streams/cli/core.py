"""What several commands make first: the plan and the catalogue that the settings ask for."""

from aggregates.catalogue.catalogue import Catalogue
from aggregates.shard.plan import Plan
from events.zone import UnknownZoneError
from streams.kpi_files import KpiFiles
from streams.settings import Settings, SettingsError, place_of


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
