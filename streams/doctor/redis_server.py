"""Checks of the Redis server that holds the board. Its password is never shown."""

from collections.abc import Iterator
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

from streams.clock import now_ms
from streams.doctor.finding import Finding, fail, ok, warn

ANSWER_S: Final = 3.0
"""For one answer; a board's server is near enough to answer within milliseconds."""

CLOCKS_APART_S: Final = 5.0
"""Difference of two clocks that is worth a word: ages are told by the one of Redis, figures are
read by ours."""

_OLDEST: Final = (7, 0)
_KEEPS_ALL: Final = "noeviction"
_URL: Final = "redis://[:PASSWORD@]HOST:PORT/0"


def check_redis(url: str) -> Iterator[Finding]:
    """Checks the server behind a URL."""
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
        yield from _ask(client, where, has_password=bool(options.get("password")))
    except (AuthenticationError, AuthorizationError, NoPermissionError) as error:
        yield _refused(where, error, has_password=bool(options.get("password")))
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


def _refused(where: str, error: Exception, *, has_password: bool) -> Finding:
    if isinstance(error, NoPermissionError):
        what = f"{where} does not let this user ask: {type(error).__name__}"
        mend = (
            "give the user of TIDEMARK_REDIS the rights +@all ~tidemark:* (redis-cli ACL SETUSER)"
        )
        return fail("redis", what, mend)
    if has_password:
        what = f"{where} refuses the password of TIDEMARK_REDIS"
    else:
        what = f"{where} wants a password, and TIDEMARK_REDIS has none"
    return fail("redis", what, f"put the right one into TIDEMARK_REDIS: {_URL}")


def _ask(client: Any, where: str, *, has_password: bool) -> Iterator[Finding]:
    begun_ms = now_ms()
    seconds, micros = client.time()
    ended_ms = now_ms()
    try:
        info = client.info()
    except ResponseError as error:
        yield _refused(where, error, has_password=has_password)
        return
    version = str(info.get("redis_version", "0"))
    if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST:
        yield fail("redis", f"{where} is {version}", "run Redis 7.0 or later")
    else:
        yield ok("redis", f"{where} answers; Redis {version}")
    if info.get("role") == "slave":
        mend = "set TIDEMARK_REDIS to the primary server"
        yield fail("redis role", f"{where} is a replica, which takes no writes", mend)
    yield _memory(info)
    yield _clock(int(seconds) * 1000 + int(micros) // 1000, begun_ms, ended_ms)


def _memory(info: dict[str, Any]) -> Finding:
    policy, limit = str(info.get("maxmemory_policy")), int(info.get("maxmemory", 0))
    used = int(info.get("used_memory", 0))
    told = f"{used / 2**20:.0f} MiB of {f'{limit / 2**20:.0f} MiB' if limit else 'no limit'}"
    if limit and policy != _KEEPS_ALL:
        what = f"{told}; {policy} may drop a partition, and KPIs with it"
        return fail("redis memory", what, f"redis-cli CONFIG SET maxmemory-policy {_KEEPS_ALL}")
    if limit and used > 0.9 * limit:
        mend = "redis-cli CONFIG SET maxmemory to twice as much"
        return warn("redis memory", f"{told}: nearly full", mend)
    return ok("redis memory", f"{told}, {policy}")


def _clock(theirs_ms: int, begun_ms: int, ended_ms: int) -> Finding:
    """Compares clocks; the answer was made at some moment between asking and hearing it."""
    apart_s = max(begun_ms - theirs_ms, theirs_ms - ended_ms, 0) / 1000
    if apart_s > CLOCKS_APART_S:
        what = f"this machine and Redis are {apart_s:.0f} s apart"
        return fail("clock", what, "timedatectl set-ntp true, on both machines")
    return ok("clock", f"this machine and Redis agree within {CLOCKS_APART_S:g} s")
