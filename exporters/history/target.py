"""The target: the labels that a backfill's figures must carry to be the scraped ones.

Every scrape of figures has one series that no history has, with the labels of the target and no
others. Whoever holds scraped samples therefore says what those labels are, whatever made them:
a configuration, the Prometheus operator, relabelling.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from exporters.history.error import HistoryError
from exporters.history.target_labels import Labels, TargetLabels

LIVE: Final = "tidemark_reading_timestamp_seconds"
"""The series that only scrapes have; its value is the edge that was read, in seconds."""

SEEN_DAYS: Final = 30
"""How far back targets are looked for: one that has not been scraped for longer says nothing."""

SKEW_S: Final = 60
"""How far the clock of whoever scraped may be ahead of ours."""

_TOGETHER_S: Final = 3_600
"""Targets that were last scraped within this time of each other are there together."""

_OF_REPLICAS: Final = frozenset({"instance", "node", "pod"})
"""Labels in which two exporters of one installation differ; pods that were replaced, too."""

Seen = Mapping[Labels, float]
"""When targets were last scraped, in seconds of the epoch, by their labels."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the figures of a backfill belong to.

    Attributes:
        labels: Labels of every series.
        scope: Labels that all figures of the installation share, whichever exporter showed them:
            where one of them lies already, another would be the same figure twice.
        origin: How the labels are known, for whoever reads it.
    """

    labels: TargetLabels
    scope: TargetLabels
    origin: str


@dataclass(frozen=True, slots=True)
class LabelOptions:
    """What a user says of the target's labels.

    Attributes:
        given: Labels by name.
        insisted: Whether they hold although the scraped target has others.
    """

    given: Mapping[str, str] = field(default_factory=dict)
    insisted: bool = False

    def target(self, seen: Seen, where: str) -> Target:
        """Takes the labels of the scraped target that the given ones fit.

        Args:
            seen: The targets that were scraped.
            where: Who holds their samples; empty if nobody was asked.

        Raises:
            HistoryError: If a label is none, if the given ones fit no target, or if they fit
                targets of several installations.
        """
        complete = TargetLabels.of(self.given)
        if self.insisted or not seen:
            return self._target(complete, self._assumed(where))
        fitting = {labels: at_s for labels, at_s in seen.items() if self._fits(labels)}
        if not fitting:
            given = TargetLabels(tuple(sorted(self.given.items())))
            raise HistoryError(
                f"{where} scrapes the exporter as {_listed(seen)}, not as {given}: every figure "
                "would be there twice; leave these labels out, then the scraped ones are taken, "
                "or insist on yours with --as-given"
            )
        latest_s = max(fitting.values())
        together = [labels for labels, at_s in fitting.items() if at_s > latest_s - _TOGETHER_S]
        if differing := _differing(together) - _OF_REPLICAS:
            names = " and ".join(sorted(differing))
            given = TargetLabels(tuple(sorted(self.given.items())))
            raise HistoryError(
                f"{where} scrapes exporters that differ in {names}: {_listed(together)}; say which "
                "is meant with --job, --instance or --label NAME=VALUE"
            )
        chosen = min(together, key=lambda labels: (-fitting[labels], labels))
        one = "" if len(together) == 1 else f", one of {len(together)}"
        return self._target(TargetLabels(chosen), f"as {where} scrapes them{one}")

    def _fits(self, labels: Labels) -> bool:
        return self.given.items() <= dict(labels).items()

    def _target(self, labels: TargetLabels, origin: str) -> Target:
        shared = {name: v for name, v in self.given.items() if name not in _OF_REPLICAS}
        shared["job"] = dict(labels.labels)["job"]
        return Target(labels, TargetLabels(tuple(sorted(shared.items()))), origin)

    def _assumed(self, where: str) -> str:
        if self.insisted:
            return "as given, whatever is scraped"
        if where:
            return f"assumed: {where} has scraped no exporter for {SEEN_DAYS} days"
        return "assumed: no server was asked, see --prometheus-url"


def _differing(several: list[Labels]) -> set[str]:
    """Returns the names of labels that several have with different values, or not all of them."""
    shared = set.intersection(*(set(labels) for labels in several))
    return {name for labels in several for name, value in labels if (name, value) not in shared}


def _listed(several: Seen | list[Labels], most: int = 4) -> str:
    shown = [str(TargetLabels(labels)) for labels in sorted(several)[:most]]
    more = f" and {len(several) - most} more" if len(several) > most else ""
    return ", ".join(shown) + more
