"""The definition of a KPI as an object for programs: what commands and the API tell of it."""

from typing import Annotated, Any, Self

from msgspec import Meta, Struct

from aggregates.catalogue.kpi import Kpi
from aggregates.catalogue.prose import kpi_in_words
from aggregates.catalogue.watched import WatchedSeries


def _said(text: str) -> Meta:
    return Meta(description=text)


class Definition(Struct, kw_only=True):
    """What a KPI is."""

    id: Annotated[str, _said("The name of the KPI.")]
    code: Annotated[str, _said("The code of its definition.")]
    metric: Annotated[str, _said("The name of its gauge.")]
    title: Annotated[str, _said("Its name for people.")]
    family: Annotated[str, _said("The group that it is shown with.")]
    formula: Annotated[str, _said("How it is read from measures; of several, each with its label.")]
    in_words: Annotated[str, _said("The formula in words.")]
    unit: Annotated[str, _said("money (major units of the currency), ratio, seconds, count, ...")]
    windows: Annotated[list[str], _said("What it may be read over; none for one of the moment.")]
    labels: Annotated[list[str], _said("The labels that its values carry.")]
    good: Annotated[str, _said("The direction in which it is better: up, down or none.")]
    targets: Annotated[dict[str, str], _said("Benchmarks by name, the one in force first.")]
    acceptable: Annotated[str | None, _said("What it must keep to, or there is an alert.")]
    band: Annotated[float, _said("How far beyond that it must come back before the alert ends.")]
    week_alert: Annotated[
        float | None, _said("The change for the worse in a week that is worth an alert.")
    ]
    alert_change_min: Annotated[float, _said("The least such change, in its unit.")]
    alert_min: Annotated[str | None, _said("From which size on it alerts.")]
    source: Annotated[str, _said("The events that it comes from.")]
    seeds: Annotated[list[str], _said("Lists of KPIs that ask for it.")]
    dashboards: Annotated[list[int], _said("Numbers of the dashboards that show it.")]
    description: Annotated[str, _said("The definition, with its edge cases.")]
    settings: Annotated[dict[str, Any], _said("The settings that it depends on, as in force.")]

    @classmethod
    def of(cls, kpi: Kpi, settings: dict[str, Any], **more: Any) -> Self:
        """Returns what is told of a KPI, given the settings that it depends on."""
        watched = WatchedSeries.of(kpi)
        return cls(
            id=kpi.id,
            code=kpi.code,
            metric=kpi.metric,
            title=kpi.title,
            family=kpi.family,
            formula=kpi.formula_text,
            in_words=kpi_in_words(kpi),
            unit=str(kpi.unit),
            windows=list(kpi.windows),
            labels=list(kpi.label_names),
            good=str(kpi.good),
            targets={target.name: str(target) for target in kpi.targets},
            acceptable=str(kpi.acceptable) if kpi.acceptable else None,
            band=kpi.band,
            week_alert=watched.week_alert,
            alert_change_min=kpi.alert_change_min,
            alert_min=str(watched.least) if watched.least else None,
            source=kpi.source,
            seeds=list(kpi.seeds),
            dashboards=list(kpi.dashboards),
            description=" ".join(kpi.description.split()),
            settings=settings,
            **more,
        )
