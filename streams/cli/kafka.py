"""``tidemark topics`` and ``tidemark publish``: what a Kafka cluster needs and gets."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from aiokafka.errors import KafkaError

from events.dialect import PLAIN, Dialect
from events.errors import TidemarkError
from streams.cli.history import open_source
from streams.cli.progress import progress_bar
from streams.cli.strict import Strict, add_strict
from streams.kafka.cluster import Cluster
from streams.kafka.publish import Published, publish_batches
from streams.kafka.topic_creation import create_topics, expiring, keep_dead_letters
from streams.kafka.topics import TopicError, Topics
from streams.local.sources import other_form
from streams.settings import Settings, load_settings
from streams.source import HistorySource, SourceError

BAD_LINES_MAX: Final = 100
"""Lines that are no events, after which a file is taken for a wrong one: a person looks at fewer,
and dead letters are for people."""

_EXIT_STOPPED: Final = 1


def add_topics(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark topics``."""
    command.add_argument("--partitions", type=int, metavar="N", help="default: 8")
    command.set_defaults(run=_topics)


def _topics(arguments: argparse.Namespace) -> int:
    settings = load_settings(partitions=arguments.partitions)
    names, days = Topics(), settings.dead_letter_days
    cluster = settings.cluster()
    try:
        made = asyncio.run(create_topics(cluster, settings.partitions, names, days))
        altered = asyncio.run(keep_dead_letters(cluster, names, days))
        odd = asyncio.run(expiring(cluster, names))
    except (TopicError, KafkaError, OSError) as error:
        raise TidemarkError(f"kafka {cluster}: {error or type(error).__name__}") from error
    for name in made:
        print(f"created {name} with {settings.partitions} partitions")
    if not made:
        print(f"all topics exist with {settings.partitions} partitions")
    if altered:
        print(f"{names.dead_letters} is kept for {days} days now")
    for name, config in odd.items():
        said = ", ".join(f"{key}={value}" for key, value in config.items())
        print(f"tidemark: events expire in {name} ({said}); tidemark doctor", file=sys.stderr)
    return 0


def add_publish(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark publish``."""
    command.add_argument(
        "files", nargs="+", metavar="FILE", help="an NDJSON file, - or a data folder"
    )
    add_strict(command)
    command.set_defaults(run=_publish)


def _publish(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    strict = Strict(settings) if arguments.strict else None
    if strict is not None:
        _check_files(arguments.files, settings, strict)
    for name in arguments.files:
        published = _publish_file(name, settings, strict if name == "-" else None)
        if published.stopped_at is not None:
            return _EXIT_STOPPED
    return 0


def _publish_file(name: str, settings: Settings, strict: Strict | None) -> Published:
    source = open_source(name, settings)
    return publish_all(
        _batches(source, strict),
        name,
        settings.cluster(),
        settings.dialect,
        f"publishing {name}",
        lambda: source.numbers,
    )


def _check_files(names: list[str], settings: Settings, strict: Strict) -> None:
    """Reads all files before anything is sent; standard input can be read once only.

    Raises:
        StrictError: If not all in them is taken.
    """
    files = [open_source(name, settings) for name in names if name != "-"]
    for source in files:
        for values in source.batches():
            strict.look(source, values)
    if files:
        strict.end({})


def _batches(source: HistorySource, strict: Strict | None) -> Iterator[list[bytes]]:
    for values in source.batches():
        if (said := other_form(source)) is not None:
            raise SourceError(f"{said}: nothing of it is published")
        if strict is not None:
            strict.look(source, values)
            strict.now()
        yield values


def publish_all(
    batches: Iterable[list[bytes]],
    source: str,
    cluster: Cluster,
    dialect: Dialect = PLAIN,
    title: str = "publishing",
    numbers: Callable[[], Sequence[int]] = tuple,
) -> Published:
    """Publishes batches of lines, shows how far it is, says and returns what was published.

    Raises:
        PublishError: If the cluster cannot be reached or does not take the records.
        SourceError: If the lines cannot be read.
    """
    with progress_bar(title, "events") as advance:
        sending = publish_batches(
            cluster, batches, source, dialect, advance, numbers, BAD_LINES_MAX
        )
        published = asyncio.run(sending)
    report(published)
    return published


def report(published: Published) -> None:
    """Says what was published, and on standard error what was not."""
    said = ", ".join(f"{topic} {count}" for topic, count in sorted(published.records.items()))
    print(f"published {published.records.total()} records: {said or 'none'}")
    for reason, count in sorted(published.rejected.items()):
        print(f"tidemark: {count} lines to the dead letters: {reason}", file=sys.stderr)
    if published.rejected:
        print("tidemark: tidemark check says where and why", file=sys.stderr)
    if published.stopped_at is not None:
        print(
            f"tidemark: stopped at line {published.stopped_at}: {BAD_LINES_MAX} bad lines are "
            "enough. Mend them and publish all again: what was published is a duplicate then",
            file=sys.stderr,
        )
