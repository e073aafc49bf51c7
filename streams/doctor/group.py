"""Checks of the workers' consumer group: who is in it, what nobody owns, and how far it is."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from aiokafka import TopicPartition

from events import TOPICS
from streams.doctor.finding import Finding, fail, listed, ok, warn
from streams.doctor.kafka_facts import GroupFacts, TopicFacts
from streams.kafka.topics import Topics

_SETTLING: Final = ("PreparingRebalance", "CompletingRebalance")

BEHIND: Final = 100_000
"""Records behind that a worker folds within a second or so."""


def check_group(
    group: GroupFacts, found: Mapping[str, TopicFacts], names: Topics
) -> Iterator[Finding]:
    """Checks the group of one installation."""
    events = [names.source(name) for name in TOPICS if names.source(name) in found]
    places = [TopicPartition(t, n) for t in events for n in range(found[t].partitions)]
    behind = _behind(group, found, places)
    yield _members(group, names, behind.total())
    if group.owned and group.state not in _SETTLING:
        yield _owners(group, places)
    yield _lag(behind, names)


def _members(group: GroupFacts, names: Topics, behind: int) -> Finding:
    name, events = names.app_id, {names.source(topic) for topic in TOPICS}
    if group.state in _SETTLING:
        return warn("workers", f"group {name} is rebalancing", "ask again in half a minute")
    if group.owned:
        each = [
            f"{member} has {sum(place.topic in events for place in places)}"
            for member, places in sorted(group.owned.items())
        ]
        return ok("workers", f"{len(each)} in group {name}: {listed(each)} topic partitions")
    what = f"nobody is in group {name}"
    if behind:
        return fail("workers", f"{what}, and {behind} records wait", "tidemark worker")
    return warn("workers", what, "tidemark worker")


def _owners(group: GroupFacts, places: list[TopicPartition]) -> Finding:
    owned = {place for places in group.owned.values() for place in places}
    free = [f"{tp.topic}/{tp.partition}" for tp in places if tp not in owned]
    if free:
        mend = "restart the workers one by one; their log names what is wrong with the assignment"
        return fail("owners", f"without a worker: {listed(free)}", mend)
    return ok("owners", f"all {len(places)} topic partitions have a worker")


def _behind(
    group: GroupFacts, found: Mapping[str, TopicFacts], places: list[TopicPartition]
) -> Counter[str]:
    """Counts the records that have not been committed, by topic."""
    behind: Counter[str] = Counter()
    for place in places:
        facts = found[place.topic]
        begin = facts.begins.get(place.partition, 0)
        reached = max(group.committed.get(place, 0), begin)
        behind[place.topic] += max(facts.ends.get(place.partition, 0) - reached, 0)
    return behind


def _lag(behind: Counter[str], names: Topics) -> Finding:
    told = ", ".join(
        f"{topic.removeprefix(names.prefix)} {count}" for topic, count in behind.items() if count
    )
    if behind.total() > BEHIND:
        mend = "wait, or start more workers, up to one a partition: tidemark worker"
        return warn("lag", f"{behind.total()} records behind: {told}", mend)
    return ok("lag", f"{behind.total()} records behind{': ' * bool(told)}{told}")
