"""An explorer seen from outside: its pages, whose figures are compared with those of a replay."""

from collections.abc import Sequence
from urllib.parse import urlencode

from aggregates.time.tile import edge_at
from events.instant import parse_instant
from tests.end_to_end.exporter import Serving
from tests.end_to_end.figures import Figures, Oracle, Series, figures_of
from tests.end_to_end.patience import wait_for

_WAITING = ("tidemark_explorer_lag_records", "tidemark_explorer_deferred_units")
_LANES = 5


class Explorer(Serving):
    """A ``tidemark explorer`` that runs."""

    def metrics(self) -> Figures:
        """What it exposes."""
        return figures_of(self.get("/metrics")[1])

    def lags(self) -> list[float]:
        """Records of each topic's partition that are not in what is shown, and units that wait."""
        return [value for (name, _), value in self.metrics().items() if name in _WAITING]

    def wait_until_settled(self, partitions: int) -> None:
        """Waits until it is ready and shows all that there is."""

        def look() -> bool:
            lags = self.lags()
            return (
                self.get("/-/ready")[0] == 200
                and len(lags) == partitions * (_LANES + 1)
                and not any(lags)
            )

        wait_for(look, lambda: f"settled: {self.get('/-/ready')}, {self.lags()}")

    def shown(self, series: Series) -> tuple[int, float | None]:
        """What the page of a series shows last: at which tile edge, and which value.

        While the explorer is stale it shows none, which on a busy machine may be at any time.
        """
        name, labels = series
        path = f"/kpis/{name.removeprefix('cs_')}.csv?{urlencode({**dict(labels), 'days': '30'})}"

        def look() -> list[str]:
            status, text = self.get(path)
            assert status == 200, (series, text)
            return text.splitlines()[1:]

        lines = wait_for(look, lambda: f"{path}: {self.get('/-/ready')}")
        at, value, *_ = lines[-1].split(",")
        return edge_at(parse_instant(at)), float(value) if value else None

    def differences(self, oracle: Oracle, chosen: Sequence[Series]) -> list[str]:
        """How pages differ from what replay says."""
        found = []
        for series in chosen:
            edge, value = self.shown(series)
            if value != (right := oracle.at(edge)[series]):
                found.append(f"{series}: shown {value!r}, right {right!r}")
        return found
