"""Tokens for SASL/OAUTHBEARER, from an OAuth 2.0 endpoint by the grant ``client_credentials``."""

import asyncio
import base64
import json
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any, Final

from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import KafkaConnectionError

from events.errors import TidemarkError
from streams.clock import monotonic_s

ANSWER_S: Final = 10.0
"""For the endpoint to answer; aiokafka's connection waits meanwhile."""

ANSWER_BYTES_MAX: Final = 1 << 20
"""Of an answer: a token has some kilobytes."""

FRESH: Final = 0.8
"""Part of its life for which a token is used: a connection that is made with it must outlive the
way to the broker, and clocks differ."""

LIFE_S: Final = 300.0
"""Life of a token whose endpoint does not say; most give five minutes or more."""

_LATER: Final = (408, 429)
"""Answers of HTTP that mean: not now."""


class TokenError(TidemarkError, KafkaConnectionError):  # type: ignore[misc]
    """There is no token; the message says why, without secrets.

    Attributes:
        refused: Whether the endpoint answered, and said no; else it may do better later.
    """

    def __init__(self, said: str, *, refused: bool) -> None:
        super().__init__(said)
        self.refused = refused


class TokenProvider(AbstractTokenProvider):  # type: ignore[misc]
    """Fetches a token when a connection needs one, and keeps it for most of its life.

    One provider may serve the event loops of several threads.
    """

    def __init__(
        self, url: str, client_id: str, secret: Callable[[], str], scope: str | None
    ) -> None:
        self._url = url
        self._client_id = client_id
        self._secret = secret
        self._scope = scope
        self._lock = threading.Lock()
        self._token = ""
        self._until_s = 0.0

    async def token(self) -> str:
        """Returns a token.

        Raises:
            TokenError: If the endpoint gives none.
        """
        return await asyncio.to_thread(self._fresh)

    def _fresh(self) -> str:
        with self._lock:
            if monotonic_s() >= self._until_s:
                began_s = monotonic_s()
                said = self._ask()
                token, life_s = said.get("access_token"), said.get("expires_in", LIFE_S)
                if not isinstance(token, str) or not token:
                    raise TokenError(f"{self._url} gives no access_token", refused=True)
                if not isinstance(life_s, int | float):
                    life_s = LIFE_S
                self._token, self._until_s = token, began_s + FRESH * life_s
            return self._token

    def _ask(self) -> dict[str, Any]:
        form = {"grant_type": "client_credentials"} | (
            {"scope": self._scope} if self._scope else {}
        )
        user = ":".join(urllib.parse.quote_plus(p) for p in (self._client_id, self._secret()))
        request = urllib.request.Request(
            self._url,
            urllib.parse.urlencode(form).encode(),
            {
                "Authorization": f"Basic {base64.b64encode(user.encode()).decode()}",
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
            },
        )
        try:
            # Opened without handlers that follow redirects: the secret is for this address alone.
            with _opener().open(request, timeout=ANSWER_S) as answer:
                said = json.loads(answer.read(ANSWER_BYTES_MAX))
        except urllib.error.HTTPError as error:
            with error:
                refused = error.code < 500 and error.code not in _LATER
                raise TokenError(f"{self._url} answers {error.code}", refused=refused) from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or type(error).__name__
            raise TokenError(f"{self._url}: {reason}", refused=False) from None
        if not isinstance(said, dict):
            raise TokenError(f"{self._url} does not answer with JSON of a token", refused=True)
        return said


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follows none."""


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoRedirect)
