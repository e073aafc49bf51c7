"""The doctor's checks as functions of what was seen: what is wrong, and how to mend it."""

from fractions import Fraction
from pathlib import Path

import pytest
from aiokafka import TopicPartition

from aggregates.policies.policy import Rate
from aggregates.shard.board import PartitionStatus, PartitionView, TopicStatus, encode_status
from events import TOPICS
from streams.doctor import Finding, Verdict
from streams.doctor.board import check_board
from streams.doctor.kafka import check_group, check_topics, missing
from streams.doctor.kafka_facts import GroupFacts, NoBrokerError, TopicFacts, address_of
from streams.doctor.machine import (
    check_currencies,
    check_program,
    check_settings_file,
    check_time_zone,
    check_variables,
)
from streams.doctor.web import NoAnswerError, Site, check_retention, check_segments
from streams.kafka.topics import Topics
from streams.settings import Settings

NOW_MS = 1_769_904_000_000
NAMES = Topics()
KEPT = {"retention.ms": "-1", "retention.bytes": "-1", "cleanup.policy": "delete"}
KEPT_A_MONTH = {**KEPT, "retention.ms": "2592000000"}
COMPACTED = {"cleanup.policy": "compact"}


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    """Findings by the name of their check, each of which is there once."""
    found = {finding.name: finding for finding in findings}
    assert len(found) == len(findings), findings
    return found


def all_topics(partitions: int = 2, records: int = 0) -> dict[str, TopicFacts]:
    """The topics of a healthy installation, the changelogs included."""
    offsets = dict.fromkeys(range(partitions), 0)
    ends = dict.fromkeys(range(partitions), records)
    events = [NAMES.source(name) for name in TOPICS]
    facts = {name: TopicFacts(partitions, KEPT, offsets, ends) for name in events}
    facts[NAMES.dead_letters] = TopicFacts(partitions, KEPT_A_MONTH, offsets, offsets)
    for name in NAMES.compacted:
        facts[name] = TopicFacts(partitions, COMPACTED, offsets, ends)
    return facts


def topics_found(
    facts: dict[str, TopicFacts], begins: dict[TopicPartition, int] | None = None
) -> dict[str, Finding]:
    """What the doctor says about topics."""
    return by_name(list(check_topics(facts, NAMES, "b:1", 8, 30, begins or {})))


def test_the_program_is_named_with_its_versions() -> None:
    """A report of a fault needs them."""
    found = check_program()
    assert found.verdict is Verdict.OK
    assert "tidemark" in found.what
    assert "aiokafka" in found.what


def test_a_misspelt_variable_is_found() -> None:
    """It would have no effect, silently; the name that was meant is told, and no value."""
    given = {"TIDEMARK_KAFKA": "k:1", "TIDEMARK_REDDIS": "redis://:secret@h/0", "PATH": "x"}
    found = check_variables(given)
    assert found.verdict is Verdict.FAIL
    assert "TIDEMARK_REDDIS" in found.what
    assert "TIDEMARK_REDIS meant" in found.mend
    assert "secret" not in repr(found)
    assert check_variables({"TIDEMARK_KAFKA": "k:1"}).verdict is Verdict.OK


def test_the_settings_file_is_named(tmp_path: Path) -> None:
    """Whether one is read is told, with its place."""
    assert "no tidemark.toml" in check_settings_file(tmp_path).what
    (tmp_path / "tidemark.toml").touch()
    assert str(tmp_path / "tidemark.toml") in check_settings_file(tmp_path).what


def test_an_unknown_time_zone_fails() -> None:
    """Days and months depend on it."""
    assert check_time_zone(Settings(timezone="Europe/Berlin")).verdict is Verdict.OK
    found = check_time_zone(Settings(timezone="Europe/Atlantis"))
    assert found.verdict is Verdict.FAIL
    assert "TIDEMARK_TIMEZONE" in found.mend


@pytest.mark.parametrize(
    ("code", "since", "verdict"),
    [
        ("EUR", "2020-01-01T00:00:00Z", Verdict.OK),
        ("EUR", "2099-01-01T00:00:00Z", Verdict.FAIL),
        ("eur", "2020-01-01T00:00:00Z", Verdict.FAIL),
        ("USD", "2020-01-01T00:00:00Z", Verdict.WARN),
    ],
)
def test_rates_must_be_of_use(code: str, since: str, verdict: Verdict) -> None:
    """A rate that never holds, or of no currency, is found before an event is refused for it."""
    rates = {code: [Rate(valid_from=since, rate=Fraction(11, 10))]}
    found = list(check_currencies(Settings(exchange_rates=rates), NOW_MS))
    assert found[0].verdict is verdict
    assert found[-1].verdict is Verdict.OK


def test_healthy_topics_are_healthy() -> None:
    """Nothing is said to mend."""
    found = topics_found(all_topics(records=5))
    assert {finding.verdict for finding in found.values()} == {Verdict.OK}
    assert "50 event records" in found["topics"].what


def test_a_missing_topic_is_made_like_the_others() -> None:
    """The command has the count of those that exist, not the setting's."""
    facts = all_topics(partitions=2)
    del facts[NAMES.source("usage")]
    found = topics_found(facts)
    assert found["topics"].what == "missing: tidemark.usage"
    assert found["topics"].mend == "tidemark topics --partitions 2"


def test_a_topic_with_events_is_never_said_to_be_deleted() -> None:
    """An empty topic of another count may be made anew; one with records may not."""
    facts = all_topics(partitions=2)
    odd = NAMES.source("usage")
    facts[odd] = TopicFacts(3, KEPT, {0: 0}, {0: 0})
    found = topics_found(facts)["partitions"]
    assert found.verdict is Verdict.FAIL
    assert f"--delete --topic {odd}" in found.mend
    facts[odd] = TopicFacts(3, KEPT, {0: 0}, {0: 7})
    found = topics_found(facts)["partitions"]
    assert found.verdict is Verdict.FAIL
    assert "--delete" not in found.mend
    assert "anew" in found.mend


def test_events_that_expire_fail() -> None:
    """Each wrong setting of each topic is named, and the command sets all of them."""
    facts = all_topics()
    odd = NAMES.source("ticket")
    facts[odd] = TopicFacts(2, {**KEPT, "retention.ms": "604800000"})
    found = topics_found(facts)["retention"]
    assert found.verdict is Verdict.FAIL
    assert f"{odd} (retention.ms=604800000)" in found.what
    assert f"--entity-name {odd} " in found.mend
    assert "retention.ms=-1" in found.mend


def test_events_that_have_expired_fail() -> None:
    """Retention may be right today; a log that does not begin at 0 tells that it was not."""
    facts = all_topics()
    odd = NAMES.source("usage")
    facts[odd] = TopicFacts(2, KEPT, {0: 0, 1: 37}, {0: 40, 1: 40})
    found = topics_found(facts)["retention"]
    assert found.verdict is Verdict.FAIL
    assert f"{odd}[1] begins at 37" in found.what
    assert f"{odd}[0]" not in found.what


@pytest.mark.parametrize(
    ("facts", "verdict", "said"),
    [
        (TopicFacts(2, {"cleanup.policy": "compact,delete"}), Verdict.FAIL, "expire"),
        (TopicFacts(3, COMPACTED), Verdict.FAIL, "has 3"),
        (None, Verdict.WARN, f"5 of 6: {NAMES.moved} not there"),
    ],
)
def test_changelogs_must_keep_rows(facts: TopicFacts | None, verdict: Verdict, said: str) -> None:
    """Compacted alone, of the events' partition count, and complete."""
    found = all_topics(records=1)
    name = NAMES.moved
    if facts is None:
        del found[name]
    else:
        found[name] = facts
    finding = topics_found(found)["changelogs"]
    assert finding.verdict is verdict
    assert said in finding.what


def test_a_head_that_was_erased_is_not_missed() -> None:
    """A log begins where an erasure let it begin; beyond that its head is gone."""
    facts = all_topics()
    erased = NAMES.source("ticket")
    facts[erased] = TopicFacts(2, KEPT, {0: 0, 1: 7}, {0: 9, 1: 9})
    begins = {TopicPartition(erased, 1): 7}
    assert topics_found(facts, begins)["retention"].verdict is Verdict.OK
    begins = {TopicPartition(erased, 1): 6}
    assert topics_found(facts, begins)["retention"].verdict is Verdict.FAIL


def test_dead_letters_that_are_kept_too_long_are_found() -> None:
    """They hold whole records of others; making the topics again sets how long they are kept."""
    facts = all_topics()
    facts[NAMES.dead_letters] = TopicFacts(2, KEPT, {0: 4, 1: 0}, {0: 4, 1: 0})
    found = topics_found(facts)
    assert found["letters' retention"].verdict is Verdict.WARN
    assert "30 days: retention.ms=-1" in found["letters' retention"].what
    assert found["letters' retention"].mend == "tidemark topics"
    assert found["retention"].verdict is Verdict.OK


def test_dead_letters_are_a_warning() -> None:
    """They are kept, and a command shows them."""
    facts = all_topics()
    facts[NAMES.dead_letters] = TopicFacts(2, KEPT, {0: 1, 1: 0}, {0: 3, 1: 0})
    found = topics_found(facts)["dead letters"]
    assert found.verdict is Verdict.WARN
    assert found.what.startswith("2 records")
    assert "tidemark dead-letters list" in found.mend


def test_partitions_without_a_worker_fail() -> None:
    """They are named; while the group settles, it is only said to settle."""
    facts = all_topics(partitions=1)
    places = [TopicPartition(NAMES.source(name), 0) for name in TOPICS]
    whole = by_name(list(check_group(GroupFacts("Stable", {"w": places}), facts, NAMES)))
    assert {finding.verdict for finding in whole.values()} == {Verdict.OK}
    part = by_name(list(check_group(GroupFacts("Stable", {"w": places[1:]}), facts, NAMES)))
    assert part["owners"].verdict is Verdict.FAIL
    assert f"{places[0].topic}/0" in part["owners"].what
    group = GroupFacts("PreparingRebalance", {"w": places[1:]})
    settling = by_name(list(check_group(group, facts, NAMES)))
    assert settling["workers"].verdict is Verdict.WARN
    assert "owners" not in settling


def test_records_that_nobody_reads_fail() -> None:
    """No worker is a warning while there is nothing to do; lag is told by topic."""
    idle = by_name(list(check_group(GroupFacts("Empty"), all_topics(), NAMES)))
    assert idle["workers"].verdict is Verdict.WARN
    waiting = by_name(list(check_group(GroupFacts("Empty"), all_topics(records=3), NAMES)))
    assert waiting["workers"].verdict is Verdict.FAIL
    assert waiting["workers"].mend == "tidemark worker"
    assert "usage 6" in waiting["lag"].what
    committed = {TopicPartition(NAMES.source("usage"), n): 3 for n in range(2)}
    done = GroupFacts("Empty", {}, committed)
    assert "usage" not in by_name(list(check_group(done, all_topics(records=3), NAMES)))["lag"].what


def posted(age_s: float, *, ready: bool, last_event_ms: int | None = None) -> PartitionView:
    """What the worker ``w`` published of a partition."""
    topics = {"usage": TopicStatus(last_event_ms=last_event_ms)}
    status = PartitionStatus(owner="w", ready=ready, topics=topics)
    return PartitionView(1, 1, age_s, encode_status(status), full=True, changes={})


@pytest.mark.parametrize(
    ("expected", "views", "verdict", "said"),
    [
        (0, {}, Verdict.WARN, "no worker"),
        (2, {0: posted(1.0, ready=True)}, Verdict.FAIL, "partitions 1 of 2"),
        (1, {0: posted(99.0, ready=True)}, Verdict.FAIL, "0 of w 99 s"),
        (1, {0: posted(1.0, ready=False)}, Verdict.WARN, "restored"),
        (1, {0: posted(1.0, ready=True, last_event_ms=NOW_MS)}, Verdict.OK, "1 partitions"),
    ],
)
def test_the_board_must_be_whole_and_fresh(
    expected: int, views: dict[int, PartitionView], verdict: Verdict, said: str
) -> None:
    """What holds KPIs back is named by partition, worker and age."""
    [found] = check_board(expected, views, expected or None, 15.0, NOW_MS)
    assert found.verdict is verdict
    assert said in found.what


def test_a_status_that_cannot_be_read_is_of_nobody() -> None:
    """Its partition counts as not restored; its worker is unknown."""
    [found] = check_board(1, {0: PartitionView(1, 1, 99.0, b"?", True, {})}, 1, 15.0, NOW_MS)
    assert "0 of an unknown worker 99 s" in found.what
    [found] = check_board(1, {0: PartitionView(1, 1, 1.0, b"?", True, {})}, 1, 15.0, NOW_MS)
    assert found.verdict is Verdict.WARN


def test_a_board_of_another_installation_is_found() -> None:
    """Its partition count gives it away; each installation needs a prefix of its own."""
    found = next(iter(check_board(4, {}, 8, 15.0, NOW_MS)))
    assert found.verdict is Verdict.FAIL
    assert "TIDEMARK_REDIS_PREFIX" in found.mend


def test_a_board_to_which_nobody_publishes_is_another_one() -> None:
    """Workers run and the board is empty: they have another Redis, or other keys in it."""
    [found] = check_board(0, {}, 8, 15.0, NOW_MS, workers=2)
    assert found.verdict is Verdict.FAIL
    assert "TIDEMARK_REDIS_PREFIX" in found.mend


def test_events_of_the_future_are_a_warning() -> None:
    """Some clock is wrong."""
    views = {0: posted(1.0, ready=True, last_event_ms=NOW_MS + 3_600_000)}
    assert list(check_board(1, views, 1, 15.0, NOW_MS))[-1].name == "event times"


def test_a_board_of_another_cluster_is_found() -> None:
    """It may have as many partitions as ours; what it says of itself gives it away."""
    status = encode_status(PartitionStatus("w", 1, True, installation="theirs"))
    views = {0: PartitionView(1, 1, 1.0, status, True, {})}
    found = next(iter(check_board(1, views, 1, 15.0, NOW_MS, "ours")))
    assert found.verdict is Verdict.FAIL
    assert "theirs" in found.what
    assert next(iter(check_board(1, views, 1, 15.0, NOW_MS, "theirs"))).verdict is Verdict.OK


def test_records_in_the_wrong_partition_fail() -> None:
    """Counted by topic over all partitions; where there are none, nothing is said."""
    events = ({"usage": {"wrong_partition": 3, "folded": 9}}, {"usage": {"wrong_partition": 4}})
    views = {
        number: PartitionView(
            1, 1, 1.0, encode_status(PartitionStatus("w", 1, True, events=said)), True, {}
        )
        for number, said in enumerate(events)
    }
    [_, keys] = check_board(2, views, 2, 15.0, NOW_MS)
    assert (keys.name, keys.verdict) == ("keys", Verdict.FAIL)
    assert "7 of usage" in keys.what


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        *(("15d", Verdict.FAIL), ("15d or 10GiB", Verdict.FAIL), ("5y", Verdict.OK)),
        *(("400d", Verdict.OK), ("10GiB", Verdict.OK)),
    ],
)
def test_a_short_memory_of_prometheus_fails(told: str, verdict: Verdict) -> None:
    """Less than a year and a month deletes what windows and comparisons need."""
    assert check_retention(told).verdict is verdict


@pytest.mark.parametrize("text", ["", "9092", "host:", ":9092", "host:x", "host:99999"])
def test_an_address_is_host_and_port(text: str) -> None:
    """Anything else is told before a client library gets lost in it."""
    with pytest.raises(NoBrokerError, match="HOST:PORT"):
        address_of(text)


def test_a_broker_too_old_is_told_by_what_it_lacks() -> None:
    """Idempotent producers, for one."""
    assert missing({0: (0, 2), 32: (0, 1)}) == ["idempotent producers (0.11)"]
    assert missing({22: (0, 1), 32: (0, 1)}) == []


@pytest.mark.parametrize("url", ["", "127.0.0.1:9090", "ftp://h/", "http://", "http://h:port"])
def test_a_site_is_http(url: str) -> None:
    """Anything else is told, and the text is not repeated: it may hold a password."""
    with pytest.raises(NoAnswerError, match="not a"):
        Site(url)


def test_attributes_without_accounts_and_with_too_many_values() -> None:
    """What the exporter notes of segments is named, with the setting to change."""
    assert list(check_segments('tidemark_build_info{version="1"} 1.0\n')) == []
    text = "".join(
        f'tidemark_segment_values{{attribute="{name}"}} {count}\n'
        for name, count in (("plan_teir", 0.0), ("csm_id", 173.0))
    )
    found = by_name(list(check_segments(text)))
    assert "plan_teir" in found["segments"].what
    assert "csm_id (173)" in found["segment values"].what
    assert "SEGMENT_VALUES_MAX" in found["segment values"].mend
    assert {each.verdict for each in found.values()} == {Verdict.WARN}
