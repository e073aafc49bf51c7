"""Questions over HTTP, each within a bound; a password in a URL is used and never shown."""

import base64
import json
import re
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from events.errors import TidemarkError

ANSWER_S: Final = 10.0
"""For one answer; a scrape of everything is the slowest, at a tenth of a second."""

ANSWER_BYTES_MAX: Final = 64 * 2**20
"""Far above what a thousand series take."""


class NoAnswerError(TidemarkError):
    """Nobody answers, or with something else; the message says what."""


class Site:
    """A server under a base URL.

    Attributes:
        shown: The URL without user and password.
    """

    def __init__(self, url: str) -> None:
        """Takes the URL apart.

        >>> Site("http://me:secret@127.0.0.1:9090/").shown
        'http://127.0.0.1:9090'

        Raises:
            NoAnswerError: If it is no http or https URL.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise NoAnswerError("what was given is not a URL") from None
        if parts.scheme not in ("http", "https") or not host:
            raise NoAnswerError("what was given is not an http:// or https:// URL")
        bare = f"[{host}]" if ":" in host else host
        place = bare if port is None else f"{bare}:{port}"
        self.shown = f"{parts.scheme}://{place}{parts.path.rstrip('/')}"
        self._headers = {}
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self._headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"

    def text(self, path: str) -> str:
        """Asks for a path.

        Raises:
            NoAnswerError: If there is no good answer.
        """
        try:
            with urlopen(
                Request(self.shown + path, headers=self._headers), timeout=ANSWER_S
            ) as got:
                body: bytes = got.read(ANSWER_BYTES_MAX)
        except HTTPError as refused:
            with refused:
                said = refused.read(300).decode(errors="replace").strip()
            plain = re.sub(r"\s+", " ", said)
            said = f"answers {refused.code}: {plain or refused.reason}"
            raise NoAnswerError(f"{self.shown}{path} {said}") from None
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", error)
            told = getattr(reason, "strerror", None) or str(reason) or type(error).__name__
            raise NoAnswerError(f"{self.shown} does not answer: {told}") from None
        return body.decode(errors="replace")

    def json(self, path: str) -> Any:
        """Asks for a path that answers in JSON.

        Raises:
            NoAnswerError: If there is no good answer.
        """
        try:
            return json.loads(self.text(path))
        except ValueError:
            raise NoAnswerError(f"{self.shown}{path} answers, but not in JSON") from None
