"""Variables: what a reader may choose on a dashboard."""

from collections.abc import Sequence
from typing import Any, Final

from aggregates.catalogue.headline import main_window
from exporters.dashboards.panel import GRAFANA
from exporters.wording import window_title

Variable = dict[str, Any]

ANY: Final = ".+"
"""Matches all jobs and instances."""

WHOLE: Final = "^$"
"""Matches what has no such label, and nothing else: all accounts, not the segments."""


def target_variables() -> list[Variable]:
    """Returns the variables of every dashboard: where figures come from."""
    metric = "tidemark_build_info"
    return [
        GRAFANA["variable"]["datasource"],
        _query("job", "Job", f"label_values({metric}, job)", ANY),
        _query("instance", "Instance", f'label_values({metric}{{job=~"$job"}}, instance)', ANY),
    ]


def window_variable(windows: Sequence[str]) -> Variable:
    """Returns the choice of the window; KPIs that lack one keep their own."""
    titles = [(window_title(window), window) for window in windows]
    first = main_window(windows)
    options = [{"selected": value == first, "text": text, "value": value} for text, value in titles]
    return {
        **GRAFANA["variable"]["custom"],
        "query": ",".join(f"{text} : {value}" for text, value in titles),
        "options": options,
        "current": next(option for option in options if option["selected"]),
    }


def segment_variables(segments: Sequence[str]) -> list[Variable]:
    """Returns a choice for each attribute; All is every account, not each segment by itself."""
    others = " Choose a value of each attribute." if len(segments) > 1 else ""
    return [
        {
            **_query(
                name,
                name.replace("_", " ").capitalize(),
                f'label_values({{__name__=~"cs_by_segment_.+", job=~"$job"}}, {name})',
                WHOLE,
            ),
            "description": f"All is all accounts as one, never a sum of segments.{others}",
        }
        for name in segments
    ]


def _query(name: str, label: str, query: str, everything: str) -> Variable:
    return {
        **GRAFANA["variable"]["query"],
        "name": name,
        "label": label,
        "definition": query,
        "query": {"query": query, "refId": f"variable-{name}"},
        "allValue": everything,
    }
