"""Watched series as PromQL: what is recorded of them, and how they are called in texts."""

from typing import Final

from aggregates.catalogue.watched import MOVES, WatchedSeries
from exporters.dashboards.query import matcher
from exporters.wording import window_title

BRIDGED: Final = "30m"
"""How long the last value stands in for a scrape that failed, a restart or a new version."""


def newest(series: WatchedSeries, metric: str) -> str:
    """Writes the value of a metric of a KPI, once, however many exporters show it.

    Only the labels that the KPI has are kept: those of targets come and go with deploys.
    """
    matchers = []
    if series.kpi.variant_label is not None:
        matchers.append(matcher(series.kpi.variant_label, series.variant or ""))
    if series.window is not None:
        matchers.append(matcher("window", series.window))
    selector = metric + (f"{{{', '.join(matchers)}}}" if matchers else "")
    return f"max by ({listed(series)}) (last_over_time({selector}[{BRIDGED}]))"


def listed(series: WatchedSeries) -> str:
    """Lists the labels of all that is recorded of a KPI."""
    return ", ".join(("job", *series.kpi.label_names))


def recorded(series: WatchedSeries, part: str, operation: str = "now") -> str:
    """Names what is recorded of a KPI, or of its numerator or denominator."""
    return f"job:{series.kpi.metric}{part}:{operation}"


def now(series: WatchedSeries) -> str:
    """Names the figure of this moment."""
    return recorded(series, "")


def week_ago(series: WatchedSeries) -> str:
    """Names the figure of a week ago, as the ledger has it."""
    return recorded(series, "", "week_ago")


def size(series: WatchedSeries) -> str:
    """Names the larger figure of now and a week ago, by which small companies are told apart."""
    return recorded(series, "", "size")


def change(series: WatchedSeries) -> str:
    """Names the change since, in the KPI's own way."""
    return recorded(series, "", "change7d_ratio" if MOVES[series.kpi.unit].relative else "change7d")


def exact(difference: str) -> str:
    """Writes a difference to the ninth digit: 20 % - 15 % of floats is more than 5 points."""
    return f"round(1e9 * ({difference})) / 1e9"


def words(series: WatchedSeries) -> str:
    """Writes title, window and variant, for people."""
    parts = [] if series.window is None else [window_title(series.window)]
    if series.variant is not None:
        parts.append(f"{series.kpi.variant_label} {series.variant}")
    return plain(series.kpi.title + (f" ({', '.join(parts)})" if parts else ""))


def plain(text: str) -> str:
    """Keeps a text from being read as a template.

    >>> plain("MRR {{x}}")
    'MRR {{ "{{" }}x}}'
    """
    return text.replace("{{", '{{ "{{" }}')


def number(value: float) -> str:
    """Writes a number for PromQL, as it was written in the catalogue.

    >>> number(0.05), number(50.0), number(-1.5), number(0.05 - 0.005)
    ('0.05', '50', '-1.5', '0.045')
    """
    return str(int(value)) if value.is_integer() else repr(round(value, 12))


def camel(name: str) -> str:
    """Writes an id in CamelCase.

    >>> camel("csat_ratio")
    'CsatRatio'
    """
    return "".join(part.capitalize() for part in name.split("_"))
