"""What several commands make first: the plan and the catalogue that the settings ask for."""

import argparse
from typing import TYPE_CHECKING

from aggregates.catalogue import Catalogue, load, shipped_source
from aggregates.plan import Plan
from streams.settings import Settings, SettingsError

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001
else:
    Commands = object


def load_core(settings: Settings) -> tuple[Plan, Catalogue]:
    """Gives the plan and the catalogue.

    Raises:
        SettingsError: If a policy makes no sense, such as an unknown time zone.
        CatalogueError: If a KPI does not fit the measures.
    """
    try:
        plan = Plan(settings.policy)
    except ValueError as error:
        raise SettingsError(f"settings: {error}") from error
    return plan, load(plan.measures.values(), shipped_source())
