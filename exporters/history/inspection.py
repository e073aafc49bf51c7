"""Inspection of a Prometheus that has history and live samples: do the two fit together?

History is what carries labels that no scrape had, or lies before the first scrape.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from exporters.history.servers import MetricsServer, labels_of
from exporters.history.target import LIVE
from exporters.history.target_labels import Labels, TargetLabels

_HOURS_MAX: Final = 10_000
"""How far back is looked: over a year; as many points as one answer has."""

_HOUR_S: Final = 3_600


@dataclass(frozen=True, slots=True)
class Stranger:
    """Figures under labels that no scraped target has, or had.

    Attributes:
        labels: Their target's labels.
        scraped: Those of a target that is scraped.
        lacking: Names of labels that scraped targets have, and these figures lack.
        together_s: The first and the last hour at which figures lie under both; None if there is
            none.
    """

    labels: TargetLabels
    scraped: TargetLabels
    lacking: frozenset[str]
    together_s: tuple[int, int] | None

    @property
    def selector(self) -> str:
        """PromQL for these figures and none of the scraped ones."""
        none = ((name, "") for name in sorted(self.lacking))
        return TargetLabels((*self.labels.labels, *none)).selector


@dataclass(frozen=True, slots=True)
class Seam:
    """Where history ends and scraping begins.

    Attributes:
        scraped_from_s: The first scraped sample.
        history_to_s: The last sample before it; None if there is none.
        step_s: Time between the last two samples of history.
    """

    scraped_from_s: int
    history_to_s: int | None = None
    step_s: int = 0


def strangers(server: MetricsServer, job: str, now_s: int) -> list[Stranger]:
    """Finds figures of a job under labels that no scraped target has, or had.

    Raises:
        HistoryError: If the server cannot be asked.
    """
    scope = TargetLabels((("job", job),))
    live = {labels_of(each) for each in server.series(f"{LIVE}{scope}")}
    if not live:
        return []
    seen = server.targets(now_s)
    scraped = TargetLabels(max(live, key=lambda target: (seen.get(target, 0.0), target)))
    few = server.few(scope, scraped)
    if not few:
        return []
    every = [each for each in server.series(few) if each["__name__"] != LIVE]
    names = {name for target in live for name, _ in target} | _unlike(every)
    found: dict[Labels, dict[str, str]] = {}
    for each in every:
        target = tuple(label for label in labels_of(each) if label[0] in names)
        if target not in live:
            found.setdefault(target, each)
    return [
        Stranger(
            TargetLabels(target),
            scraped,
            frozenset(names - dict(target).keys()),
            _together(server, alike, names, target, live, now_s),
        )
        for target, alike in sorted(found.items())
    ]


def seam(server: MetricsServer, job: str, since_s: int, now_s: int) -> Seam | None:
    """Finds where the history of a job ends and scraping begins; None if nothing was scraped.

    Raises:
        HistoryError: If the server cannot be asked.
    """
    scope = TargetLabels((("job", job),))
    begins_s = server.first_s(f"{LIVE}{scope}", since_s, now_s)
    few = server.few(scope)
    if begins_s is None or not few:
        return None
    last_s = (begins_s - 1) // _HOUR_S * _HOUR_S
    points = server.matrix(f"count({few})", last_s - _HOURS_MAX * _HOUR_S, last_s, _HOUR_S)
    hours = [int(at_s) for series in points for at_s, _ in series["values"]]
    if not hours:
        return Seam(begins_s)
    end_s = min(hours[-1] + _HOUR_S, begins_s) - 1
    samples = server.vector(f"{few}[{end_s - hours[-1] + 300}s]", end_s)
    times = sorted({*hours[-2:], *(int(t) for each in samples for t, _ in each["values"])})
    return Seam(begins_s, times[-1], times[-1] - times[-2] if len(times) > 1 else 0)


def _unlike(every: Iterable[Mapping[str, str]]) -> set[str]:
    """Returns the labels that of each metric some series have and others lack.

    No metric of ours does that of itself: they are labels of a target.
    """
    by_metric: dict[str, list[set[str]]] = {}
    for each in every:
        by_metric.setdefault(each["__name__"], []).append(set(each))
    unlike = [each[0].union(*each) - each[0].intersection(*each) for each in by_metric.values()]
    return unlike[0].intersection(*unlike[1:]) if unlike else set()


def _together(
    server: MetricsServer,
    alike: Mapping[str, str],
    names: set[str],
    target: Labels,
    live: set[Labels],
    now_s: int,
) -> tuple[int, int] | None:
    """Returns the first and last hour at which a figure lies under a target's and live labels.

    Args:
        server: Who is asked.
        alike: Labels of one of the target's series.
        names: Labels of targets; the others are the figure's.
        target: The target's.
        live: Those of the scraped ones.
        now_s: The time.
    """
    own = {n: v for n, v in alike.items() if n == "job" or n not in {*names, "__name__"}}
    query = f"{alike['__name__']}{TargetLabels(tuple(sorted(own.items())))}"
    last_s = now_s // _HOUR_S * _HOUR_S
    theirs: set[int] = set()
    scraped: set[int] = set()
    for each in server.matrix(query, last_s - _HOURS_MAX * _HOUR_S, last_s, _HOUR_S):
        labels = tuple(label for label in labels_of(each["metric"]) if label[0] in names)
        times = {int(at_s) for at_s, _ in each["values"]}
        if labels == target:
            theirs |= times
        elif labels in live:
            scraped |= times
    both = theirs & scraped
    return (min(both), max(both)) if both else None
