"""The seam: where history ends and live scraping begins, and what must be said of it.

Nothing but a second backfill closes a hole there, and nobody sees it before a graph has one.
"""

from exporters.history.servers import LOOK_BACK_S, MetricsServer
from exporters.history.target_labels import TargetLabels
from exporters.history.time_range import TimeRange, fillable_from_s, rfc3339


def after_history(server: MetricsServer, scope: TargetLabels, filled: TimeRange, now_s: int) -> str:
    """Says what follows a history that was just filled: a hole, with its two ends, or none.

    Raises:
        HistoryError: If the server cannot be asked.
    """
    ends = f"history ends at {rfc3339(filled.last_s)}"
    few = server.few(scope)
    next_s = server.first_s(few, filled.last_s + 1, now_s) if few else None
    if next_s is None:
        return (
            f"{ends}, and nothing has been scraped since: let Prometheus scrape the exporter, and "
            f"fill what is missing three hours later, --from {rfc3339(filled.last_s + 1)}"
        )
    follows = f"what follows begins at {rfc3339(next_s)}"
    if next_s - filled.last_s <= filled.step_s + LOOK_BACK_S:
        return f"{ends}, {follows}: no hole between them"
    return (
        f"a hole: {ends}, {follows}; it can be filled from {rfc3339(fillable_from_s(next_s))} on, "
        f"by the same command --from {rfc3339(filled.last_s + 1)} --to {rfc3339(next_s - 1)}"
    )


def coarse(every: str, step_s: int) -> str:
    """Says what samples so far apart do not serve in Prometheus; empty if they serve all.

    >>> coarse("5m", 300), coarse("1h", 3_600)[:23]
    ('', '--every 1h: Prometheus ')
    """
    if step_s <= LOOK_BACK_S:
        return ""
    return (
        f"--every {every}: Prometheus looks back 5 minutes for a sample, so a query finds these "
        f"only at their own times; graphs with a step that is no multiple of {every} have gaps, "
        f"dashboards too. Say last_over_time(cs_mrr[{every}]) in queries of yours, or fill with "
        "--every 5m. Alerts do not read history"
    )
