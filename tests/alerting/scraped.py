"""What Prometheus has of figures: series of targets that are replaced, and scrapes that fail."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray

from aggregates.formula.values import Floats
from tests.alerting.figures import Key

SCRAPE_MIN: Final = 15
"""Minutes between two scrapes: so that half an hour bridges one that failed."""

DAY_SCRAPES: Final = 24 * 60 // SCRAPE_MIN

FAILED_OF: Final = 50
"""One scrape in so many fails."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Operation:
    """How a service is operated: what happens to its exporters and to Prometheus.

    Attributes:
        deploy_days: Days between two deploys, which replace both pods one after the other.
        hole_days: Days between two holes of twenty minutes without any exporter.
        restart_days: Days between two restarts of Prometheus, each a scrape of all lost.
        hole_at: A further hole, in scrapes after the begin.
        failed_of: One scrape in so many fails.
    """

    deploy_days: int = 7
    hole_days: int = 31
    restart_days: int = 45
    hole_at: int | None = None
    failed_of: int = FAILED_OF

    def targets(self, scrapes: int, seed: str) -> Iterator[tuple[dict[str, str], Mask]]:
        """Yields the labels of each target, and the scrapes of it that succeeded."""
        times, rng = np.arange(scrapes), Random(seed)
        lost = times % (self.hole_days * DAY_SCRAPES) == 1_000 % (self.hole_days * DAY_SCRAPES)
        lost |= times % (self.restart_days * DAY_SCRAPES) == 2_000
        if self.hole_at is not None:
            lost |= times == self.hole_at
        period = self.deploy_days * DAY_SCRAPES
        for replica in range(2):
            failed = np.array([rng.random() < 1 / self.failed_of for _ in range(scrapes)])
            turn = (times + DAY_SCRAPES // 2 - 2 * replica) // period
            first = np.diff(turn, prepend=turn[:1]) > 0
            for number in range(int(turn[-1]) + 1):
                pod = f"exporter-{replica}-{number}"
                where = {"container": "exporter", "endpoint": "http", "namespace": "tidemark"}
                labels = {"instance": f"10.0.{number}.{replica}:9108", "pod": pod, **where}
                yield labels, (turn == number) & ~(lost | failed | first)


def scraped(
    figures: dict[Key, Floats], job: str, targets: Sequence[tuple[dict[str, str], Mask]]
) -> Iterator[dict[str, str]]:
    """Yields series as promtool is given them; a failed scrape leaves the mark of an ended one."""
    for labels, there in targets:
        if not there.any():
            continue
        for (name, own), values in figures.items():
            kept = there & np.isfinite(values)
            if kept.any():
                every = {**dict(own), **labels, "job": job}
                listed = ",".join(f'{label}="{value}"' for label, value in every.items())
                yield {"series": f"{name}{{{listed}}}", "values": _written(values, kept)}


def _written(values: Floats, kept: Mask) -> str:
    """Writes samples in promtool's short form."""
    pairs = zip(values.tolist(), kept.tolist(), strict=True)
    texts = [repr(value) if is_kept else "_" for value, is_kept in pairs]
    parts: list[str] = []
    for text, run in groupby(texts):
        count = sum(1 for _ in run)
        if text != "_":
            parts.append(f"{text}x{count - 1}")
        elif not parts:
            parts.append(f"_x{count}")
        else:
            parts += ["stale", f"_x{count - 1}"] if count > 1 else ["stale"]
    return " ".join(parts)
