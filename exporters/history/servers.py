"""Servers asked over HTTP: a running Prometheus, and VictoriaMetrics, which also takes history."""

import base64
import http.client
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
from typing_extensions import override

from exporters.history.error import HistoryError
from exporters.history.target_labels import TargetLabels
from exporters.history.time_range import TimeRange, rfc3339
from exporters.series import MetricFamily

ANSWER_S: Final = 120.0
"""For one answer; Prometheus gives up on a query by then, by default."""

SEEN_S: Final = 180.0
"""For a server to show what was placed or sent: Prometheus looks for blocks every minute."""

REQUEST_BYTES: Final = 4 << 20
"""Size from which a request is sent: a second's work, and little memory on either side."""

_LOOK_S: Final = 1.0
"""Between two looks."""

_REASON_MAX: Final = 500
"""Characters of a refusal that are passed on."""

_POINTS_MAX: Final = 10_000
"""Times that are asked for together; Prometheus answers up to 11,000."""

_UNITS_S: Final = {"y": 365 * 86_400, "w": 7 * 86_400, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_DURATION: Final = re.compile(r"(?:\d+[ywdhms])+")
_DURATION_PART: Final = re.compile(r"(\d+)([ywdhms])")


class MetricsServer(ABC):
    """A server that holds samples of ours.

    Attributes:
        url: Its address, without user and password, which are used and never shown.
        target_labels: The labels of our series.
    """

    def __init__(self, url: str, target_labels: TargetLabels) -> None:
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
        self.target_labels = target_labels

    @abstractmethod
    def samples(self, window: TimeRange) -> int:
        """Counts our samples at the times of a window.

        Raises:
            HistoryError: If it cannot be asked.
        """

    def holds(self, time_range: TimeRange) -> bool:
        """Returns whether it holds a sample of our series within a time range.

        Raises:
            HistoryError: If it cannot be asked, or refuses.
        """
        selector = self.target_labels.selector
        for window in time_range.windows():
            last_s = min(window.last_s + time_range.step_s, time_range.last_s)
            span = _span(window.first_s, last_s)
            if self._number(f"count(last_over_time({selector}[{span}]))", last_s):
                return True
        return False

    def check_shown(self, window: TimeRange, expected: int, seen_s: float = SEEN_S) -> None:
        """Waits until it shows so many samples in a window.

        Raises:
            HistoryError: If it shows others until the end, or cannot be asked.
        """
        deadline_s = time.monotonic() + seen_s
        while (found := self.samples(window)) != expected:
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

    def _data(self, path: str, **parameters: str) -> dict[str, Any]:
        """Asks a question of Prometheus's interface; returns its ``data``."""
        body = urllib.parse.urlencode(parameters).encode() if parameters else None
        try:
            data = json.loads(self._ask(path, body))["data"]
        except (ValueError, KeyError, TypeError) as error:
            raise HistoryError(f"{self.url}{path}: no answer of Prometheus") from error
        return data if isinstance(data, dict) else {}

    def _number(self, expression: str, at_s: int) -> int:
        """Evaluates PromQL that results in one whole number, or nothing, which is 0.

        Asked a moment later: VictoriaMetrics 1.79 does not see a series that begins just then.
        """
        # VictoriaMetrics keeps answers about the past, which is what we change
        data = self._data("/api/v1/query", query=expression, time=f"{at_s}.001", nocache="1")
        return sum(int(float(vector["value"][1])) for vector in data.get("result", []))


class RunningPrometheus(MetricsServer):
    """The Prometheus that runs over a data folder."""

    def retention(self) -> str:
        """Returns how long it keeps samples, in its own words; empty if it does not say.

        Raises:
            HistoryError: If it cannot be asked.
        """
        return str(self._data("/api/v1/status/runtimeinfo").get("storageRetention", ""))

    @override
    def samples(self, window: TimeRange) -> int:
        count = 0
        length_s = _POINTS_MAX * window.step_s
        for first_s in range(window.first_s, window.last_s + 1, length_s):
            # series of several names cannot be counted over a range: without names they are alike
            data = self._data(
                "/api/v1/query_range",
                query=f"count({self.target_labels.selector})",
                start=str(first_s),
                end=str(min(first_s + length_s - window.step_s, window.last_s)),
                step=str(window.step_s),
                lookback_delta="1s",
            )
            for series in data.get("result", []):
                count += sum(int(value) for _, value in series["values"])
        return count


class VictoriaMetrics(MetricsServer):
    """A VictoriaMetrics server; of a cluster, an address that takes the same paths."""

    @override
    def samples(self, window: TimeRange) -> int:
        span = _span(window.first_s, window.last_s)
        selector = self.target_labels.selector
        return self._number(f"sum(count_over_time({selector}[{span}]))", window.last_s)

    def take(self, window: TimeRange, families: Iterable[MetricFamily]) -> tuple[int, int]:
        """Imports the samples of a window, in requests of bounded size.

        Returns:
            How many series and how many samples they were.

        Raises:
            HistoryError: If it refuses them.
        """
        series = samples = size = 0
        waiting: list[bytes] = []
        for line, count in self._lines(window, families):
            waiting.append(line)
            series, samples, size = series + 1, samples + count, size + len(line)
            if size >= REQUEST_BYTES:
                self._ask("/api/v1/import", b"".join(waiting))
                waiting, size = [], 0
        if waiting:
            self._ask("/api/v1/import", b"".join(waiting))
        return series, samples

    def _lines(
        self, window: TimeRange, families: Iterable[MetricFamily]
    ) -> Iterator[tuple[bytes, int]]:
        """Yields each series as a line of JSON, and how many samples it holds.

        Raises:
            HistoryError: If a series comes twice: it would have two samples at each time.
        """
        _, columns = window.readings()
        times_ms = window.times() * 1_000
        seen: set[tuple[str, tuple[tuple[str, str], ...]]] = set()
        for family in families:
            for series in family.series:
                values = series.values[columns]
                there = np.isfinite(values)
                if not there.any():
                    continue
                labels = tuple(sorted((*series.labels, *self.target_labels.labels)))
                if (series.name, labels) in seen:
                    raise HistoryError(f"the series {series.name}{dict(labels)} comes twice")
                seen.add((series.name, labels))
                line = {
                    "metric": {"__name__": series.name, **dict(labels)},
                    "values": values[there].tolist(),
                    "timestamps": times_ms[there].tolist(),
                }
                yield json.dumps(line, separators=(",", ":")).encode() + b"\n", int(there.sum())


def _span(first_s: int, last_s: int) -> str:
    """Returns the range, for PromQL, from a time to the moment after another, both within."""
    # A range that begins on a sample may not include it.
    return f"{(last_s - first_s) * 1_000 + 2}ms"


def retention_s(text: str) -> int | None:
    """Reads how long Prometheus keeps samples, in its own words; None if it is not by time.

    >>> retention_s("15d"), retention_s("1y2d or 10GiB"), retention_s("10GiB")
    (1296000, 31708800, None)
    """
    first = text.split(" ")[0]
    if not _DURATION.fullmatch(first):
        return None
    return sum(int(count) * _UNITS_S[unit] for count, unit in _DURATION_PART.findall(first))
