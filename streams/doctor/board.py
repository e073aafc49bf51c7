"""Checks of Redis and of the board that lies there: fresh, whole, and of this installation."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import redis
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    NoPermissionError,
    RedisError,
    ResponseError,
)
from redis.retry import Retry

from aggregates.shard.board import PartitionStatus, PartitionView, decode_status
from events import WRONG_PARTITION
from streams.clock import now_ms
from streams.doctor import Finding, fail, listed, ok, warn
from streams.doctor.machine import check_clock

ANSWER_S: Final = 3.0
"""For one answer; a board's server is near enough to answer within milliseconds."""

_OLDEST: Final = (7, 0)
_KEEPS_ALL: Final = "noeviction"
_URL: Final = "redis://[:PASSWORD@]HOST:PORT/0"

AHEAD_MS: Final = 300_000
"""An event this far ahead of our clock was stamped by another clock that is wrong, or ours is."""


def check_redis(url: str) -> Iterator[Finding]:
    """Checks the server behind a URL; its password is never shown."""
    try:
        client = redis.Redis.from_url(
            url,
            protocol=2,
            socket_connect_timeout=ANSWER_S,
            socket_timeout=ANSWER_S,
            retry=Retry(NoBackoff(), 0),
        )
    except (ValueError, TypeError):  # whose message may hold the URL
        yield fail("redis", "TIDEMARK_REDIS is no Redis URL", f"set it to {_URL}")
        return
    options = client.connection_pool.connection_kwargs
    where = str(options.get("path") or f"{options.get('host')}:{options.get('port')}")
    try:
        yield from _ask(client, where)
    except NoPermissionError as error:
        what = f"{where} does not let this user ask: {error}"
        mend = "give the user of TIDEMARK_REDIS the doctor's rights in docs/security.md"
        yield fail("redis", what, mend)
    except (AuthenticationError, AuthorizationError):
        if options.get("password"):
            what = f"{where} refuses the password of TIDEMARK_REDIS"
        else:
            what = f"{where} wants a password, and TIDEMARK_REDIS has none"
        yield fail("redis", what, f"put the right one into TIDEMARK_REDIS: {_URL}")
    except (RedisError, OSError) as error:
        what = f"{where} does not answer: {_reason(error)}"
        mend = "start Redis (redis-server), or set TIDEMARK_REDIS to where it is"
        yield fail("redis", what, mend)
    finally:
        client.close()


def _reason(error: Exception) -> str:
    """Says what is wrong, in the words of the cause, where no address of ours can be."""
    cause = error.__cause__ or error.__context__
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return type(error).__name__


def _ask(client: Any, where: str) -> Iterator[Finding]:
    begun_ms = now_ms()
    seconds, micros = client.time()
    theirs_ms = int(seconds) * 1000 + int(micros) // 1000
    clock = check_clock("clock", "Redis", begun_ms, theirs_ms, "this machine and Redis agree")
    try:
        info = client.info()
    except NoPermissionError:
        raise
    except ResponseError as error:  # as servers say that they want a password
        raise AuthorizationError(str(error)) from error
    version = str(info.get("redis_version", "0"))
    if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST:
        yield fail("redis", f"{where} is {version}", "run Redis 7.0 or later")
    else:
        yield ok("redis", f"{where} answers; Redis {version}")
    if info.get("role") == "slave":
        mend = "set TIDEMARK_REDIS to the primary server"
        yield fail("redis role", f"{where} is a replica, which takes no writes", mend)
    yield _memory(info)
    yield clock


def _memory(info: dict[str, Any]) -> Finding:
    policy, limit = str(info.get("maxmemory_policy")), int(info.get("maxmemory", 0))
    used = int(info.get("used_memory", 0))
    taken = f"{used / 2**20:.0f} MiB of {f'{limit / 2**20:.0f} MiB' if limit else 'no limit'}"
    if limit and policy != _KEEPS_ALL:
        what = f"{taken}; {policy} may drop a partition, and KPIs with it"
        return fail("redis memory", what, f"redis-cli CONFIG SET maxmemory-policy {_KEEPS_ALL}")
    if limit and used > 0.9 * limit:
        mend = "redis-cli CONFIG SET maxmemory to twice as much"
        return warn("redis memory", f"{taken}: nearly full", mend)
    return ok("redis memory", f"{taken}, {policy}")


def check_board(
    expected: int,
    views: Mapping[int, PartitionView],
    partitions: int | None,
    stale_after_s: float,
    now_ms: int,
    cluster: str = "",
    workers: int = 0,
) -> Iterator[Finding]:
    """Checks that a board is whole, fresh, ready, and of this installation.

    Args:
        expected: Partitions that it says there are; 0 if nobody has said so.
        views: Those that lie there, by number.
        partitions: Of the event topics; None if they are not known.
        stale_after_s: Age at which the exporter holds KPIs back.
        now_ms: The time.
        cluster: Id of our Kafka cluster; empty if it is not known.
        workers: How many own partitions there.
    """
    if not expected and workers:
        what = f"nothing is published here, though {workers} workers run"
        mend = (
            "set TIDEMARK_REDIS and TIDEMARK_REDIS_PREFIX as the workers have them, here and for "
            "exporters; if they are the same, a worker has just started: ask again"
        )
        yield fail("board", what, mend)
        return
    if not expected:
        yield warn("board", "no worker has published yet", "tidemark worker")
        return
    statuses = {
        number: decode_status(view.status) or PartitionStatus()
        for number, view in sorted(views.items())
    }
    others = {status.installation for status in statuses.values()} - {"", cluster}
    mend = (
        "another installation uses the same keys: set TIDEMARK_REDIS_PREFIX to a name of its own "
        "for each, for workers and exporters"
    )
    if partitions is not None and expected != partitions:
        what = f"it is of {expected} partitions, the topics have {partitions}"
        yield fail("board", what, mend)
    elif cluster and others:
        yield fail("board", f"it is of the Kafka cluster {listed(sorted(others))}", mend)
    ages_s = {number: view.age_s for number, view in views.items()}
    yield _whole(expected, statuses, ages_s, stale_after_s)
    yield from _misplaced(statuses.values())
    topics = (topic for status in statuses.values() for topic in status.topics.values())
    late = max((topic.last_event_ms or 0 for topic in topics), default=0)
    if late > now_ms + AHEAD_MS:
        what = f"events lie {(late - now_ms) / 1000:.0f} s in the future"
        yield warn("event times", what, "set the clock of this machine, or of the producers, right")


def _misplaced(statuses: Iterable[PartitionStatus]) -> Iterator[Finding]:
    """Tells of records that lie in another partition than their account's."""
    counts: Counter[str] = Counter()
    for status in statuses:
        for topic, outcomes in status.events.items():
            counts[topic] += outcomes.get(WRONG_PARTITION, 0)
    told = [f"{count} of {topic}" for topic, count in sorted(counts.items()) if count]
    if told:
        what = f"records lie in another partition than their account's: {listed(told)}"
        mend = (
            "let producers use Kafka's default partitioner and the account's id as key, then "
            "tidemark dead-letters replay --reason wrong_partition"
        )
        yield fail("keys", what, mend)


def _whole(
    expected: int,
    statuses: Mapping[int, PartitionStatus],
    ages_s: Mapping[int, float],
    stale_after_s: float,
) -> Finding:
    lost = [str(number) for number in range(expected) if number not in statuses]
    if lost:
        mend = "start or restart the workers (tidemark worker); they publish all they have"
        return fail("board", f"partitions {listed(lost)} of {expected} are not there", mend)
    late = [
        f"{number} of {status.owner or 'an unknown worker'} {ages_s[number]:.0f} s"
        for number, status in statuses.items()
        if ages_s[number] > stale_after_s
    ]
    if late:
        mend = "restart those workers (tidemark worker), and look at their log"
        return fail("board", f"KPIs are held back; last published: {listed(late)} ago", mend)
    waiting = [str(number) for number, status in statuses.items() if not status.ready]
    if waiting:
        what = f"partitions {listed(waiting)} are being restored"
        return warn("board", what, "wait; tidemark_restore_seconds tells how long it took last")
    owners, oldest_s = {status.owner for status in statuses.values()}, max(ages_s.values())
    return ok(
        "board", f"{expected} partitions of {len(owners)} workers, all within {oldest_s:.1f} s"
    )
