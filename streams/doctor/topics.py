"""Checks of the topics: all there, of one partition count, and kept as they must be."""

from collections import Counter
from collections.abc import Iterator, Mapping

from events import TOPICS
from streams.doctor.finding import Finding, fail, listed, ok, warn
from streams.doctor.kafka_facts import TopicFacts
from streams.kafka.topics import CHANGELOG_CONFIG, DEAD_LETTERS_CONFIG, Topics

Found = Mapping[str, TopicFacts]
"""The topics that exist, by name."""


def check_topics(found: Found, names: Topics, bootstrap: str, partitions: int) -> Iterator[Finding]:
    """Checks all topics of an installation.

    Args:
        found: Those that exist.
        names: What ours are called.
        bootstrap: For the commands that mend.
        partitions: The setting, for topics that are to be created.
    """
    events = [names.source(name) for name in TOPICS]
    yield _exist(found, [*events, names.dead_letters], partitions)
    yield _equal(found, [*events, names.dead_letters], bootstrap)
    yield _kept(found, [*events, names.dead_letters], bootstrap)
    yield _changelogs(found, names, bootstrap)
    if names.dead_letters in found:
        yield _letters(found[names.dead_letters], names.dead_letters)


def _exist(found: Found, wanted: list[str], partitions: int) -> Finding:
    lacking = sorted(set(wanted) - found.keys())
    if not lacking:
        records = sum(found[name].records for name in wanted[:-1])
        return ok("topics", f"all {len(wanted)} exist; {records} event records")
    count = _usual(found, wanted) or partitions
    return fail("topics", f"missing: {listed(lacking)}", f"tidemark topics --partitions {count}")


def _usual(found: Found, names: list[str]) -> int | None:
    """The partition count that most of the topics have."""
    counts = Counter(found[name].partitions for name in names if name in found)
    return max(counts, key=lambda count: (counts[count], count)) if counts else None


def _equal(found: Found, wanted: list[str], bootstrap: str) -> Finding:
    usual = _usual(found, wanted)
    if usual is None:
        return warn("partitions", "no topic to count them of", "create the topics first")
    odd = sorted(n for n in wanted if n in found and found[n].partitions != usual)
    if not odd:
        return ok("partitions", f"{usual} of each topic")
    told = ", ".join(f"{name} has {found[name].partitions}" for name in odd)
    empty = [name for name in odd if not found[name].records]
    if empty == odd:
        removed = _removed(bootstrap, odd)
        mend = f"they are empty, so make them anew: {removed}; tidemark topics --partitions {usual}"
    else:
        mend = (
            "events are keyed by account, so a count cannot change in place: publish the records "
            f"of {listed(odd)} anew into a topic of {usual} partitions, with the same keys"
        )
    return fail("partitions", f"not equal: {told}, the others have {usual}", mend)


def _kept(found: Found, wanted: list[str], bootstrap: str) -> Finding:
    """Events never expire: they are what every figure is computed from."""
    keys = ("retention.ms", "retention.bytes", "cleanup.policy")
    right = {key: DEAD_LETTERS_CONFIG[key] for key in keys}
    wrong = {
        name: [f"{k}={v}" for k, v in found[name].config.items() if right.get(k, v) != v]
        for name in wanted
        if name in found
    }
    told = [f"{name} ({', '.join(values)})" for name, values in wrong.items() if values]
    if not told:
        return ok("retention", "events are kept for ever")
    settings = ",".join(f"{key}={value}" for key, value in right.items())
    mend = "; ".join(
        _altered(bootstrap, name, settings) for name, values in wrong.items() if values
    )
    return fail("retention", f"events expire in {', '.join(told)}", mend)


def _altered(bootstrap: str, topic: str, settings: str) -> str:
    return (
        f"kafka-configs.sh --bootstrap-server {bootstrap} --alter --entity-type topics "
        f"--entity-name {topic} --add-config {settings}"
    )


def _removed(bootstrap: str, names: list[str]) -> str:
    """The commands that remove topics."""
    return "; ".join(
        f"kafka-topics.sh --bootstrap-server {bootstrap} --delete --topic {name}" for name in names
    )


def _changelogs(found: Found, names: Topics, bootstrap: str) -> Finding:
    there = [names.changelog(n) for n in TOPICS if names.changelog(n) in found]
    if not there:
        return ok("changelogs", "none yet: the first worker makes them")
    policy = CHANGELOG_CONFIG["cleanup.policy"]
    wrong = [n for n in there if found[n].config.get("cleanup.policy") != policy]
    if wrong:
        mend = "; ".join(_altered(bootstrap, n, f"cleanup.policy={policy}") for n in wrong)
        return fail("changelogs", f"rows expire in {listed(wrong)}: not compacted alone", mend)
    count = _usual(found, [names.source(name) for name in TOPICS])
    odd = [f"{n} has {found[n].partitions}" for n in there if found[n].partitions != count]
    if count is not None and odd:
        mend = (
            f"stop the workers; {_removed(bootstrap, there)}; start the workers, which make the "
            "changelogs anew from the events"
        )
        return fail("changelogs", f"{', '.join(odd)} partitions, the events {count}", mend)
    if len(there) < len(TOPICS):
        return warn("changelogs", f"{len(there)} of {len(TOPICS)}", "start a worker: it makes them")
    return ok("changelogs", f"{len(there)}, compacted")


def _letters(facts: TopicFacts, name: str) -> Finding:
    if not facts.records:
        return ok("dead letters", "none")
    what = f"{facts.records} records in {name} were not folded"
    return warn("dead letters", what, "`tidemark dead-letters list` shows them with the reasons")
