"""The gateway's application: who may post what where, and what they are told.

An answer of 200 says that every event of the request is in the log, synced; to send a request again
is always harmless. An answer that is an error says that it has to be sent again, mended or not.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Sequence
from http import HTTPStatus
from typing import Any, Final, TypeVar

import msgspec
from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from events import Decoder
from events.dialect import PLAIN, Dialect
from events.event import Batch
from events.log import Letter, Log, LogError, Stored
from exporters.gateway.body import BodyError, body_of, plain
from exporters.gateway.posted import PostedError, events_of, is_of_another_site
from exporters.gateway.readiness import Readiness
from exporters.gateway.signatures import SignatureError
from exporters.gateway.tally import Tally
from exporters.gateway.webhook import Reading, Webhook
from exporters.http.answer import Answer, EventStream, say
from exporters.http.door import Door
from exporters.http.names import LOOPBACK, Names
from exporters.http.traffic import Refusal, Traffic
from exporters.http.web_config import WebConfig, WebConfigFile

logger = logging.getLogger(__name__)

EVENTS_PATH: Final = "/v1/events"
WEBHOOKS_PATH: Final = "/webhooks/"

PROBLEMS_MAX: Final = 20
"""Events of a request whose faults are told one by one, and kinds of letters that are logged."""

WAITING_BYTES_MAX: Final = 64 << 20
"""Of requests that wait for the log: 16 of the largest. More are to come again in a second."""

UNSIGNED_MS: Final = 60_000
"""Between two lines about requests to one place that were not signed as they should be."""

_EVENTS: Final = "events"
_JSON: Final = {"Content-Type": "application/json"}
_LATER: Final = {"Retry-After": "1"}

_Result = TypeVar("_Result")


class Gateway:
    """Answers ``POST /v1/events`` and ``POST /webhooks/NAME``, probes and ``/metrics``.

    Attributes:
        traffic: Clients that were turned away.
        tally: Requests and records.
    """

    def __init__(
        self,
        log: Log,
        webhooks: Iterable[Webhook],
        clock_ms: Callable[[], int],
        dialect: Dialect = PLAIN,
        names: Names = LOOPBACK,
    ) -> None:
        """Takes where events go.

        Args:
            log: Where they go.
            webhooks: What is posted to, besides events in our form.
            clock_ms: The time, in ms of the epoch.
            dialect: How producers write events.
            names: The names that are answered, webhooks aside: those are signed.
        """
        self.traffic = Traffic()
        self._webhooks = {WEBHOOKS_PATH + each.name: each for each in webhooks}
        self.tally = Tally([_EVENTS, *(_place(path) for path in self._webhooks)])
        self._log = log
        self._clock_ms = clock_ms
        self._decoder = Decoder(dialect)
        self._door = Door(self.traffic, names)
        self._starting: asyncio.Task[None] | None = None
        self._readiness = Readiness(self._check)
        self._unsigned_ms: dict[str, int] = {}
        self._working: set[asyncio.Task[Any]] = set()
        self._waiting_bytes = 0
        self._registry = CollectorRegistry()
        for each in (self.traffic, self.tally):
            self._registry.register(each)

    @property
    def collectors(self) -> tuple[Collector, ...]:
        """What it counts, for the metrics of the service that it is part of."""
        return (self.tally,)

    def close(self) -> None:
        """Lets its threads end."""
        self._door.close()

    async def stop(self) -> None:
        """Ends the log, once all that was begun is stored."""
        await asyncio.gather(*self._working, return_exceptions=True)
        await self._readiness.stop()
        if self._starting is not None and not self._starting.cancelled():
            await self._log.stop()

    async def answer(
        self, request: web.BaseRequest, config: WebConfigFile
    ) -> web.Response | EventStream:
        """Answers a request by the rules that are in force for it."""
        return await self._door.answer(request, config, self._routed)

    async def _routed(self, request: web.BaseRequest, rules: WebConfig) -> Answer:
        try:
            return await self._route(request, rules)
        except BodyError as error:
            self.traffic.refusals[Refusal.TOO_LARGE] += 1
            return say(error.status, str(error))

    async def _route(self, request: web.BaseRequest, rules: WebConfig) -> Answer:
        webhook = self._webhooks.get(request.path)
        if webhook is not None and request.method == "POST":
            return await self._webhook(request, webhook)
        if (refusal := await self._door.refusal(request, rules)) is not None:
            return refusal
        match request.method, request.path:
            case "POST", "/v1/events":
                return await self._events(request)
            case "GET" | "HEAD", "/-/healthy":
                return say(HTTPStatus.OK, "healthy")
            case "GET" | "HEAD", "/-/ready":
                return await self._ready()
            case "GET" | "HEAD", "/metrics":
                encode, kind = choose_encoder(request.headers.get("Accept", ""))
                return Answer(HTTPStatus.OK, encode(self._registry), {"Content-Type": kind})
        if request.path in (EVENTS_PATH, *self._webhooks):
            self.traffic.refusals[Refusal.METHOD] += 1
            return say(HTTPStatus.METHOD_NOT_ALLOWED, "POST only", {"Allow": "POST"})
        named = ", ".join([EVENTS_PATH, *sorted(self._webhooks)])
        return say(HTTPStatus.NOT_FOUND, f"there is {named}, /metrics, /-/healthy and /-/ready")

    async def _ready(self) -> Answer:
        try:
            await self._readiness.found()
        except LogError as error:
            return say(HTTPStatus.SERVICE_UNAVAILABLE, f"not ready: {error}", _LATER)
        return say(HTTPStatus.OK, "ready")

    async def _check(self) -> None:
        await self._started()
        await self._log.check()

    async def _events(self, request: web.BaseRequest) -> Answer:
        if is_of_another_site(request.headers):
            error = {"error": "no events are taken from pages of other sites"}
            return self._told(_EVENTS, "refused", HTTPStatus.FORBIDDEN, error)
        body = plain(await body_of(request), request.headers.get("Content-Encoding", ""))
        try:
            lines = events_of(request.headers, body)
        except PostedError as wrong:
            return self._told(_EVENTS, "refused", HTTPStatus.BAD_REQUEST, {"error": str(wrong)})
        batch = self._decoder.decode(lines)
        if batch.rejects:
            return self._told(_EVENTS, "refused", HTTPStatus.BAD_REQUEST, _problems(batch))
        stored = await self._whole(self._stored(_EVENTS, lines, []))
        if isinstance(stored, Answer):
            return stored
        told: dict[str, Any] = {"new": stored.new, "known": stored.known}
        if batch.ignored:
            told["ignored"] = dict(batch.ignored)
        if not stored.other:
            return self._told(_EVENTS, "accepted", HTTPStatus.OK, told)
        told["error"] = "events are known with other content; the first holds"
        told["other"] = stored.other[:PROBLEMS_MAX]
        return self._told(_EVENTS, "refused", HTTPStatus.CONFLICT, told)

    async def _webhook(self, request: web.BaseRequest, webhook: Webhook) -> Answer:
        place = _place(request.path)
        body = await body_of(request)
        try:
            webhook.check(request.headers, body, self._clock_ms() / 1000)
        except SignatureError as error:
            self._unsigned(place, error)
            told = {"error": str(error)}
            return self._told(place, "unsigned", HTTPStatus.UNAUTHORIZED, told)
        plain_body = plain(body, request.headers.get("Content-Encoding", ""))
        taken = await self._whole(self._read(place, webhook, plain_body))
        if isinstance(taken, Answer):
            return taken
        reading, stored = taken
        self.tally.records[place, "passed"] += reading.passed
        for (reason, detail), count in _kinds(reading.letters).most_common(PROBLEMS_MAX):
            logger.warning("%s: %s kept as letters: %s: %s", place, count, reason, detail)
        counts = {"new": stored.new, "known": stored.known, "other": len(stored.other)}
        more = {"letters": len(reading.letters), "passed": reading.passed}
        return self._told(place, "accepted", HTTPStatus.OK, counts | more)

    def _unsigned(self, place: str, error: SignatureError) -> None:
        """Logs one a minute, so that strangers do not fill the disk; all are counted."""
        now = self._clock_ms()
        if abs(now - self._unsigned_ms.get(place, -UNSIGNED_MS)) >= UNSIGNED_MS:
            self._unsigned_ms[place] = now
            logger.warning("%s: a request was not signed as it should be: %s", place, error)

    async def _read(
        self, place: str, webhook: Webhook, body: bytes
    ) -> tuple[Reading, Stored] | Answer:
        """Tells a body and stores what it came to, after what was not stored before."""
        while webhook.unstored:
            stored = await self._kept(place, webhook, webhook.unstored.pop())
            if isinstance(stored, Answer):
                return stored
        reading = webhook.read(body)
        stored = await self._kept(place, webhook, reading)
        return stored if isinstance(stored, Answer) else (reading, stored)

    async def _kept(self, place: str, webhook: Webhook, reading: Reading) -> Stored | Answer:
        """Stores a reading; where the log does not take it, it waits for the next request."""
        stored: Stored | Answer | None = None
        try:
            stored = await self._stored(place, reading.events, reading.letters)
        finally:
            if not isinstance(stored, Stored):
                webhook.unstored.append(reading)
        return stored

    async def _whole(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """Does what must not be left halfway, whether or not its client waits for the end."""
        task = asyncio.create_task(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        return await asyncio.shield(task)

    async def _stored(
        self, place: str, events: Sequence[bytes], letters: Sequence[Letter]
    ) -> Stored | Answer:
        """Stores what came; returns what to tell where the log does not take it for now."""
        size = sum(map(len, events))
        if self._waiting_bytes and self._waiting_bytes + size > WAITING_BYTES_MAX:
            return self._later(place, "too much waits for the log")
        self._waiting_bytes += size
        try:
            await self._started()
            stored = await self._log.store(events, letters) if events or letters else Stored()
        except LogError as error:
            logger.warning("%s: not stored: %s", place, error)
            return self._later(place, "the log takes no events now")
        finally:
            self._waiting_bytes -= size
        counts = {"new": stored.new, "known": stored.known, "other": len(stored.other)}
        for outcome, count in (counts | {"letter": len(letters)}).items():
            self.tally.records[place, outcome] += count
        return stored

    def _later(self, place: str, why: str) -> Answer:
        self.tally.requests[place, "unavailable"] += 1
        return say(HTTPStatus.SERVICE_UNAVAILABLE, f"{why}: send it again", _LATER)

    def _told(self, place: str, outcome: str, status: HTTPStatus, told: Any) -> Answer:
        self.tally.requests[place, outcome] += 1
        return Answer(status, msgspec.json.encode(told) + b"\n", _JSON)

    async def _started(self) -> None:
        """Starts the log with the first request, and again where that failed.

        Raises:
            LogError: If it cannot be started.
        """
        starting = self._starting
        if starting is None or (starting.done() and starting.exception() is not None):
            self._starting = starting = asyncio.create_task(self._log.start())
        await asyncio.shield(starting)


def _place(path: str) -> str:
    return path.removeprefix("/")


def _kinds(letters: Iterable[Letter]) -> Counter[tuple[str, str]]:
    return Counter((each.reason, each.detail) for each in letters)


def _problems(batch: Batch) -> dict[str, Any]:
    told = [
        {"event": each.index, "reason": each.reason, "detail": each.detail}
        for each in batch.rejects[:PROBLEMS_MAX]
    ]
    error = f"{len(batch.rejects)} are no events; none of the request was taken"
    return {"error": error, "problems": told}
