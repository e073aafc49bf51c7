"""Which dashboard an alert leads to."""

from typing import Final

from aggregates.catalogue.kpi import Kpi
from exporters.dashboards import service
from exporters.dashboards.tiles import BOARDS

SERVICE_UID: Final = service.UID
"""The dashboard about Tidemark itself."""

_UIDS: Final = {board.number: board.uid for board in BOARDS} | {service.NUMBER: SERVICE_UID}


def dashboard_of(kpi: Kpi) -> str | None:
    """Returns the uid of the first dashboard that shows a KPI, or None if none does."""
    return next((_UIDS[number] for number in kpi.dashboards if number in _UIDS), None)
