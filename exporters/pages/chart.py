"""A chart: lines over time on one scale, with what a reader may read off it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from aggregates.catalogue.kpi import Kpi, KpiUnit
from exporters.pages.course import Course
from exporters.pages.plot import TIME_STEPS, Scale, path
from exporters.pages.template import moment
from exporters.wording import benchmark, figure

_LEFT, _TOP, _RIGHT, _BOTTOM = 90, 12, 16, 28
_TIMES: Final = 5


@dataclass(frozen=True, slots=True)
class Size:
    """How large a chart is drawn, in steps of its own."""

    width: int
    height: int
    times: int = _TIMES


LARGE: Final = Size(960, 300)
SMALL: Final = Size(460, 170, 2)


def chart(
    title: str,
    unit: KpiUnit,
    currency: str,
    course: Course,
    values: Sequence[float],
    *,
    before: Sequence[float] = (),
    size: Size = SMALL,
    kpi: Kpi | None = None,
    alike: Sequence[float] = (),
) -> dict[str, Any]:
    """Returns what a template draws.

    Args:
        title: What is drawn.
        unit: Its unit.
        currency: The reporting currency.
        course: Gives the edges.
        values: The values at them.
        before: Those of the span before; none to be drawn without.
        size: How large it is.
        kpi: The KPI whose target and limit are drawn; None for neither.
        alike: Values that the scale has to hold too, so that charts can be compared.
    """
    limits = [] if kpi is None else _limits(kpi, currency)
    steps = TIME_STEPS if unit is KpiUnit.SECONDS else None
    scale = Scale.of([*values, *before, *alike, *(limit["value"] for limit in limits)], steps)
    width, height = size.width - _LEFT - _RIGHT, size.height - _TOP - _BOTTOM

    def y(value: float) -> float:
        return round(_TOP + height * (1 - (value - scale.low) / (scale.high - scale.low)), 1)

    return {
        "title": title,
        "width": size.width,
        "height": size.height,
        "left": _LEFT,
        "right": size.width - _RIGHT,
        "top": _TOP,
        "bottom": size.height - _BOTTOM,
        "ticks": [{"y": y(tick), "text": figure(tick, unit, currency)} for tick in scale.ticks],
        "times": list(_times(course.edges, width, size.times)),
        "line": path(values, scale, width, height),
        "before": path(before, scale, width, height) if before else "",
        "limits": [{**limit, "y": y(limit["value"])} for limit in limits],
        "now": figure(values[-1], unit, currency),
        "points": list(_points(course.edges, values, before, unit, currency)),
    }


def _limits(kpi: Kpi, currency: str) -> list[dict[str, Any]]:
    """Returns the target in force, and the limit of alerts where that is another."""
    found = [("target", target) for target in kpi.targets[:1]]
    if kpi.acceptable is not None and kpi.acceptable not in kpi.targets[:1]:
        found.append(("alert unless", kpi.acceptable))
    return [
        {
            "value": target.value,
            "text": f"{name} {benchmark(target, kpi.unit, currency)}",
            "kind": name.split()[0],
        }
        for name, target in found
    ]


def _times(edges: Sequence[int], width: int, count: int) -> list[dict[str, Any]]:
    last = len(edges) - 1
    places = sorted({round(n * last / (count - 1)) for n in range(count)})
    return [
        {
            "x": round(_LEFT + width * place / last, 1),
            "text": moment(edges[place])[:10],
            "anchor": "start" if place == 0 else "end" if place == last else "middle",
        }
        for place in places
    ]


def _points(
    edges: Sequence[int],
    values: Sequence[float],
    before: Sequence[float],
    unit: KpiUnit,
    currency: str,
) -> list[str]:
    """Returns in words what there is at each time."""
    told = []
    for place, (edge, value) in enumerate(zip(edges, values, strict=True)):
        text = f"{moment(edge)[:16].replace('T', ' ')}: {figure(value, unit, currency)}"
        if before:
            text += f"; the time before {figure(before[place], unit, currency)}"
        told.append(text)
    return told
