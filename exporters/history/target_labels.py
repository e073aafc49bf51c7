"""Target labels: the labels that Prometheus adds when it scrapes the exporter."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from exporters.history.error import HistoryError

DEFAULT_LABELS: Final = {"job": "tidemark", "instance": "127.0.0.1:9108"}
"""What a scrape of an exporter on this machine adds, by the shipped configuration."""

Labels = tuple[tuple[str, str], ...]
"""Names and values of labels, by name."""

_NAME: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


@dataclass(frozen=True, slots=True)
class TargetLabels:
    """Labels of the scraped target, on every series.

    >>> TargetLabels.of({"job": "cs"}).selector
    '{__name__=~"cs_.+",instance="127.0.0.1:9108",job="cs"}'
    """

    labels: Labels

    @classmethod
    def of(cls, given: Mapping[str, str | None]) -> "TargetLabels":
        """Takes labels; those left out, or None, are the defaults.

        Raises:
            HistoryError: If a label's name is none, or its value is empty.
        """
        labels = DEFAULT_LABELS | {
            name: value for name, value in given.items() if value is not None
        }
        for name, value in labels.items():
            if not _NAME.fullmatch(name) or name.startswith("__") or not value:
                raise HistoryError(f"{name}={value!r} is no label that a scrape gives")
        return cls(tuple(sorted(labels.items())))

    def __str__(self) -> str:
        return f"{{{self.matchers}}}"

    @property
    def matchers(self) -> str:
        """The labels, as PromQL matches them."""
        return ",".join(f'{name}="{escaped(value)}"' for name, value in self.labels)

    @property
    def selector(self) -> str:
        """PromQL for all KPI series that carry these labels."""
        return f'{{__name__=~"cs_.+",{self.matchers}}}'

    def beside(self, own: Labels) -> Labels:
        """Returns all labels of a series; of a name that both have, the target's, as in a scrape.

        >>> TargetLabels((("region", "eu"),)).beside((("region", "us"),))
        (('exported_region', 'us'), ('region', 'eu'))
        """
        names = {name for name, _ in self.labels}
        shown = [(f"exported_{name}" if name in names else name, value) for name, value in own]
        return tuple(sorted((*shown, *self.labels)))


def escaped(value: str) -> str:
    r"""Writes a label's value as it is between quotes, in PromQL and in OpenMetrics.

    >>> print(escaped('a "b" \\'))
    a \"b\" \\
    """
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
