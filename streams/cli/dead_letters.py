"""``tidemark dead-letters``: what was rejected and why, and feeding it back after a fix."""

import argparse
import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Final

from events import format_instant
from streams.cli.retelling import Retold, retold
from streams.cli.table import Column, fitted, header, row_lines, terminal_width
from streams.clock import now_ms
from streams.kafka.dead_letter import DeadLetter, letter_origin
from streams.kafka.dead_letters import STATEFUL, dead_letters, distinct, feed_back
from streams.local.data import DataFolder, EventLog, opened_log
from streams.settings import Settings, load_settings

LIST_MAX: Final = 100
"""Letters listed unless more are asked for: what a person reads."""

PROBLEMS_MAX: Final = 20
"""Things that are wrong with records, told one by one."""

_FIELDS: Final = ("topic", "partition", "offset", "reason", "detail")
_NUMBERS: Final = ("partition", "offset")


def add_dead_letters(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark dead-letters``."""
    actions = command.add_subparsers(dest="action", required=True, metavar="list|replay")
    listing = actions.add_parser("list", help="the letters, one a line")
    listing.add_argument("--limit", type=int, default=LIST_MAX, metavar="N")
    listing.add_argument(
        "--raw", action="store_true", help="with the records, which may be personal"
    )
    listing.add_argument("--json", action="store_true", help="one JSON object a line")
    listing.add_argument(
        "--records", action="store_true", help="nothing but the records, as they came"
    )
    listing.set_defaults(run=_list)
    replay = actions.add_parser(
        "replay", help="sends what is in order now to where events go; webhooks' by their sources"
    )
    replay.add_argument("--dry-run", action="store_true", help="only say what would be sent")
    replay.set_defaults(run=_replay)
    for action in (listing, replay):
        action.add_argument(
            "--reason", action="append", default=[], help="only this one; repeatable"
        )
        action.add_argument(
            "--topic", help="only of this topic, such as tidemark.usage, or webhooks/NAME"
        )
        action.add_argument("--data", metavar="DIR", help="of a data folder, not of Kafka")


def _of_log(log: EventLog) -> Iterator[DeadLetter]:
    """Yields the letters of a data folder's log."""
    for each in log.letters():
        letter = each.letter
        origin = letter_origin(letter)
        yield DeadLetter(*origin, letter.reason, letter.detail, letter.record, each.at_ms)


def _of_folder(path: Path) -> Iterator[DeadLetter]:
    with closing(opened_log(path)) as log:
        yield from _of_log(log)


def _chosen(arguments: argparse.Namespace, letters: Iterable[DeadLetter]) -> list[DeadLetter]:
    return [
        found
        for found in letters
        if (not arguments.reason or found.reason in arguments.reason)
        and (arguments.topic is None or found.topic == arguments.topic)
    ]


def _list(arguments: argparse.Namespace) -> int:
    if arguments.data:
        letters = _of_folder(Path(arguments.data))
    else:
        letters = dead_letters(load_settings().cluster())
    chosen = _chosen(arguments, letters)
    if arguments.records:
        sys.stdout.buffer.writelines(each.raw + b"\n" for each in chosen)
        return 0
    shown = list(islice(chosen, arguments.limit))
    if arguments.json:
        for found in shown:
            print(_as_json(found, arguments.raw))
    elif shown:
        _print_table(shown, arguments.raw)
    counts = Counter((found.topic, found.reason) for found in chosen)
    for (topic, reason), count in sorted(counts.items()):
        print(f"tidemark: {count} of {topic}: {reason}", file=sys.stderr)
    if len(chosen) > arguments.limit:
        print(f"tidemark: {arguments.limit} of {len(chosen)} shown (--limit)", file=sys.stderr)
    return 0


def _print_table(letters: Sequence[DeadLetter], raw: bool) -> None:
    """Prints a row for each letter, its record below it if that is wanted."""
    rows = [
        (format_instant(each.at_ms), *(str(getattr(each, name)) for name in _FIELDS))
        for each in letters
    ]
    columns = fitted([Column("at"), *(Column(name, name in _NUMBERS) for name in _FIELDS)], rows)
    print(header(columns))
    for letter, row in zip(letters, rows, strict=True):
        for line in row_lines(columns, row, terminal_width()):
            print(line)
        if raw:
            print(f"    {_shown(letter.raw)}")


def _as_json(letter: DeadLetter, raw: bool) -> str:
    record = {"at": format_instant(letter.at_ms)} | {
        name: getattr(letter, name) for name in _FIELDS
    }
    return json.dumps(record | ({"raw": _shown(letter.raw)} if raw else {}))


def _shown(raw: bytes) -> str:
    return raw.decode(errors="backslashreplace")


def _replay(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    if arguments.data:
        path = Path(arguments.data)
        opened_log(path).close()  # so that no folder is made of a misspelt name
        with closing(DataFolder(path)) as folder:
            _feed_folder(arguments, settings, folder.log)
    else:
        _feed_kafka(arguments, settings)
    return 0


def _feed_kafka(arguments: argparse.Namespace, settings: Settings) -> None:
    cluster = settings.cluster()
    chosen = distinct(_chosen(arguments, dead_letters(cluster)))
    found = retold(chosen, settings, arguments.reason)
    told: list[str] = []
    if not arguments.dry_run:
        sent = asyncio.run(feed_back(cluster, found.events, settings.dialect))
        told = [f"{count} to {topic}" for topic, count in sorted(sent.records.items())]
    _say(arguments, found, len(chosen), told)
    reasons = {each.reason for each in chosen} & STATEFUL & set(arguments.reason)
    for reason in sorted(reasons):
        print(f"  {reason}: lies in what is known; they come back unless that has changed")


def _feed_folder(arguments: argparse.Namespace, settings: Settings, log: EventLog) -> None:
    chosen = _chosen(arguments, _of_log(log))
    found = retold(chosen, settings, arguments.reason)
    told: list[str] = []
    if not arguments.dry_run:
        [stored] = log.append([(found.events, [])], now_ms())
        told = [f"{stored.new} events are new, {stored.known} were known"]
        if stored.other:
            told.append(f"{len(stored.other)} are known with other content: the first holds")
    _say(arguments, found, len(chosen), told)


def _say(arguments: argparse.Namespace, found: Retold, count: int, told: list[str]) -> None:
    done = "are in order" if arguments.dry_run else "sent"
    print(f"{found.fed} of {count} records {done}")
    for each in told:
        print(f"  {each}")
    if found.passed:
        print(f"  {found.passed} say nothing about a KPI")
    for problem, number in sorted(found.refused.most_common(PROBLEMS_MAX)):
        print(f"  {number} not in order: {problem}")
    if len(found.refused) > PROBLEMS_MAX:
        print(f"  and {len(found.refused) - PROBLEMS_MAX} more that are wrong with others")
