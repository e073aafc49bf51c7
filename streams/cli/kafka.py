"""``tidemark topics`` and ``tidemark publish``: what a Kafka cluster needs and gets."""

import argparse
import asyncio
import sys
from collections.abc import Iterable

from aiokafka.errors import KafkaError

from events.errors import TidemarkError
from streams.cli.progress import progress_bar
from streams.kafka.cluster import Cluster
from streams.kafka.publish import Published, publish_batches
from streams.kafka.topic_creation import create_topics, keep_dead_letters
from streams.kafka.topics import TopicError, Topics
from streams.local.sources import FileSource
from streams.settings import load_settings


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
    except (TopicError, KafkaError, OSError) as error:
        raise TidemarkError(f"kafka {cluster}: {error or type(error).__name__}") from error
    for name in made:
        print(f"created {name} with {settings.partitions} partitions")
    if not made:
        print(f"all topics exist with {settings.partitions} partitions")
    if altered:
        print(f"{names.dead_letters} is kept for {days} days now")
    return 0


def add_publish(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark publish``."""
    command.add_argument("files", nargs="+", metavar="FILE", help="an NDJSON file, or -")
    command.set_defaults(run=_publish)


def _publish(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    cluster = settings.cluster()
    for name in arguments.files:
        batches = FileSource(name).batches()
        publish_all(batches, name, cluster, settings.type_prefix, f"publishing {name}")
    return 0


def publish_all(
    batches: Iterable[list[bytes]],
    source: str,
    cluster: Cluster,
    type_prefix: str = "",
    title: str = "publishing",
) -> None:
    """Publishes batches of lines, shows how far it is, and says what was published.

    Raises:
        PublishError: If the cluster cannot be reached or does not take the records.
        SourceError: If the lines cannot be read.
    """
    with progress_bar(title, "events") as advance:
        published = asyncio.run(publish_batches(cluster, batches, source, type_prefix, advance))
    report(published)


def report(published: Published) -> None:
    """Says what was published, and on standard error what was not."""
    said = ", ".join(f"{topic} {count}" for topic, count in sorted(published.records.items()))
    print(f"published {published.records.total()} records: {said or 'none'}")
    for reason, count in sorted(published.rejected.items()):
        print(f"tidemark: {count} lines to the dead letters: {reason}", file=sys.stderr)
