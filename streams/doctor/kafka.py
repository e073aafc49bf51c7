"""Checks of Kafka itself: somebody answers, new enough, and under the name that it gives itself."""

from collections.abc import Iterator

from streams.doctor.broker import missing, release
from streams.doctor.finding import Finding, fail, ok, warn
from streams.doctor.kafka_facts import Bootstrap, KafkaFacts


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
    lacking = missing(versions)
    if lacking:
        yield fail("kafka", f"too old: no {', '.join(lacking)}", "run Kafka 2.1 or later")
        return
    names = ", ".join(each.address for each in answering)
    yield ok("kafka", f"{names} answers; Kafka {release(versions)}")


def check_advertised(facts: KafkaFacts) -> Finding:
    """Whether each broker can be reached under the name that clients are told to use."""
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
