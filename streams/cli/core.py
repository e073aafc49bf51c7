"""What several commands make first: the plan and the catalogue that the settings ask for."""

import argparse
from typing import TYPE_CHECKING

from aggregates.catalogue.catalogue import Catalogue
from aggregates.shard.plan import Plan
from streams.kpi_files import KpiFiles
from streams.settings import Settings, SettingsError

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001
else:
    Commands = object


def load_plan(settings: Settings) -> Plan:
    """Returns the plan.

    Raises:
        SettingsError: If a policy makes no sense, such as an unknown time zone.
    """
    try:
        return Plan(settings.policy)
    except ValueError as error:
        raise SettingsError(f"settings: {error}") from error


def load_kpis(settings: Settings) -> tuple[Plan, KpiFiles]:
    """Returns the plan, and the KPI files to follow.

    Raises:
        SettingsError: If a policy makes no sense, such as an unknown time zone.
        CatalogueError: If a KPI does not fit the measures.
    """
    plan = load_plan(settings)
    return plan, KpiFiles(plan.measures.values(), settings.kpi_files, plan.policy)


def load_core(settings: Settings) -> tuple[Plan, Catalogue]:
    """Returns the plan, and the catalogue as the KPI files are now.

    Raises:
        SettingsError: If a policy makes no sense, such as an unknown time zone.
        CatalogueError: If a KPI does not fit the measures.
    """
    plan, kpis = load_kpis(settings)
    return plan, kpis.current()
