"""Checks of a running exporter."""

import re
from collections.abc import Iterator
from typing import Final

from streams.doctor.finding import Finding, fail, listed, ok, warn
from streams.doctor.web import NoAnswerError, Site

_BUILD: Final = re.compile(r'^tidemark_build_info\{version="([^"]*)"\}', re.MULTILINE)
_DROPPED: Final = re.compile(
    r'^tidemark_series_dropped_total\{metric="([^"]*)"\} (\S+)', re.MULTILINE
)
_KPI: Final = re.compile(r"^cs_\w+", re.MULTILINE)


def check_exporter(url: str, version: str) -> Iterator[Finding]:
    """Checks the exporter at a URL against the version of this distribution."""
    try:
        site = Site(url)
        text = site.text("/metrics")
    except NoAnswerError as error:
        mend = "start it (tidemark exporter), or give --exporter where it listens"
        yield fail("exporter", str(error), mend)
        return
    build = _BUILD.search(text)
    if build is None:
        mend = "give --exporter the address of `tidemark exporter`, by default port 9108"
        yield fail("exporter", f"{site.shown} is something else", mend)
        return
    if build[1] != version:
        what = f"{site.shown} is of version {build[1]}, this is {version}"
        yield warn("exporter", what, "run one version everywhere; restart what is older")
    series = len(_KPI.findall(text))
    yield ok("exporter", f"{site.shown} answers with {series} KPI samples")
    yield _ready(site)
    dropped = [metric for metric, count in _DROPPED.findall(text) if float(count) > 0]
    if dropped:
        mend = "raise TIDEMARK_SERIES_MAX, or choose segments with fewer values"
        yield warn("series", f"too many, so some are left out, of {listed(dropped)}", mend)


def _ready(site: Site) -> Finding:
    try:
        site.text("/-/ready")
    except NoAnswerError as error:
        mend = "see the findings on workers and board; KPIs come back by themselves"
        return fail("figures", f"held back: {error}", mend)
    return ok("figures", "whole and fresh")
