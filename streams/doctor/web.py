"""Checks over HTTP: a running exporter, and Prometheus, which scrapes it and keeps history.

Each question is answered within a bound; a password in a URL is used and never shown.
"""

import base64
import json
import re
import ssl
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from aggregates.shard.fingerprint import Fingerprint
from events.errors import TidemarkError
from streams.clock import now_ms
from streams.doctor import Finding, fail, listed, ok, warn
from streams.doctor.machine import check_clock
from streams.doctor.quality import check_quality
from streams.doctor.tables import check_exporter_settings

ANSWER_S: Final = 10.0
"""For one answer; a scrape of everything is the slowest, at a tenth of a second."""

ANSWER_BYTES_MAX: Final = 64 * 2**20
"""Far above what a thousand series take."""

RETENTION_LEAST_DAYS: Final = 400
"""The longest window is a year; comparisons with it look back a month more."""

_SECONDS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_DAYS: Final = {unit: s / 86_400 for unit, s in _SECONDS.items()} | {"w": 7.0, "y": 365.0}
_DURATION: Final = re.compile(r"(\d+)(ms|[smhdwy])")
_WINDOW: Final = re.compile(r"^\s*out_of_order_time_window:\s*(\S+)", re.MULTILINE)
_OURS: Final = re.compile(r"tidemark", re.IGNORECASE)

_BUILD: Final = re.compile(r"^tidemark_build_info\{([^}]*)\}", re.MULTILINE)
_LABEL: Final = re.compile(r'(\w+)="([^"]*)"')
_DROPPED: Final = re.compile(
    r'^tidemark_series_dropped_total\{metric="([^"]*)"\} (\S+)', re.MULTILINE
)
_SEGMENT: Final = re.compile(r'^tidemark_segment_values\{attribute="([^"]*)"\} (\S+)', re.MULTILINE)
_KPI: Final = re.compile(r"^cs_\w+", re.MULTILINE)


class NoAnswerError(TidemarkError):
    """Nobody answers, or with something else; the message says what."""


class Site:
    """A server under a base URL.

    Attributes:
        shown: The URL without user and password.
    """

    def __init__(self, url: str, certificate: str | None = None) -> None:
        """Takes the URL apart.

        >>> Site("http://me:secret@127.0.0.1:9090/").shown
        'http://127.0.0.1:9090'

        Args:
            url: With a user and a password, if it needs them.
            certificate: File with our certificate and its key, for who asks for one.

        Raises:
            NoAnswerError: If it is no http or https URL, or the file holds no certificate and key.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise NoAnswerError("what was given is not a URL") from None
        if parts.scheme not in ("http", "https") or not host:
            raise NoAnswerError("what was given is not an http:// or https:// URL")
        bare = f"[{host}]" if ":" in host else host
        place = bare if port is None else f"{bare}:{port}"
        self.shown = f"{parts.scheme}://{place}{parts.path.rstrip('/')}"
        self._headers = {}
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self._headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        self._tls = ssl.create_default_context()
        if certificate is not None:
            try:
                self._tls.load_cert_chain(certificate, password="")  # never asks for one
            except (OSError, ValueError) as error:
                why = getattr(error, "strerror", None) or str(error)
                raise NoAnswerError(f"our certificate {certificate}: {why}") from None

    def text(self, path: str) -> str:
        """Asks for a path.

        Raises:
            NoAnswerError: If there is no good answer.
        """
        try:
            asked = Request(self.shown + path, headers=self._headers)
            with urlopen(asked, timeout=ANSWER_S, context=self._tls) as got:
                body: bytes = got.read(ANSWER_BYTES_MAX)
        except HTTPError as refused:
            with refused:
                said = refused.read(300).decode(errors="replace").strip()
            plain = re.sub(r"\s+", " ", said)
            said = f"answers {refused.code}: {plain or refused.reason}"
            raise NoAnswerError(f"{self.shown}{path} {said}") from None
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", error)
            why = getattr(reason, "strerror", None) or str(reason) or type(error).__name__
            raise NoAnswerError(f"{self.shown} does not answer: {why}") from None
        return body.decode(errors="replace")

    def json(self, path: str) -> Any:
        """Asks for a path that answers in JSON.

        Raises:
            NoAnswerError: If there is no good answer.
        """
        try:
            return json.loads(self.text(path))
        except ValueError:
            raise NoAnswerError(f"{self.shown}{path} answers, but not in JSON") from None


def check_exporter(
    url: str, version: str, own: Fingerprint | None = None, certificate: str | None = None
) -> Iterator[Finding]:
    """Checks the exporter at a URL against this distribution and the fingerprint of its settings.

    Args:
        url: Where it listens.
        version: Of this distribution.
        own: The fingerprint of our settings, if it is to be compared.
        certificate: File with our certificate and its key, if it asks for one.
    """
    try:
        site = Site(url, certificate)
        text = site.text("/metrics")
    except NoAnswerError as error:
        mend = (
            "start it (tidemark exporter), or give --exporter where it listens: with a web "
            "configuration file https:// and USER:PASSWORD@, or --certificate; SSL_CERT_FILE "
            "names its authority"
        )
        yield fail("exporter", str(error), mend)
        return
    build = _BUILD.search(text)
    if build is None:
        mend = "give --exporter the address of `tidemark exporter`, by default port 9108"
        yield fail("exporter", f"{site.shown} is something else", mend)
        return
    labels = dict(_LABEL.findall(build[1]))
    if labels.get("version") != version:
        what = f"{site.shown} is of version {labels.get('version')}, this is {version}"
        yield warn("exporter", what, "run one version everywhere; restart what is older")
    if own is not None:
        yield from check_exporter_settings(labels, own)
    series = len(_KPI.findall(text))
    yield ok("exporter", f"{site.shown} answers with {series} KPI samples")
    yield _ready(site)
    dropped = [metric for metric, count in _DROPPED.findall(text) if float(count) > 0]
    if dropped:
        mend = "raise TIDEMARK_SERIES_MAX, or choose segments with fewer values"
        yield warn("series", f"too many, so some are left out, of {listed(dropped)}", mend)
    yield from check_segments(text)
    yield from check_quality(text)


def check_segments(metrics: str) -> Iterator[Finding]:
    """Names the attributes of segments that no account has, and those of too many values."""
    counts = {name: float(count) for name, count in _SEGMENT.findall(metrics)}
    missing = [name for name, count in counts.items() if not count]
    if missing:
        mend = "correct TIDEMARK_SEGMENTS; `tidemark replay` says which attributes events give"
        yield warn("segments", f"no account has the attribute {listed(missing)}", mend)
    many = [f"{name} ({count:.0f})" for name, count in counts.items() if count]
    if many:
        mend = "raise TIDEMARK_SEGMENT_VALUES_MAX, or choose an attribute with fewer values"
        yield warn("segment values", f"more than are shown by name: {listed(many)}", mend)


def _ready(site: Site) -> Finding:
    try:
        site.text("/-/ready")
    except NoAnswerError as error:
        mend = "see the findings on workers and board; KPIs come back by themselves"
        return fail("figures", f"held back: {error}", mend)
    return ok("figures", "whole and fresh")


def days_of(duration: str) -> float | None:
    """How many days one of Prometheus's durations has, or None if it says nothing of time.

    >>> days_of("5y"), days_of("1d12h"), days_of("10GiB") is None
    (1825.0, 1.5, True)
    """
    parts = _DURATION.findall(duration)
    if not parts or "".join(f"{count}{unit}" for count, unit in parts) != duration:
        return None
    return sum(int(count) * _DAYS[unit] for count, unit in parts)


def check_prometheus(url: str, job: str, certificate: str | None = None) -> Iterator[Finding]:
    """Checks the Prometheus at a URL.

    Args:
        url: Where it is.
        job: Name of the job that scrapes the exporter.
        certificate: File with our certificate and its key, if it asks for one.
    """
    try:
        site = Site(url, certificate)
        runtime = _data(site, "status/runtimeinfo")
    except NoAnswerError as error:
        yield fail("prometheus", str(error), "start Prometheus, or give --prometheus where it is")
        return
    yield ok("prometheus", f"{site.shown} answers")
    try:
        begun_ms = now_ms()
        theirs_ms = float(_data(site, "query?query=time()")["result"][1]) * 1000
        yield check_clock("prometheus clock", "Prometheus", begun_ms, theirs_ms, "agrees")
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


def check_retention(kept: str) -> Finding:
    """Judges what Prometheus says it keeps: a time, a size, or ``5y or 10GiB``."""
    days = [found for part in kept.split(" or ") if (found := days_of(part)) is not None]
    if days and days[0] < RETENTION_LEAST_DAYS:
        what = f"history is deleted after {kept}: less than the windows of the KPIs, and backfills"
        return fail("retention of history", what, "--storage.tsdb.retention.time=5y")
    return ok("retention of history", kept or "by size")


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
