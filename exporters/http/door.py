"""The door of an application: the rules in force, who is let in, and errors made into answers."""

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from aiohttp import web

from exporters.http.answer import Answer, Events, EventStream, say
from exporters.http.names import Names
from exporters.http.passwords import Passwords
from exporters.http.traffic import Refusal, Traffic
from exporters.http.web_config import WebConfig, WebConfigError, WebConfigFile

logger = logging.getLogger(__name__)

_FAILED: Final = say(HTTPStatus.INTERNAL_SERVER_ERROR, "failed; the log says why")
_OTHER_NAME: Final = "not answered under this name: use localhost, or set allowed_hosts"
_CHALLENGE: Final = {"WWW-Authenticate": 'Basic realm="tidemark"'}

Route = Callable[[web.BaseRequest, WebConfig], Awaitable[Answer | Events]]


class Door:
    """The one seam where an unexpected error becomes an answer."""

    def __init__(self, traffic: Traffic, names: Names) -> None:
        """Takes where it counts, and the names that are answered without TLS and passwords.

        What has a password or a certificate, no page of another site gets under a name of its own.
        """
        self._traffic = traffic
        self._names = names
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
        is_open = rules.tls is None and not rules.users
        if is_open and not self._names.has(request.headers.get("Host")):
            self._traffic.refusals[Refusal.HOST] += 1
            return say(HTTPStatus.MISDIRECTED_REQUEST, _OTHER_NAME)
        if await self._passwords.allow(request.headers.get("Authorization"), rules.users):
            return None
        self._traffic.refusals[Refusal.PASSWORD] += 1
        return say(HTTPStatus.UNAUTHORIZED, "a user and a password are needed", _CHALLENGE)
