"""Servers asked over HTTP, in PromQL, what they hold; a running Prometheus is one."""

import base64
import http.client
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Final

from typing_extensions import override

from exporters.history.error import HistoryError
from exporters.history.target import LIVE, SEEN_DAYS, SKEW_S, Seen
from exporters.history.target_labels import Labels, TargetLabels
from exporters.history.time_range import TimeRange, rfc3339

ANSWER_S: Final = 120.0
"""For one answer; Prometheus gives up on a query by then, by default."""

SEEN_S: Final = 180.0
"""For a server to show what was placed or sent: Prometheus looks for blocks every minute."""

LOOK_BACK_S: Final = 300
"""How far back Prometheus looks for a sample, unless a query says how far."""

_LOOK_S: Final = 1.0
"""Between two looks."""

_REASON_MAX: Final = 500
"""Characters of a refusal that are passed on."""

_POINTS_MAX: Final = 10_000
"""Times that are asked for together; Prometheus answers up to 11,000."""

_FEW: Final = 8
"""Metrics that stand for all: as many as there may be families."""

_ASIDE: Final = re.compile(r"cs_(by_segment|week_ago)_.*|.*_(bucket|g?count|g?sum)")
"""Metrics of ours that do not stand for others: there are many, or no history has them."""

_UNITS_S: Final = {"y": 365 * 86_400, "w": 7 * 86_400, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_DURATION: Final = re.compile(r"(?:\d+[ywdhms])+")
_DURATION_PART: Final = re.compile(r"(\d+)([ywdhms])")


class MetricsServer(ABC):
    """A server that holds samples of ours.

    Attributes:
        url: Its address, without user and password, which are used and never shown.
    """

    def __init__(self, url: str) -> None:
        """Sets its address.

        Raises:
            HistoryError: If it is none.
        """
        parts = urllib.parse.urlsplit(url)
        login, _, place = parts.netloc.rpartition("@")
        self.url = urllib.parse.urlunsplit(parts._replace(netloc=place)).rstrip("/")
        if parts.scheme not in ("http", "https"):
            raise HistoryError(f"{self.url!r} is no http:// or https:// address")
        pair = base64.b64encode(urllib.parse.unquote_to_bytes(login)).decode()
        self._headers = {"Authorization": f"Basic {pair}"} if login else {}

    def __str__(self) -> str:
        return self.url

    @abstractmethod
    def samples(self, target_labels: TargetLabels, window: TimeRange) -> int:
        """Counts the samples of our series at the times of a window.

        Raises:
            HistoryError: If it cannot be asked.
        """

    def targets(self, now_s: int) -> Seen:
        """Returns the exporters that were scraped, and when last.

        Raises:
            HistoryError: If it cannot be asked, or refuses.
        """
        found = self.vector(f"last_over_time({LIVE}[{SEEN_DAYS}d])", now_s + SKEW_S)
        return {labels_of(each["metric"]): float(each["value"][1]) for each in found}

    def holds(self, target_labels: TargetLabels, time_range: TimeRange) -> bool:
        """Returns whether it holds a sample of our series within a time range.

        Raises:
            HistoryError: If it cannot be asked, or refuses.
        """
        selector = target_labels.selector
        for window in time_range.windows():
            last_s = min(window.last_s + time_range.step_s, time_range.last_s)
            span = span_text(window.first_s, last_s)
            if self._number(f"count(last_over_time({selector}[{span}]))", last_s):
                return True
        return False

    def first_s(self, selector: str, first_s: int, last_s: int) -> int | None:
        """Returns when the first sample of some series lies within two times, if there is one.

        Raises:
            HistoryError: If it cannot be asked, or refuses.
        """
        span = span_text(0, LOOK_BACK_S)
        query = f"count(last_over_time({selector}[{span}]))"
        length_s = _POINTS_MAX * LOOK_BACK_S
        for begin_s in range(first_s + LOOK_BACK_S, last_s + LOOK_BACK_S, length_s):
            end_s = min(begin_s + length_s, last_s + LOOK_BACK_S)
            for series in self.matrix(query, begin_s, end_s, LOOK_BACK_S):
                at_s = int(series["values"][0][0])
                found = self.vector(f"{selector}[{span}]", at_s)
                return min((int(each["values"][0][0]) for each in found), default=at_s)
        return None

    def few(self, target_labels: TargetLabels, named_by: TargetLabels | None = None) -> str:
        """Returns PromQL for some series of ours that stand for all; empty if there are none.

        Among them is the one that only scrapes have.

        Args:
            target_labels: Labels of the series.
            named_by: Labels of those that the metrics are taken from; by default of the same.

        Raises:
            HistoryError: If it cannot be asked, or refuses.
        """
        found = self._list("label/__name__/values", (named_by or target_labels).selector)
        every = sorted(name for name in found if _stands(name))
        picked = every[:: len(every) // _FEW + 1]
        names = "|".join([LIVE, *picked])
        return f'{{__name__=~"{names}",{target_labels.matchers}}}' if picked else ""

    def series(self, selector: str) -> list[dict[str, str]]:
        """Returns the labels of series at any time, ``__name__`` among them.

        Raises:
            HistoryError: If it cannot be asked, or refuses.
        """
        return self._list("series", selector)

    def matrix(self, query: str, first_s: int, last_s: int, step_s: int) -> list[dict[str, Any]]:
        """Evaluates PromQL over a range of times, of at most 11,000 points.

        Raises:
            HistoryError: If it cannot be asked, or refuses.
        """
        span = {"start": str(first_s), "end": str(last_s), "step": str(step_s)}
        return self._result("query_range", query=query, **span)

    def check_shown(
        self,
        target_labels: TargetLabels,
        window: TimeRange,
        expected: int,
        seen_s: float = SEEN_S,
    ) -> None:
        """Waits until it shows so many samples in a window.

        Raises:
            HistoryError: If it shows others until the end, or cannot be asked.
        """
        deadline_s = time.monotonic() + seen_s
        while (found := self.samples(target_labels, window)) != expected:
            if time.monotonic() >= deadline_s:
                raise HistoryError(
                    f"{self.url} shows {found} samples from {rfc3339(window.first_s)} to "
                    f"{rfc3339(window.last_s)}, {expected} were written; is its retention shorter "
                    "than that?"
                )
            time.sleep(_LOOK_S)

    def _ask(self, path: str, body: bytes | None = None) -> bytes:
        """Asks for a path, by POST if there is a body; returns the answer.

        Raises:
            HistoryError: If it cannot be asked, or refuses.
        """
        request = urllib.request.Request(self.url + path, body, self._headers)
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_S) as response:
                answer: bytes = response.read()
                return answer
        except urllib.error.HTTPError as refused:
            with refused:
                reason = refused.read().decode(errors="replace").strip()[:_REASON_MAX]
            raise HistoryError(f"{self.url}{path}: {refused.code}: {reason}") from refused
        except (OSError, http.client.HTTPException) as error:
            reason = str(getattr(error, "reason", error))
            raise HistoryError(f"{self.url} cannot be asked: {reason}") from error

    def _data(self, path: str, **parameters: str) -> Any:
        """Asks a question of Prometheus's interface; returns its ``data``."""
        body = urllib.parse.urlencode(parameters).encode() if parameters else None
        try:
            return json.loads(self._ask(path, body))["data"]
        except (ValueError, KeyError, TypeError) as error:
            raise HistoryError(f"{self.url}{path}: no answer of Prometheus") from error

    def _list(self, path: str, selector: str) -> list[Any]:
        # without a start VictoriaMetrics answers for the last minutes
        parameters = urllib.parse.urlencode({"match[]": selector, "start": "1"})
        found = self._data(f"/api/v1/{path}?{parameters}")
        return found if isinstance(found, list) else []

    def vector(self, expression: str, at_s: int) -> list[dict[str, Any]]:
        """Evaluates PromQL at a time.

        A moment later: VictoriaMetrics 1.79 does not see a series that begins just then.

        Raises:
            HistoryError: If it cannot be asked, or refuses.
        """
        return self._result("query", query=expression, time=f"{at_s}.001")

    def _result(self, path: str, **parameters: str) -> list[dict[str, Any]]:
        # VictoriaMetrics keeps answers about the past, which is what we change
        data = self._data(f"/api/v1/{path}", **parameters, nocache="1")
        found: list[dict[str, Any]] = data.get("result", []) if isinstance(data, dict) else []
        return found

    def _number(self, expression: str, at_s: int) -> int:
        """Evaluates PromQL that results in one whole number, or nothing, which is 0."""
        return sum(int(float(each["value"][1])) for each in self.vector(expression, at_s))


class RunningPrometheus(MetricsServer):
    """The Prometheus that runs over a data folder."""

    def retention(self) -> str:
        """Returns how long it keeps samples, in its own words; empty if it does not say.

        Raises:
            HistoryError: If it cannot be asked.
        """
        data = self._data("/api/v1/status/runtimeinfo")
        return str(data.get("storageRetention", "")) if isinstance(data, dict) else ""

    @override
    def samples(self, target_labels: TargetLabels, window: TimeRange) -> int:
        count = 0
        length_s = _POINTS_MAX * window.step_s
        # series of several names cannot be counted over a range: without names they are alike
        query = f"count({target_labels.selector})"
        for first_s in range(window.first_s, window.last_s + 1, length_s):
            last_s = min(first_s + length_s - window.step_s, window.last_s)
            for series in self.matrix(query, first_s, last_s, window.step_s):
                count += sum(int(value) for _, value in series["values"])
        return count


def span_text(first_s: int, last_s: int) -> str:
    """Returns the range, for PromQL, from a time to the moment after another, both within."""
    # A range that begins on a sample may not include it.
    return f"{(last_s - first_s) * 1_000 + 2}ms"


def labels_of(metric: Mapping[str, str]) -> Labels:
    """Returns the labels of a series without its name."""
    return tuple(sorted(item for item in metric.items() if item[0] != "__name__"))


def _stands(name: str) -> bool:
    return not _ASIDE.fullmatch(name)


def retention_s(text: str) -> int | None:
    """Reads how long Prometheus keeps samples, in its own words; None if it is not by time.

    >>> retention_s("15d"), retention_s("1y2d or 10GiB"), retention_s("10GiB")
    (1296000, 31708800, None)
    """
    first = text.split(" ")[0]
    if not _DURATION.fullmatch(first):
        return None
    return sum(int(count) * _UNITS_S[unit] for count, unit in _DURATION_PART.findall(first))
