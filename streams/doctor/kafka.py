"""Checks of Kafka: its brokers, the topics of an installation, and the workers' consumer group."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from aiokafka import TopicPartition

from events import TOPICS
from streams.doctor import Finding, fail, listed, ok, warn
from streams.doctor.kafka_facts import Bootstrap, GroupFacts, KafkaFacts, TopicFacts, Versions
from streams.kafka.register import Begins
from streams.kafka.topics import CHANGELOG_CONFIG, FOR_EVER, Topics, dead_letters_config, expires_by

BEHIND: Final = 100_000
"""Records behind that a worker folds within a second or so."""

_FETCH: Final = 1
_FETCH_OF_4: Final = 4
"""Lowest version of a fetch that Kafka 4.0 still takes (KIP-896); before, it took all."""
_INIT_PRODUCER_ID: Final = 22
_DESCRIBE_CONFIGS: Final = 32
NEEDED: Final[Mapping[int, str]] = {
    _INIT_PRODUCER_ID: "idempotent producers (0.11)",
    _DESCRIBE_CONFIGS: "topic configurations (0.11)",
}
"""Requests that not every broker knows, and what they are for."""

_SETTLING: Final = ("PreparingRebalance", "CompletingRebalance")

Found = Mapping[str, TopicFacts]
"""The topics that exist, by name."""


def missing(versions: Versions) -> list[str]:
    """What we need and the broker does not know."""
    return [what for key, what in NEEDED.items() if key not in versions]


def check_bootstrap(found: list[Bootstrap]) -> Iterator[Finding]:
    """Whether a broker answers at an address of the setting."""
    answering = [each for each in found if not each.problem]
    silent = [f"{each.address} {each.problem}" for each in found if each.problem]
    if not answering:
        mend = "start Kafka, or set TIDEMARK_KAFKA to where it is; `tidemark run` needs none at all"
        yield fail("kafka", "; ".join(silent), mend)
        return
    if silent:
        mend = "start those brokers, or take them out of TIDEMARK_KAFKA"
        yield warn("kafka", "; ".join(silent), mend)
    versions = answering[0].versions
    if lacking := missing(versions):
        yield fail("kafka", f"too old: no {', '.join(lacking)}", "run Kafka 2.1 or later")
        return
    lowest, _ = versions.get(_FETCH, (0, 0))
    release = "4.0 or later" if lowest >= _FETCH_OF_4 else "before 4.0"
    names = ", ".join(each.address for each in answering)
    yield ok("kafka", f"{names} answers; Kafka {release}")


def check_advertised(facts: KafkaFacts) -> Finding:
    """Whether each broker can be reached under the name that clients are to use."""
    lost = [f"{each.address} {each.problem}" for each in facts.advertised if each.problem]
    if lost:
        what = f"clients are sent to addresses that cannot be reached: {'; '.join(lost)}"
        mend = "set advertised.listeners of the broker to an address that can be reached from here"
        return fail("brokers", what, mend)
    names = ", ".join(each.address for each in facts.advertised)
    return ok("brokers", f"{len(facts.advertised)}: {names}")


def cluster_silent(problem: str) -> Finding:
    """The finding for a cluster that answers at first and then no more."""
    mend = "look at the log of the broker: a controller or a group's coordinator may be missing"
    return fail("brokers", problem, mend)


def refused(problem: str) -> Finding:
    """The finding for a cluster that does not let us in, or not ask."""
    return fail("kafka access", problem, "set or grant that; docs/security.md has every setting")


def check_topics(
    found: Found,
    names: Topics,
    bootstrap: str,
    partitions: int,
    dead_letter_days: int,
    begins: Begins,
) -> Iterator[Finding]:
    """Checks that the topics are all there, of one partition count, and kept as they must be.

    Args:
        found: Those that exist.
        names: What ours are called.
        bootstrap: For the commands that mend.
        partitions: The setting, for topics that are to be created.
        dead_letter_days: The setting.
        begins: Where logs begin since an erasure.
    """
    wanted = [*(names.source(name) for name in TOPICS), names.dead_letters]
    there = {name: found[name] for name in wanted if name in found}
    usual = _usual(there)
    lacking = sorted(set(wanted) - there.keys())
    if lacking:
        mend = f"tidemark topics --partitions {usual or partitions}"
        yield fail("topics", f"missing: {listed(lacking)}", mend)
    else:
        records = sum(there[name].records for name in wanted[:-1])
        yield ok("topics", f"all {len(wanted)} exist; {records} event records")
    yield _equal(there, usual, bootstrap)
    letters = there.pop(names.dead_letters, None)
    yield _kept(there, bootstrap, begins)
    yield _changelogs(found, names, bootstrap)
    if letters is not None:
        yield _letters(letters, names.dead_letters)
        yield _letters_kept(letters, dead_letter_days)


def _usual(there: Found) -> int | None:
    """The partition count that most of the topics have."""
    counts = Counter(facts.partitions for facts in there.values())
    return max(counts, key=lambda count: (counts[count], count)) if counts else None


def _equal(there: Found, usual: int | None, bootstrap: str) -> Finding:
    if usual is None:
        return warn("partitions", "no topic to count them of", "create the topics first")
    odd = sorted(name for name, facts in there.items() if facts.partitions != usual)
    if not odd:
        return ok("partitions", f"{usual} of each topic")
    has = ", ".join(f"{name} has {there[name].partitions}" for name in odd)
    if any(there[name].records for name in odd):
        mend = (
            "events are keyed by account, so a count cannot change in place: publish the records "
            f"of {listed(odd)} anew into a topic of {usual} partitions, with the same keys"
        )
    else:
        removed = _removed(bootstrap, odd)
        mend = f"they are empty, so make them anew: {removed}; tidemark topics --partitions {usual}"
    return fail("partitions", f"not equal: {has}, the others have {usual}", mend)


def _kept(there: Found, bootstrap: str, begins: Begins) -> Finding:
    """Events never expire, and none has: they are what every figure is computed from."""
    settings = ",".join(f"{key}={value}" for key, value in FOR_EVER.items())
    expiring, mends = [], []
    for name, facts in there.items():
        if wrong := [f"{key}={value}" for key, value in expires_by(facts.config).items()]:
            expiring.append(f"{name} ({', '.join(wrong)})")
            mends.append(_altered(bootstrap, name, settings))
    if expiring:
        return fail("retention", f"events expire in {', '.join(expiring)}", "; ".join(mends))
    gone = [
        f"{name}[{number}] begins at {begin}"
        for name, facts in there.items()
        for number, begin in sorted(facts.begins.items())
        if begin > begins.get(TopicPartition(name, number), 0)
    ]
    if gone:
        mend = "publish what is gone once more, from a backup: what is still there is a duplicate"
        return fail("retention", f"events of the past are gone: {', '.join(gone)}", mend)
    return ok("retention", "events are kept for ever")


def _letters(letters: TopicFacts, name: str) -> Finding:
    if not letters.records:
        return ok("dead letters", "none")
    what = f"{letters.records} records in {name}: what was not folded when it came"
    return warn("dead letters", what, "`tidemark dead-letters list` shows them with the reasons")


def _letters_kept(letters: TopicFacts, days: int) -> Finding:
    """Dead letters hold whole records of others, which are not to be kept without end."""
    right = dead_letters_config(days)
    if wrong := [f"{k}={v}" for k, v in letters.config.items() if right.get(k, v) != v]:
        what = f"dead letters are not kept for {days} days: {', '.join(wrong)}"
        return warn("letters' retention", what, "tidemark topics")
    return ok("letters' retention", f"dead letters are kept for {days} days")


def _altered(bootstrap: str, topic: str, settings: str) -> str:
    return (
        f"kafka-configs.sh --bootstrap-server {bootstrap} --alter --entity-type topics "
        f"--entity-name {topic} --add-config {settings}"
    )


def _removed(bootstrap: str, names: list[str]) -> str:
    return "; ".join(
        f"kafka-topics.sh --bootstrap-server {bootstrap} --delete --topic {name}" for name in names
    )


def _changelogs(found: Found, names: Topics, bootstrap: str) -> Finding:
    there = [name for name in names.compacted if name in found]
    if not there:
        return ok("changelogs", "none yet: the first worker makes them")
    policy = CHANGELOG_CONFIG["cleanup.policy"]
    wrong = [n for n in there if found[n].config.get("cleanup.policy") != policy]
    if wrong:
        mend = "; ".join(_altered(bootstrap, n, f"cleanup.policy={policy}") for n in wrong)
        return fail("changelogs", f"rows expire in {listed(wrong)}: not compacted alone", mend)
    count = _usual({n: found[n] for n in map(names.source, TOPICS) if n in found})
    odd = [f"{n} has {found[n].partitions}" for n in there if found[n].partitions != count]
    if count is not None and odd:
        mend = (
            f"stop the workers; {_removed(bootstrap, there)}; start the workers, which make the "
            "changelogs anew from the events"
        )
        return fail("changelogs", f"{', '.join(odd)} partitions, the events {count}", mend)
    if gone := [name for name in names.compacted if name not in found]:
        what = f"{len(there)} of {len(names.compacted)}: {listed(gone)} not there"
        return warn("changelogs", what, "restart the workers: they make them from the events")
    return ok("changelogs", f"{len(there)}, compacted")


def check_group(group: GroupFacts, found: Found, names: Topics) -> Iterator[Finding]:
    """Checks the workers' group: who is in it, what nobody owns, and how far it is."""
    events = [name for name in map(names.source, TOPICS) if name in found]
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


def _behind(group: GroupFacts, found: Found, places: list[TopicPartition]) -> Counter[str]:
    """Counts the records that have not been committed, by topic."""
    behind: Counter[str] = Counter()
    for place in places:
        facts = found[place.topic]
        reached = max(group.committed.get(place, 0), facts.begins.get(place.partition, 0))
        behind[place.topic] += max(facts.ends.get(place.partition, 0) - reached, 0)
    return behind


def _lag(behind: Counter[str], names: Topics) -> Finding:
    each = ", ".join(
        f"{topic.removeprefix(names.prefix)} {count}" for topic, count in behind.items() if count
    )
    if behind.total() > BEHIND:
        mend = "wait, or start more workers, up to one a partition: tidemark worker"
        return warn("lag", f"{behind.total()} records behind: {each}", mend)
    return ok("lag", f"{behind.total()} records behind{': ' * bool(each)}{each}")
