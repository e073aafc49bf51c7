"""Exposition: the text of a scrape, made once for all who ask within one reading."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from exporters.http.answer import Text
from exporters.live_reading import Reading
from exporters.text_format import encoder


class Exposition:
    """Writes readings as text; holds the last one in each format that was asked for.

    A family that is the same object as before is not written anew. Not for several threads at once.
    """

    def __init__(self, families: Callable[[Reading], Iterable[Metric]]) -> None:
        self._families = families
        self._reading: Reading | None = None
        self._texts: dict[str, Text] = {}
        self._written: dict[str, dict[str, _Written]] = {}

    def of(self, reading: Reading, accept: str) -> Text:
        """Returns a reading's text in the format that a client asks for."""
        if reading is not self._reading:
            self._texts.clear()
            self._reading = reading
        encode, content_type = encoder(accept)
        if content_type not in self._texts:
            known, fresh = self._written.get(content_type, {}), {}
            for family in self._families(reading):
                written = known.get(family.name)
                if written is None or written.family is not family:
                    written = _Written(family, encode(_Families([family])))
                fresh[family.name] = written
            self._written[content_type] = fresh
            end = encode(_Families(()))  # what each text ends with, and the whole ends with once
            parts = [written.text.removesuffix(end) for written in fresh.values()]
            self._texts[content_type] = Text(content_type, b"".join([*parts, end]))
        return self._texts[content_type]


class _Written(NamedTuple):
    """A family, and its text."""

    family: Metric
    text: bytes


class _Families(Collector):
    """Families as the client library takes them."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families
