"""The application: what is at which path, and who may see it.

Nothing here waits for a socket, and what takes time is done in threads: figures in one, one after
the other; probes in another, so that they answer while figures are computed; what reads rows of
accounts in a third.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from typing import Final

from aiohttp import web
from prometheus_client.exposition import gzip_accepted
from prometheus_client.metrics_core import Metric

from exporters.http.answer import Answer, Events, EventStream, Text, say
from exporters.http.broadcast import Broadcast
from exporters.http.door import Door
from exporters.http.exposition import Exposition
from exporters.http.names import LOOPBACK, Names
from exporters.http.traffic import Refusal, Traffic
from exporters.http.web_config import WebConfig, WebConfigFile
from exporters.live_reading import LiveReading, Reading
from exporters.site import Asked, LiveSite, News, Site
from exporters.text_format import encoder

_METHODS: Final = ("GET", "HEAD")
_PATHS: Final = "there is /, /kpis/ID, /api/v1/, /metrics, /-/healthy and /-/ready"


class Application:
    """Answers GET and HEAD; see the module for how.

    Attributes:
        traffic: What was turned away.
    """

    def __init__(
        self,
        live: LiveReading,
        families: Callable[[Reading], Iterable[Metric]],
        pages: LiveSite,
        traffic: Traffic | None = None,
        *others: Site,
        names: Names = LOOPBACK,
    ) -> None:
        """Takes what it shows.

        Args:
            live: Takes readings.
            families: What ``/metrics`` exposes of a reading.
            pages: Renders the pages.
            traffic: Where to count what is turned away.
            others: What else answers, at paths of its own.
            names: The names that are answered.
        """
        self.traffic = Traffic() if traffic is None else traffic
        self._live = live
        self._exposition = Exposition(families)
        self._pages = pages
        self._sites = (pages, *others)
        self._door = Door(self.traffic, names)
        self._figures = ThreadPoolExecutor(1, "tidemark-figures")
        self._probes = ThreadPoolExecutor(1, "tidemark-probe")
        self._accounts = ThreadPoolExecutor(1, "tidemark-accounts")
        self._shared: dict[object, asyncio.Future[Answer]] = {}
        self._broadcast = Broadcast(self._look, pages.topic({}))
        self._routes: dict[str, Callable[[web.BaseRequest], Awaitable[Answer | Events]]] = {
            "/metrics": self._metrics,
            "/live": self._live_page,
            "/-/healthy": self._healthy,
            "/-/ready": self._ready,
        }

    async def stop(self) -> None:
        """Ends what it began in the loop of the server."""
        await self._broadcast.stop()

    def close(self) -> None:
        """Lets its threads end; whoever still waits for one gets no answer."""
        self._door.close()
        for threads in (self._figures, self._probes, self._accounts):
            threads.shutdown(wait=False, cancel_futures=True)

    async def answer(
        self, request: web.BaseRequest, config: WebConfigFile
    ) -> web.Response | EventStream:
        """Answers a request by the rules that are in force for it."""
        return await self._door.answer(request, config, self._allowed)

    async def _allowed(self, request: web.BaseRequest, rules: WebConfig) -> Answer | Events:
        refusals = self.traffic.refusals
        if (refusal := await self._door.refusal(request, rules)) is not None:
            return refusal
        site = next((each for each in self._sites if each.are_at(request.path)), None)
        route = self._routes.get(request.path)
        if route is None and site is None:
            return say(HTTPStatus.NOT_FOUND, _PATHS)
        if request.method not in _METHODS:
            refusals[Refusal.METHOD] += 1
            allowed = {"Allow": ", ".join(_METHODS)}
            return _refusal(site, HTTPStatus.METHOD_NOT_ALLOWED, "GET or HEAD only", allowed)
        if request.body_exists:
            refusals[Refusal.METHOD] += 1
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            return _refusal(site, status, "no body is read here")
        if route is not None:
            return await route(request)
        assert site is not None, "else there is nothing there"
        return await self._page(site, request)

    async def _healthy(self, request: web.BaseRequest) -> Answer:
        return say(HTTPStatus.OK, "healthy")

    async def _ready(self, request: web.BaseRequest) -> Answer:
        return await self._once(self._probes, "/-/ready", self._readiness)

    def _readiness(self) -> Answer:
        state = self._live.state()
        if state.complete:
            return say(HTTPStatus.OK, "ready")
        return say(HTTPStatus.SERVICE_UNAVAILABLE, f"stale: {state.reason}")

    async def _live_page(self, request: web.BaseRequest) -> Answer | Events:
        if request.method == "HEAD":
            return Answer(HTTPStatus.OK, b"", {"Content-Type": "text/event-stream"})
        known = request.headers.get("Last-Event-ID") or request.query.get("since", "")
        return Events(self._broadcast.listen(self._pages.topic(request.query), known))

    async def _look(self, topic: Hashable) -> News:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._figures, self._pages.news, topic)

    async def _page(self, site: Site, request: web.BaseRequest) -> Answer:
        packed, headers = _packed(request), request.headers
        accept, known = headers.get("Accept", ""), headers.get("If-None-Match", "")
        asked = Asked(request.path, tuple(request.query.items()), accept, known)
        threads = self._accounts if site.is_slow(request.path) else self._figures
        return await self._once(threads, (asked, packed), partial(_made, site, asked, packed))

    async def _metrics(self, request: web.BaseRequest) -> Answer:
        accept, packed = request.headers.get("Accept", ""), _packed(request)
        alike = "/metrics", encoder(accept)[1], packed
        return await self._once(self._figures, alike, partial(self._exposed, accept, packed))

    def _exposed(self, accept: str, packed: bool) -> Answer:
        return self._exposition.of(self._live.take(), accept).answer(packed)

    async def _once(
        self, threads: ThreadPoolExecutor, alike: object, make: Callable[[], Answer]
    ) -> Answer:
        """Makes an answer, once for all who ask for the same while it is being made."""
        making = self._shared.get(alike)
        if making is None:
            making = asyncio.get_running_loop().run_in_executor(threads, make)
            self._shared[alike] = making
            making.add_done_callback(lambda _: self._shared.pop(alike))
        return await asyncio.shield(making)


def _packed(request: web.BaseRequest) -> bool:
    return gzip_accepted(request.headers.get("Accept-Encoding", ""))


def _made(site: Site, asked: Asked, packed: bool) -> Answer:
    content = site.answer(asked)
    text = Text(content.content_type, content.body)
    return text.answer(packed, content.headers, content.status)


def _refusal(
    site: Site | None, status: HTTPStatus, text: str, headers: Mapping[str, str] | None = None
) -> Answer:
    """Says in the form of a site that a request is not answered."""
    if site is None:
        return say(status, text, headers)
    content = site.refusal(status, text)
    more = {"Content-Type": content.content_type, **content.headers, **(headers or {})}
    return Answer(status, content.body, more)
