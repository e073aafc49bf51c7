"""``tidemark topics`` and ``tidemark publish``: what a Kafka cluster needs and gets."""

import argparse
import asyncio
import sys

from aiokafka.errors import KafkaError

from events.errors import TidemarkError
from streams.cli.core import Commands
from streams.cli.progress import progress_bar
from streams.kafka.publish import Published, publish_batches
from streams.kafka.topics import TopicError, create_topics
from streams.local.sources import FileSource
from streams.settings import load_settings


def add_commands(commands: Commands) -> None:
    """Adds the commands of this module."""
    topics = commands.add_parser("topics", help="creates the topics, with equal partition counts")
    topics.add_argument("--partitions", type=int, metavar="N", help="default: 8")
    topics.set_defaults(run=_topics)
    publish = commands.add_parser("publish", help="NDJSON files to Kafka, keyed by account")
    publish.add_argument("files", nargs="+", metavar="FILE", help="an NDJSON file, or -")
    publish.set_defaults(run=_publish)


def _topics(arguments: argparse.Namespace) -> int:
    settings = load_settings(partitions=arguments.partitions)
    try:
        made = asyncio.run(create_topics(settings.kafka, settings.partitions))
    except (TopicError, KafkaError, OSError) as error:
        raise TidemarkError(f"kafka {settings.kafka}: {error or type(error).__name__}") from error
    for name in made:
        print(f"created {name} with {settings.partitions} partitions")
    if not made:
        print(f"all topics exist with {settings.partitions} partitions")
    return 0


def _publish(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    worst = 0
    for name in arguments.files:
        source = FileSource(name)
        with progress_bar(f"publishing {name}", "events") as advance:
            published = asyncio.run(
                publish_batches(
                    settings.kafka, source.batches(), name, settings.type_prefix, advance
                )
            )
        worst = max(worst, report(published))
    return worst


def report(published: Published) -> int:
    """Says what was published; gives the exit code."""
    told = ", ".join(f"{topic} {count}" for topic, count in sorted(published.records.items()))
    print(f"published {published.records.total()} records: {told or 'none'}")
    for reason, count in sorted(published.rejected.items()):
        print(f"tidemark: {count} lines to the dead letters: {reason}", file=sys.stderr)
    return 0
