"""The door of an application: the rules in force, who is let in, and errors made into answers."""

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from aiohttp import web

from exporters.http.answer import Answer, Events, EventStream, say
from exporters.http.passwords import Passwords
from exporters.http.traffic import Refusal, Traffic
from exporters.http.web_config import WebConfig, WebConfigError, WebConfigFile

logger = logging.getLogger(__name__)

_FAILED: Final = say(HTTPStatus.INTERNAL_SERVER_ERROR, "failed; the log says why")
_CHALLENGE: Final = {"WWW-Authenticate": 'Basic realm="tidemark"'}

Route = Callable[[web.BaseRequest, WebConfig], Awaitable[Answer | Events]]


class Door:
    """The one seam where an unexpected error becomes an answer."""

    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic
        self._passwords = Passwords()

    def close(self) -> None:
        """Lets its threads end."""
        self._passwords.close()

    async def answer(
        self, request: web.BaseRequest, config: WebConfigFile, route: Route
    ) -> web.Response | EventStream:
        """Answers a request by a route, and by the rules that are in force for it."""
        rules = WebConfig()
        try:
            rules = config.current()
            answer: Answer | Events = await route(request, rules)
        except WebConfigError:  # logged when it was first read
            answer = _FAILED
        except Exception:
            logger.exception("a request for %r failed", request.path)
            answer = _FAILED
        return answer.response(rules.headers)

    async def refusal(self, request: web.BaseRequest, rules: WebConfig) -> Answer | None:
        """Returns what a client is told that has no password of a user; None if it may go in."""
        if await self._passwords.allow(request.headers.get("Authorization"), rules.users):
            return None
        self._traffic.refusals[Refusal.PASSWORD] += 1
        return say(HTTPStatus.UNAUTHORIZED, "a user and a password are needed", _CHALLENGE)
