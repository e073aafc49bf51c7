"""Exposition: the text of a scrape, made once for all who ask within one reading."""

from collections.abc import Callable, Iterable

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from exporters.http.answer import Text
from exporters.live_reading import Reading
from exporters.text_format import encoder


class Exposition:
    """Writes readings as text; holds the last one in each format that was asked for.

    Not for several threads at once.
    """

    def __init__(self, families: Callable[[Reading], Iterable[Metric]]) -> None:
        self._families = families
        self._reading: Reading | None = None
        self._texts: dict[str, Text] = {}

    def of(self, reading: Reading, accept: str) -> Text:
        """Returns a reading's text in the format that a client asks for."""
        if reading is not self._reading:
            self._texts.clear()
            self._reading = reading
        encode, content_type = encoder(accept)
        if content_type not in self._texts:
            written = encode(_Families(self._families(reading)))
            self._texts[content_type] = Text(content_type, written)
        return self._texts[content_type]


class _Families(Collector):
    """Families as the client library takes them."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families
