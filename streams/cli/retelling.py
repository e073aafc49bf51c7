"""Dead letters told again: those of webhooks by their sources, others as the events they are."""

import io
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from events.sources.checker import Checker
from events.sources.outbox import Outbox
from events.sources.records import Record
from events.sources.source import Source, take
from streams.cli.webhooks import webhook_source
from streams.kafka.dead_letter import DeadLetter
from streams.kafka.dead_letters import TRUNCATED, in_order
from streams.settings import Settings

_WEBHOOKS: Final = "webhooks/"
"""Begins the origin of what came by a webhook; its name follows."""


@dataclass(slots=True)
class Retold:
    """What letters come to now.

    Attributes:
        events: Well-formed events, one line each.
        fed: Letters that are told in them, or that say nothing about a KPI now.
        passed: Those of them that say nothing.
        refused: Letters that cannot be told still, by what is wrong.
    """

    events: list[bytes] = field(default_factory=list)
    fed: int = 0
    passed: int = 0
    refused: Counter[str] = field(default_factory=Counter)


def retold(
    letters: Iterable[DeadLetter], settings: Settings, reasons: Collection[str] = ()
) -> Retold:
    """Tells letters again, by the settings as they are now.

    Args:
        letters: The letters, those of a webhook in the order in which they came.
        settings: Which name the webhooks and the options of their sources.
        reasons: Reasons chosen by name; see ``in_order``.

    Raises:
        SettingsError: If the source of a webhook, or an option of it, is wrong.
    """
    by_webhook: dict[str, list[DeadLetter]] = {}
    others: list[DeadLetter] = []
    for each in letters:
        name = each.topic.removeprefix(_WEBHOOKS)
        (others if name == each.topic else by_webhook.setdefault(name, [])).append(each)
    good, refused = in_order(others, settings.dialect, reasons)
    found = Retold(good, len(good), 0, refused)
    for name, theirs in sorted(by_webhook.items()):
        given = settings.webhooks.get(name)
        if given is None:
            found.refused[f"there is no webhooks.{name} in the settings"] += len(theirs)
        else:
            _tell(webhook_source(name, given), name, theirs, found)
    return found


def _tell(source: Source[Any], name: str, letters: Sequence[DeadLetter], found: Retold) -> None:
    """Tells the letters of one webhook, which may need each other."""
    out, letter_of, records = Outbox(), dict[int, int](), list[Record]()
    problems: dict[int, str] = {}
    silent: set[int] = set()
    for place, letter in enumerate(letters):
        if letter.truncated:
            problems[place] = TRUNCATED
            continue
        passed, done = out.passed.total(), 0
        for record in source.records(name, io.BytesIO(letter.raw)):
            records.append(record)  # kept, so that each has an id of its own
            letter_of[id(record)] = place
            take(source, record, out)
            done += 1
        if not done:
            problems[place] = "it holds no record by itself"
        elif out.passed.total() - passed == done:
            silent.add(place)
    source.end(out)
    for lines in Checker().lines(out):
        found.events += lines
    for gap in out.gaps:
        problems[letter_of[id(gap.record)]] = f"{gap.reason}: {gap.needs}"
    found.refused.update(problems.values())
    found.fed += len(letters) - len(problems)
    found.passed += len(silent - problems.keys())
