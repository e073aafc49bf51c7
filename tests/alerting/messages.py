"""Messages: what Alertmanager sends of alerts, counted by its configuration.

It is held against the real ones in ``test_messages.py``. Only what the shipped file uses is known:
routes without ``continue``, matchers, grouping, the three times, inhibition.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, NamedTuple

import yaml

REMEMBERED_S: Final = 120 * 3_600.0
"""How long Alertmanager knows what it sent, by default; what is older is sent again."""

_MATCHER: Final = re.compile(r'^\s*(\w+)\s*(=~|!~|!=|=)\s*"(.*)"\s*$')
_DURATION: Final = re.compile(r"(\d+)(ms|[smhdw])")
_UNITS_S: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}

Labels = Mapping[str, str]


class Alert(NamedTuple):
    """An alert that fires from one moment to another, in seconds."""

    labels: frozenset[tuple[str, str]]
    begin_s: float
    end_s: float


class Kind(StrEnum):
    """What a message says."""

    NEW = "new"
    RESOLVED = "resolved"
    PARTLY = "partly resolved"
    AGAIN = "again"


class Message(NamedTuple):
    """A message to a receiver.

    Attributes:
        at_s: When it was sent.
        receiver: To whom.
        kind: What it says that the one before did not.
        firing: The alerts that it calls firing.
        resolved: Those that it calls resolved.
    """

    at_s: float
    receiver: str
    kind: Kind
    firing: frozenset[frozenset[tuple[str, str]]]
    resolved: frozenset[frozenset[tuple[str, str]]]

    @property
    def names(self) -> list[str]:
        """Names of the alerts that fire."""
        return sorted({dict(labels)["alertname"] for labels in self.firing})


def seconds(duration: str) -> float:
    """Reads a duration as it is configured.

    >>> seconds("1h30m")
    5400.0
    """
    return float(sum(int(n) * _UNITS_S[unit] for n, unit in _DURATION.findall(duration)))


def matches(matchers: Iterable[str], labels: Labels) -> bool:
    """Returns whether labels meet all matchers.

    >>> matches(['severity="info"', 'alertname=~"T.+"'], {"severity": "info", "alertname": "T"})
    False
    """
    for text in matchers:
        found = _MATCHER.match(text)
        assert found is not None, text
        name, sign, value = found.groups()
        label = labels.get(name, "")
        met = bool(re.fullmatch(value, label)) if "~" in sign else label == value
        if met is sign.startswith("!"):
            return False
    return True


@dataclass(frozen=True)
class Route:
    """Where alerts go, and how they are put together.

    Attributes:
        receiver: To whom.
        group_by: Labels that the alerts of a message share.
        wait_s: From the first alert of a group to its first message.
        interval_s: Between two looks at a group.
        repeat_s: After which the same is sent again.
        matchers: What an alert must meet.
        routes: Narrower ones; the first that is met is taken.
    """

    receiver: str
    group_by: tuple[str, ...]
    wait_s: float
    interval_s: float
    repeat_s: float
    matchers: tuple[str, ...] = ()
    routes: tuple["Route", ...] = ()

    @classmethod
    def of(cls, told: Mapping[str, Any], above: "Route | None" = None) -> "Route":
        """Reads a route; what it does not say is as above it."""
        known = {"receiver", "group_by", "matchers", "routes"}
        known |= {"group_wait", "group_interval", "repeat_interval"}
        assert told.keys() <= known, told.keys() - known
        names = {"wait_s": "group_wait", "interval_s": "group_interval"}
        names["repeat_s"] = "repeat_interval"
        given = {
            name: seconds(told[key]) if key in told else getattr(above, name)
            for name, key in names.items()
        }
        group_by = (
            tuple(told["group_by"]) if "group_by" in told else above.group_by if above else ()
        )
        receiver = told.get("receiver") or (above.receiver if above else "")
        times = given["wait_s"], given["interval_s"], given["repeat_s"]
        own = cls(receiver, group_by, *times, tuple(told.get("matchers", ())))
        return replace(own, routes=tuple(cls.of(each, own) for each in told.get("routes", ())))

    def taken(self, labels: Labels) -> "Route":
        """Returns the route that an alert takes."""
        for route in self.routes:
            if matches(route.matchers, labels):
                return route.taken(labels)
        return self


@dataclass
class _Sent:
    """What a receiver was last told of a group."""

    at_s: float
    firing: frozenset[frozenset[tuple[str, str]]] = frozenset()
    resolved: frozenset[frozenset[tuple[str, str]]] = frozenset()


@dataclass
class Alertmanager:
    """Counts the messages of a configuration."""

    route: Route
    inhibitions: Sequence[Mapping[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, configuration: str) -> "Alertmanager":
        """Reads a configuration."""
        told = yaml.safe_load(configuration)
        return cls(Route.of(told["route"]), told.get("inhibit_rules", []))

    def messages(self, alerts: Sequence[Alert]) -> list[Message]:
        """Returns the messages of all receivers, in order of time."""
        groups: dict[tuple[int, str, tuple[str, ...]], list[Alert]] = defaultdict(list)
        routes: dict[int, Route] = {}
        for alert in alerts:
            labels = dict(alert.labels)
            route = self.route.taken(labels)
            routes[id(route)] = route
            key = tuple(labels.get(name, "") for name in route.group_by)
            groups[id(route), route.receiver, key].append(alert)
        found = [
            message
            for (number, _, _), group in groups.items()
            for message in self._sent(routes[number], group, alerts)
        ]
        return sorted(found, key=lambda message: message.at_s)

    def _sent(
        self, route: Route, group: Sequence[Alert], every: Sequence[Alert]
    ) -> Iterator[Message]:
        waiting = sorted(group, key=lambda alert: alert.begin_s)
        held: list[Alert] = []
        sent: _Sent | None = None
        at_s = 0.0
        while waiting or held:
            if not held:
                at_s = waiting[0].begin_s + route.wait_s
            while waiting and waiting[0].begin_s <= at_s:
                new = waiting.pop(0)
                held = [alert for alert in held if alert.labels != new.labels] + [new]
            told = [alert for alert in held if not self._is_muted(alert, every, at_s)]
            firing = frozenset(alert.labels for alert in told if alert.end_s > at_s)
            resolved = frozenset(alert.labels for alert in told if alert.end_s <= at_s)
            kind = _kind(sent, firing, resolved, at_s, route.repeat_s)
            if (
                told and kind is not None
            ):  # a group that is wholly muted ends before it is looked at
                yield Message(at_s, route.receiver, kind, firing, resolved)
                sent = _Sent(at_s, firing, resolved)
            held = [alert for alert in held if alert.end_s > at_s]
            at_s += route.interval_s

    def _is_muted(self, alert: Alert, every: Sequence[Alert], at_s: float) -> bool:
        labels = dict(alert.labels)
        for rule in self.inhibitions:
            if not matches(rule["target_matchers"], labels):
                continue
            is_source = matches(rule["source_matchers"], labels)
            for other in every:
                if not other.begin_s <= at_s < other.end_s:
                    continue
                source = dict(other.labels)
                alike = all(source.get(n, "") == labels.get(n, "") for n in rule.get("equal", ()))
                both = is_source and matches(rule["target_matchers"], source)
                if alike and not both and matches(rule["source_matchers"], source):
                    return True
        return False


def _kind(
    sent: _Sent | None,
    firing: frozenset[frozenset[tuple[str, str]]],
    resolved: frozenset[frozenset[tuple[str, str]]],
    at_s: float,
    repeat_s: float,
) -> Kind | None:
    """Returns what a message would say that is not known, or None if nothing is."""
    if sent is None:
        return Kind.NEW if firing else None
    if at_s - sent.at_s > REMEMBERED_S:
        return None if not firing else Kind.NEW if firing - sent.firing else Kind.AGAIN
    if firing - sent.firing:
        return Kind.NEW
    if not firing:
        return Kind.RESOLVED if sent.firing else None
    if resolved - sent.resolved:
        return Kind.PARTLY
    return Kind.AGAIN if at_s - sent.at_s > repeat_s else None
