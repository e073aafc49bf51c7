"""The page of messages: what was right, and what was counted."""

from collections.abc import Iterator, Sequence
from typing import Final

from tests.alerting.messages import Kind, Message
from tests.alerting.run import Outcome, alert

HEAD: Final = """\
# Messages in two years

Written by `make alerts`; do not edit. Each row is a company and what happens to it. Its events are
folded as they were told, so that a correction changes what is shown after it and not before. Two
pods show the figures to a Prometheus that scrapes each quarter of an hour; one scrape in fifty
fails, each week both pods are replaced, each month there are twenty minutes without any, and
Prometheus restarts now and then. promtool evaluates the shipped rules about KPIs each half hour,
and messages are counted by the shipped configuration of Alertmanager, as two real ones send them.
Alerts about the service itself are not part of it.

*Right* is the number of messages that should tell something new: one for one cause. *New* is how
many there are: messages that name an alert which the one before did not. *Over* are those which say
that something is no more, and *again* repetitions while it lasts.
"""


def page_of(outcomes: Sequence[Outcome]) -> str:
    """Writes the page."""
    lines = [
        HEAD,
        "| scenario | what happens | days | right | new | over | again | which |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for outcome in outcomes:
        scenario = outcome.scenario
        right = "-" if scenario.messages is None else str(scenario.messages)
        new = len(outcome.of(Kind.NEW))
        over = len(outcome.of(Kind.RESOLVED)) + len(outcome.of(Kind.PARTLY))
        marked = f"{new}" if outcome.is_right else f"**{new}**"
        cells = (
            scenario.name,
            scenario.happens,
            str(scenario.days),
            right,
            marked,
            str(over),
            str(len(outcome.of(Kind.AGAIN))),
            _which(outcome.of(Kind.NEW)),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _which(messages: Sequence[Message]) -> str:
    """Names the alerts of the first messages, with the day."""
    shown = [f"day {m.at_s / 86_400:.1f}: {', '.join(map(_short, m.names))}" for m in messages[:6]]
    more = [f"and {len(messages) - 6} more"] if len(messages) > 6 else []
    return "; ".join([*shown, *more])


def _short(name: str) -> str:
    return name.removeprefix("Tidemark")


def details_of(outcome: Outcome) -> Iterator[str]:
    """Yields a line for each message, and for each alert that fired."""
    name = outcome.scenario.name
    for message in outcome.sent:
        names = ", ".join(map(_short, message.names))
        yield f"{name} {_day(message.at_s)} {message.receiver} {message.kind}: {names}\n"
    for firing in sorted(outcome.firings, key=lambda each: each.begin):
        begin_s, end_s = alert(firing).begin_s, alert(firing).end_s
        yield f"{name} {_short(firing.name)}: {_day(begin_s)} to {_day(end_s)}\n"


def _day(at_s: float) -> str:
    return f"day {at_s / 86_400:.2f}"
