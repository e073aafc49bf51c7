"""What the doctor says of history in Prometheus: it fits what is scraped, or how to mend it."""

from collections.abc import Iterator

from exporters.history.error import HistoryError
from exporters.history.inspection import Seam, Stranger, seam, strangers
from exporters.history.servers import LOOK_BACK_S, RunningPrometheus, retention_s
from exporters.history.time_range import fillable_from_s, rfc3339
from streams.doctor import Finding, fail, ok, warn

_YEARS_S = 10 * 365 * 86_400
"""How far back scraping is looked for if a server keeps samples by size."""


def check_history(url: str, job: str, now_s: int) -> Iterator[Finding]:
    """Checks the history of a job's figures in a Prometheus.

    Args:
        url: Where it is.
        job: Name of the job that scrapes the exporter.
        now_s: The time, in seconds of the epoch.
    """
    try:
        server = RunningPrometheus(url)
        kept_s = retention_s(server.retention()) or _YEARS_S
        found = seam(server, job, now_s - kept_s, now_s)
        if found is not None:
            yield seam_finding(found)
        for stranger in strangers(server, job, now_s):
            yield stranger_finding(stranger, server.url)
    except HistoryError as error:
        what = f"cannot be looked at: {error}"
        yield warn("history", what, "look at the log of Prometheus, and ask again")


def seam_finding(found: Seam) -> Finding:
    """Judges where history ends and scraping begins."""
    begins = rfc3339(found.scraped_from_s)
    if found.history_to_s is None:
        return ok("history", f"none before {begins}, the first scrape; tidemark backfill makes it")
    ends = rfc3339(found.history_to_s)
    if found.scraped_from_s - found.history_to_s <= found.step_s + LOOK_BACK_S:
        return ok("history", f"ends at {ends}; scraped from {begins} on")
    mend = (
        f"from {rfc3339(fillable_from_s(found.scraped_from_s))} on: tidemark backfill SOURCE "
        f"--from {rfc3339(found.history_to_s + 1)} --to {rfc3339(found.scraped_from_s - 1)} "
        "--prometheus-data DIR --prometheus-url URL"
    )
    what = f"a hole: history ends at {ends}, the first scraped sample is of {begins}"
    return warn("history", what, mend)


def stranger_finding(found: Stranger, url: str) -> Finding:
    """Judges figures under labels that no scraped target has."""
    mend = (
        f"curl -X POST {url}/api/v1/admin/tsdb/delete_series --data-urlencode "
        f"'match[]={found.selector}', and fill again with --prometheus-url, without "
        '--instance; docs/backfill.md, "Every figure twice"'
    )
    seen = f"history has {found.labels}, the scraped exporter {found.scraped}"
    if found.together_s is None:
        return warn("history labels", f"{seen}: two series for each figure", mend)
    first, last = map(rfc3339, found.together_s)
    return fail("history labels", f"every figure twice from {first} to {last}: {seen}", mend)
