"""Checks of Prometheus: it scrapes us, keeps history, takes what is late, and has our rules."""

import re
from collections.abc import Iterator
from typing import Any, Final

from streams.clock import now_ms
from streams.doctor.finding import Finding, fail, listed, ok, warn
from streams.doctor.redis_server import CLOCKS_APART_S
from streams.doctor.web import NoAnswerError, Site

RETENTION_LEAST_DAYS: Final = 400
"""The longest window is a year; comparisons with it look back a month more."""

_SECONDS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_DAYS: Final = {unit: s / 86_400 for unit, s in _SECONDS.items()} | {"w": 7.0, "y": 365.0}
_DURATION: Final = re.compile(r"(\d+)(ms|[smhdwy])")
_WINDOW: Final = re.compile(r"^\s*out_of_order_time_window:\s*(\S+)", re.MULTILINE)
_OURS: Final = re.compile(r"tidemark", re.IGNORECASE)


def days_of(duration: str) -> float | None:
    """How many days one of Prometheus's durations has, or None if it says nothing of time.

    >>> days_of("5y"), days_of("1d12h"), days_of("10GiB") is None
    (1825.0, 1.5, True)
    """
    parts = _DURATION.findall(duration)
    if not parts or "".join(f"{count}{unit}" for count, unit in parts) != duration:
        return None
    return sum(int(count) * _DAYS[unit] for count, unit in parts)


def check_prometheus(url: str, job: str) -> Iterator[Finding]:
    """Checks the Prometheus at a URL.

    Args:
        url: Where it is.
        job: Name of the job that scrapes the exporter.
    """
    try:
        site = Site(url)
        runtime = _data(site, "status/runtimeinfo")
    except NoAnswerError as error:
        yield fail("prometheus", str(error), "start Prometheus, or give --prometheus where it is")
        return
    yield ok("prometheus", f"{site.shown} answers")
    try:
        yield _clock(site)
        yield _targets(site, job)
        yield check_retention(str(runtime.get("storageRetention", "")))
        yield _late(site)
        yield from _rules(site)
    except (NoAnswerError, KeyError, TypeError, ValueError, IndexError) as error:
        what = f"{site.shown}: a question went wrong: {error!r}"
        yield fail("prometheus", what, "run Prometheus 2.42 or later, and look at its log")


def _data(site: Site, path: str) -> Any:
    try:
        return site.json(f"/api/v1/{path}")["data"]
    except (KeyError, TypeError):
        raise NoAnswerError(f"{site.shown} answers, but not as Prometheus does") from None


def _clock(site: Site) -> Finding:
    begun_s = now_ms() / 1000
    theirs_s = float(_data(site, "query?query=time()")["result"][1])
    apart_s = max(begun_s - theirs_s, theirs_s - now_ms() / 1000, 0.0)
    if apart_s > CLOCKS_APART_S:
        what = f"this machine and Prometheus are {apart_s:.0f} s apart"
        return fail("prometheus clock", what, "timedatectl set-ntp true, on both machines")
    return ok("prometheus clock", f"agrees within {CLOCKS_APART_S:g} s")


def _targets(site: Site, job: str) -> Finding:
    active = _data(site, "targets?state=active")["activeTargets"]
    ours = [target for target in active if target["labels"].get("job") == job]
    if not ours:
        jobs = sorted({str(target["labels"].get("job")) for target in active})
        mend = (
            f"add to scrape_configs: {{job_name: {job}, static_configs: [{{targets: "
            '["HOST:9108"]}]}; then send Prometheus a SIGHUP; or give --job'
        )
        return fail("scrape", f"no job {job!r}, only {listed(jobs) or 'none'}", mend)
    down = [
        f"{t['scrapeUrl']}: {t['lastError'] or t['health']}" for t in ours if t["health"] != "up"
    ]
    if down:
        mend = "start the exporter, or correct the target; Prometheus must be able to reach it"
        verdict = warn if all("unknown" in each for each in down) else fail
        return verdict("scrape", listed(down), mend)
    return ok("scrape", f"{len(ours)} targets of job {job!r} are up")


def check_retention(told: str) -> Finding:
    """Judges what Prometheus says it keeps: a time, a size, or ``5y or 10GiB``."""
    days = [found for part in told.split(" or ") if (found := days_of(part)) is not None]
    if days and days[0] < RETENTION_LEAST_DAYS:
        what = f"history is deleted after {told}: less than the windows of the KPIs, and backfills"
        return fail("retention of history", what, "--storage.tsdb.retention.time=5y")
    return ok("retention of history", told or "by size")


def _late(site: Site) -> Finding:
    window = _WINDOW.search(_data(site, "status/config")["yaml"])
    if window is None:
        mend = "storage: {tsdb: {out_of_order_time_window: 1d}} in prometheus.yml"
        what = "no out_of_order_time_window: only remote writes of backfilled hours need one"
        return ok("late samples", f"{what} ({mend})")
    days = days_of(window[1])
    if days is not None and days > 31:
        mend = "out_of_order_time_window: 3d; load history as blocks (tidemark backfill)"
        return warn("late samples", f"a window of {window[1]} makes thousands of blocks", mend)
    return ok("late samples", f"out_of_order_time_window: {window[1]}")


def _rules(site: Site) -> Iterator[Finding]:
    groups = [g for g in _data(site, "rules")["groups"] if _OURS.search(g["file"] + g["name"])]
    rules = [rule for group in groups for rule in group["rules"]]
    if not rules:
        mend = "rule_files: [DIR/*.yml] in prometheus.yml; `tidemark rules --out DIR` writes them"
        yield warn("rules", "none of Tidemark are loaded", mend)
        return
    broken = [f"{r['name']}: {r.get('lastError', '')}" for r in rules if r.get("health") == "err"]
    if broken:
        yield fail("rules", listed(broken, most=3), "tidemark rules --out DIR, and load those")
    else:
        yield ok("rules", f"{len(rules)} in {len(groups)} groups")
    if not _data(site, "alertmanagers")["activeAlertmanagers"]:
        mend = "alerting: {alertmanagers: [...]} in prometheus.yml"
        yield warn("alerts", "Prometheus tells no Alertmanager", mend)
