"""Variables: what a reader may choose on a dashboard."""

from collections.abc import Sequence
from typing import Any, Final

from aggregates.catalogue.headline import main_window
from exporters.dashboards.panel import DATASOURCE
from exporters.wording import window_title

Variable = dict[str, Any]

ANY: Final = ".+"
"""Stands for all jobs and instances."""

WHOLE: Final = "^$"
"""Stands for all segments: what matches a metric without that label, and nothing else."""

_ON_TIME_CHANGE: Final = 2
_BY_NAME: Final = 1
_ALL: Final = {"selected": True, "text": "All", "value": "$__all"}


def target_variables() -> list[Variable]:
    """Returns the variables of every dashboard: where figures come from."""
    source = {
        "type": "datasource",
        "name": "datasource",
        "label": "Data source",
        "query": "prometheus",
        "regex": "",
        "refresh": 1,
        "hide": 0,
        "multi": False,
        "includeAll": False,
        "options": [],
        "current": {"selected": True, "text": "default", "value": "default"},
    }
    metric = "tidemark_build_info"
    return [
        source,
        _query("job", "Job", f"label_values({metric}, job)", ANY),
        _query("instance", "Instance", f'label_values({metric}{{job=~"$job"}}, instance)', ANY),
    ]


def window_variable(windows: Sequence[str]) -> Variable:
    """Returns the choice of the window; KPIs that lack one keep their own."""
    titles = [(window_title(window), window) for window in windows]
    first = main_window(windows)
    options = [{"selected": value == first, "text": text, "value": value} for text, value in titles]
    return {
        "type": "custom",
        "name": "window",
        "label": "Window",
        "description": "A KPI without this window shows its own; its name says which.",
        "query": ",".join(f"{text} : {value}" for text, value in titles),
        "hide": 0,
        "multi": False,
        "includeAll": False,
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
        "type": "query",
        "name": name,
        "label": label,
        "datasource": DATASOURCE,
        "definition": query,
        "query": {"query": query, "refId": f"variable-{name}"},
        "regex": "",
        "refresh": _ON_TIME_CHANGE,
        "sort": _BY_NAME,
        "hide": 0,
        "multi": True,
        "includeAll": True,
        "allValue": everything,
        "options": [],
        "current": _ALL,
    }
