"""The text formats of a scrape: negotiated, and the same series in each.

Prometheus asks for OpenMetrics, VictoriaMetrics for the plain format. The plain one knows no gauge
histograms. Called histograms they would count as counters, and their buckets be gone where
Prometheus 3 converts histograms to native ones. So each of their names is a family of its own.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

Encoder = Callable[[Collector], bytes]

_OPENMETRICS: Final = "application/openmetrics-text"
_VERSION: Final = re.compile(r"version=[^;]+")


def encoder(accept: str) -> tuple[Encoder, str]:
    """Negotiates the format; the plain one if the client's header makes no sense.

    Returns:
        What writes it, and the content type that says which it is.
    """
    try:
        encode, content_type = choose_encoder(accept)
    except (TypeError, ValueError):  # a version that is no version
        encode, content_type = generate_latest, CONTENT_TYPE_PLAIN_0_0_4
    if content_type.startswith(_OPENMETRICS):
        # The library writes 1.0 whatever it is asked for, and would call it what it was asked for.
        return encode, _VERSION.sub("version=1.0.0", content_type)
    return lambda collector: encode(_Plain(collector)), content_type


class _Plain(Collector):
    """Families with gauge histograms taken apart."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector

    def collect(self) -> Iterator[Metric]:
        for family in self._collector.collect():
            if family.type == "gaugehistogram":
                yield from _apart(family)
            else:
                yield family


def _apart(family: Metric) -> Iterator[Metric]:
    """Yields a family for each name of a gauge histogram's samples."""
    found: dict[str, Metric] = {}
    for sample in family.samples:
        # a gauge with bounds is against the rules of the format
        kind = "unknown" if sample.name.endswith("_bucket") else "gauge"
        one = found.setdefault(sample.name, Metric(sample.name, family.documentation, kind))
        one.samples.append(sample)
    yield from found.values()
