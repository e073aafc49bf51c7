"""A running Prometheus: how long it keeps samples, and how many it shows."""

from typing import Final

from exporters.history.api import Api
from exporters.history.grid import Grid
from exporters.history.identity import Identity

_POINTS_MAX: Final = 10_000
"""Times that are asked for together; Prometheus answers up to 11,000."""


class RunningPrometheus:
    """The server over a data folder."""

    def __init__(self, api: Api, identity: Identity) -> None:
        self.url = api.url
        self._api = api
        self._selector = identity.selector

    def retention(self) -> str:
        """Returns how long it keeps samples, as it says; empty if it does not say.

        Raises:
            HistoryError: If it cannot be asked.
        """
        return str(self._api.data("/api/v1/status/runtimeinfo").get("storageRetention", ""))

    def holds(self, grid: Grid) -> bool:
        """Returns whether it holds samples of our series within a grid's range.

        Raises:
            HistoryError: If it cannot be asked.
        """
        return self._api.holds(self._selector, grid)

    def samples(self, window: Grid) -> int:
        """Counts our samples at the times of a window.

        Raises:
            HistoryError: If it cannot be asked.
        """
        count = 0
        length_s = _POINTS_MAX * window.step_s
        for first_s in range(window.first_s, window.last_s + 1, length_s):
            # series of several names cannot be counted over a range: without names they are alike
            data = self._api.data(
                "/api/v1/query_range",
                query=f"count({self._selector})",
                start=str(first_s),
                end=str(min(first_s + length_s - window.step_s, window.last_s)),
                step=str(window.step_s),
                lookback_delta="1s",
            )
            for series in data.get("result", []):
                count += sum(int(value) for _, value in series["values"])
        return count
