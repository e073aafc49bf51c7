"""HTTP to a running Prometheus or VictoriaMetrics: requests, and what both answer alike."""

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Final

from exporters.history.error import HistoryError
from exporters.history.grid import Grid

ANSWER_S: Final = 120.0
"""For one answer; Prometheus gives up on a query by then, unless it is told otherwise."""

_SAID_MAX: Final = 500
"""Characters of a refusal that are told on."""


class Api:
    """A server's HTTP interface.

    Attributes:
        url: Its address.
    """

    def __init__(self, url: str) -> None:
        """Takes its address.

        Raises:
            HistoryError: If it is none.
        """
        if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
            raise HistoryError(f"{url!r} is no http:// or https:// address")
        self.url = url.rstrip("/")

    def ask(self, path: str, body: bytes | None = None) -> bytes:
        """Asks for a path, by POST if there is a body; gives the answer.

        Raises:
            HistoryError: If it cannot be asked, or refuses.
        """
        request = urllib.request.Request(self.url + path, data=body)
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:
                said: bytes = answer.read()
                return said
        except urllib.error.HTTPError as refused:
            with refused:
                reason = refused.read().decode(errors="replace").strip()[:_SAID_MAX]
            raise HistoryError(f"{self.url}{path}: {refused.code}: {reason}") from refused
        except (OSError, http.client.HTTPException) as error:
            reason = str(getattr(error, "reason", error))
            raise HistoryError(f"{self.url} cannot be asked: {reason}") from error

    def data(self, path: str, **parameters: str) -> dict[str, Any]:
        """Asks a question of Prometheus's interface; gives its ``data``.

        Raises:
            HistoryError: If it cannot be asked, or refuses.
        """
        body = urllib.parse.urlencode(parameters).encode() if parameters else None
        try:
            data = json.loads(self.ask(path, body))["data"]
        except (ValueError, KeyError, TypeError) as error:
            raise HistoryError(f"{self.url}{path}: no answer of Prometheus") from error
        return data if isinstance(data, dict) else {}

    def value(self, expression: str, at_s: int) -> int:
        """Evaluates PromQL that gives one whole number, or nothing, which is 0.

        Raises:
            HistoryError: If it cannot be asked, or refuses.
        """
        # VictoriaMetrics keeps answers about the past, which is what we change
        data = self.data("/api/v1/query", query=expression, time=str(at_s), nocache="1")
        return sum(int(float(vector["value"][1])) for vector in data.get("result", []))

    def holds(self, selector: str, grid: Grid) -> bool:
        """Returns whether it holds a sample of some series within a grid's range.

        Raises:
            HistoryError: If it cannot be asked, or refuses.
        """
        for window in grid.windows():
            last_s = min(window.last_s + grid.step_s, grid.last_s)
            # a range that ends on a sample includes it; one that begins on a sample may not
            length_s = last_s - window.first_s + 1
            if self.value(f"count(last_over_time({selector}[{length_s}s]))", last_s):
                return True
        return False
