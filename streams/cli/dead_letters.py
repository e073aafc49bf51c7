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
from streams.cli.table import Column, fitted, header, row_lines, terminal_width
from streams.kafka.dead_letter import DeadLetter, letter_origin
from streams.kafka.dead_letters import dead_letters, feed_back, in_order
from streams.local.data import opened_log
from streams.settings import load_settings

LIST_MAX: Final = 100
"""Letters listed unless more are asked for: what a person reads."""

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
    listing.add_argument("--data", metavar="DIR", help="those of a data folder, not of Kafka")
    listing.set_defaults(run=_list)
    replay = actions.add_parser(
        "replay", help="sends records that are in order now to their topics"
    )
    replay.add_argument("--dry-run", action="store_true", help="only say what would be sent")
    replay.set_defaults(run=_replay)
    for action in (listing, replay):
        action.add_argument(
            "--reason", action="append", default=[], help="only this one; repeatable"
        )
        action.add_argument("--topic", help="only of this topic, such as tidemark.usage")


def _of_folder(path: Path) -> Iterator[DeadLetter]:
    """Yields the letters of a data folder."""
    with closing(opened_log(path)) as log:
        for each in log.letters():
            letter = each.letter
            origin = letter_origin(letter)
            yield DeadLetter(*origin, letter.reason, letter.detail, letter.record, each.at_ms)


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
    cluster = settings.cluster()
    chosen = _chosen(arguments, dead_letters(cluster))
    good, others = in_order(chosen, settings.dialect, arguments.reason)
    if arguments.dry_run:
        print(f"{len(good)} of {len(chosen)} records are in order")
    else:
        sent = asyncio.run(feed_back(cluster, good, settings.dialect))
        print(f"{len(good)} of {len(chosen)} records sent")
        for topic, count in sorted(sent.records.items()):
            print(f"  {count} to {topic}")
    for reason, count in sorted(others.items()):
        print(f"  {count} not in order: {reason}")
    return 0
