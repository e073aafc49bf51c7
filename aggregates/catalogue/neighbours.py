"""Neighbours: what a catalogue's KPIs say of each other, checked once all are known."""

from collections.abc import Mapping
from typing import Final

from aggregates.catalogue.file import Place
from aggregates.catalogue.headline import Headline
from aggregates.catalogue.kpi import Kpi, KpiUnit

MADE_NAMES: Final = (
    "week_ago_*",
    "by_segment_*",
    "*_numerator",
    "*_denominator",
    "*_distribution",
)
"""Names of what exporters show beside a KPI, which stands for *."""

NO_SIZES: Final = frozenset({KpiUnit.RATIO, KpiUnit.RATE, KpiUnit.SCORE, KpiUnit.SECONDS})
"""Units of figures that do not say how much there is of what they are about."""


def check_leasts(kpis: Mapping[str, tuple[Place, Kpi]]) -> None:
    """Refuses an ``alert_min`` of a KPI that is not there, or that has no single figure.

    A number is refused where the KPI is no size itself, nor computed over anything: 20 customers
    would be held against a share, which is never so large, and nothing would ever alert.

    Raises:
        CatalogueError: If one is so.
    """
    for place, kpi in kpis.values():
        least = kpi.alert_min
        if least is None:
            continue
        name = least.kpi
        if name is None:
            if least.value and kpi.unit in NO_SIZES and kpi.variants[0].over is None:
                raise place.error(
                    f"alert_min: {kpi.variants[0].text!r} as a whole is neither a quotient nor a "
                    "mean, of which a number could be the denominator; name a KPI that says how "
                    "much there is, such as { paying_accounts = 20 }"
                )
            continue
        if name not in kpis:
            raise place.error(f"alert_min: there is no KPI {name!r}")
        if Headline.of(kpis[name][1]) is None:
            raise place.error(f"alert_min: KPI {name!r} has several figures")


def check_names(places: Mapping[str, Place]) -> None:
    """Refuses a KPI that is called like what is shown beside another one.

    Two metrics of one name would be one series to Prometheus: of a KPI `week_ago_mrr` alerts would
    think that it is what MRR was, and that it never changes.

    Raises:
        CatalogueError: If one is so.
    """
    for kpi_id, place in places.items():
        for pattern in MADE_NAMES:
            prefix, _, suffix = pattern.partition("*")
            other = kpi_id.removeprefix(prefix).removesuffix(suffix)
            if other in places and kpi_id == f"{prefix}{other}{suffix}":
                raise place.error(f"its name is taken: it is shown beside KPI {other}")
