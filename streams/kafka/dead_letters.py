"""The dead-letter box: the letters of a cluster, and which of them can be fed back now."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Final

from events import Decoder
from events.dialect import Dialect
from events.errors import UNREADABLE
from streams.kafka.cluster import Cluster
from streams.kafka.dead_letter import DeadLetter, Origin, unpack_dead_letter
from streams.kafka.publish import Published, publish_batches
from streams.kafka.source import KafkaSource
from streams.kafka.topics import DEAD_LETTERS

STATEFUL: Final = frozenset({"conflict", "full", "refused"})
"""Reasons that lie in what is known, not in the record: fed back, it would come here again."""

_DIGEST_BYTES: Final = 16
"""Of what a letter holds, to know it again."""

_SENT_MAX: Final = 5_000
"""Records that are sent together."""

TRUNCATED: Final = "truncated"
"""Why a record is not fed back of which only the head is here."""


def dead_letters(cluster: Cluster) -> Iterator[DeadLetter]:
    """Yields the letters of a cluster, each event's once, each partition's in order.

    Of the events of a batch, and of files of one name, only what they say tells them apart.

    Raises:
        SourceError: If the dead-letter topic cannot be read.
    """
    seen: set[tuple[Origin, bytes]] = set()
    for values in KafkaSource(cluster, (DEAD_LETTERS,), accept_missing=True).batches():
        for value in values:
            try:
                found = unpack_dead_letter(value)
            except UNREADABLE:  # somebody else's record: not ours to read
                continue
            letter = found.origin, blake2b(found.raw, digest_size=_DIGEST_BYTES).digest()
            if letter not in seen:
                seen.add(letter)
                yield found


def distinct(letters: Iterable[DeadLetter]) -> list[DeadLetter]:
    """Returns the first letter of each record of a topic.

    One that was fed back in vain is there again, as another record of that topic: feeding both back
    would double it each time.
    """
    found: dict[tuple[str, bytes], DeadLetter] = {}
    for each in letters:
        found.setdefault((each.topic, each.raw), each)
    return list(found.values())


def in_order(
    found: Iterable[DeadLetter], dialect: Dialect, reasons: Collection[str] = ()
) -> tuple[list[bytes], Counter[str]]:
    """Sorts out which records can be folded now, as after a fix of schemas or models.

    Args:
        found: The letters.
        dialect: How producers write events.
        reasons: Reasons chosen by name: only with these are records taken that contradict what is
            known.

    Returns:
        The records that are in order, and the number of others by what is wrong with them.
    """
    decoder = Decoder(dialect)
    good: list[bytes] = []
    others: Counter[str] = Counter()
    for each in found:
        problem = _problem(each, decoder, reasons)
        if problem is None:
            good.append(each.raw)
        else:
            others[problem] += 1
    return good, others


async def feed_back(cluster: Cluster, records: Sequence[bytes], dialect: Dialect) -> Published:
    """Sends records to the topics that their content names, under its key.

    Doing so twice is harmless: the second time they are duplicates.

    Raises:
        PublishError: If the cluster does not take the records.
    """
    batches = [records[at : at + _SENT_MAX] for at in range(0, len(records), _SENT_MAX)]
    return await publish_batches(cluster, batches, DEAD_LETTERS, dialect, lambda _: None)


def _problem(found: DeadLetter, decoder: Decoder, reasons: Collection[str]) -> str | None:
    """Returns why a record cannot be fed back, or None."""
    if found.truncated:
        return TRUNCATED
    if found.reason in STATEFUL and found.reason not in reasons:
        return found.reason
    batch = decoder.decode([found.raw])
    if batch.rejects:
        return batch.rejects[0].reason
    if batch.events or batch.uses or batch.sessions:
        return None
    return next(iter(batch.ignored))
