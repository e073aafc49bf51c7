"""Holdings: what is there already of the figures that a backfill would write."""

from typing import Protocol

from exporters.history.error import HistoryError
from exporters.history.servers import RunningPrometheus, retention_s
from exporters.history.target import LIVE, LabelOptions, Seen, Target
from exporters.history.target_labels import TargetLabels
from exporters.history.time_range import TimeRange, rfc3339


class Holder(Protocol):
    """Whoever holds samples of ours: a server, or a data folder."""

    def targets(self, now_s: int) -> Seen:
        """Returns the exporters that were scraped, and when last."""

    def first_s(self, selector: str, first_s: int, last_s: int) -> int | None:
        """Returns when the first sample of some series lies within two times, if there is one."""

    def holds(self, target_labels: TargetLabels, time_range: TimeRange) -> bool:
        """Returns whether it holds a sample of our series within a time range."""


def target_of(options: LabelOptions, holder: Holder, now_s: int) -> Target:
    """Returns what figures put there belong to.

    Raises:
        HistoryError: If the labels given are not the scraped ones, or the holder cannot be asked.
    """
    return options.target(holder.targets(now_s), str(holder))


def before_scraped(holder: Holder, target: Target, time_range: TimeRange) -> TimeRange:
    """Returns the part of a range that lies before the first scraped sample in it.

    Raises:
        HistoryError: If there is none, or the holder cannot be asked.
    """
    live = f"{LIVE}{target.scope}"
    begins_s = holder.first_s(live, time_range.first_s, time_range.last_s)
    if begins_s is None:
        return time_range
    part = time_range.before(begins_s)
    if part.first_s > part.last_s:
        raise HistoryError(
            f"the exporter is scraped from {rfc3339(begins_s)} on, and from "
            f"{rfc3339(time_range.first_s)} on nothing is missing before that; give an earlier "
            "--from, or --to to fill a hole in what was scraped"
        )
    return part


def check_free(holder: Holder, target: Target, time_range: TimeRange, deletion: str) -> None:
    """Refuses a range in which figures of the installation lie already, under whichever labels.

    Args:
        holder: Who holds samples.
        target: What the figures belong to.
        time_range: The range.
        deletion: How to delete what is there.

    Raises:
        HistoryError: If there are such, or the holder cannot be asked.
    """
    if holder.holds(target.scope, time_range):
        raise HistoryError(
            f"{holder} holds samples of {target.scope.selector} between "
            f"{rfc3339(time_range.first_s)} and {rfc3339(time_range.last_s)} already; {deletion}"
        )


def check_retention(server: RunningPrometheus, time_range: TimeRange, now_s: int) -> None:
    """Refuses a range of which the server would delete a part at once.

    Raises:
        HistoryError: If it is so, or the server cannot be asked.
    """
    retention = server.retention()
    kept_s = retention_s(retention)
    if kept_s is not None and time_range.first_s < now_s - kept_s:
        raise HistoryError(
            f"{server.url} keeps samples for {retention}: it would delete what lies before "
            f"{rfc3339(now_s - kept_s)} at once; start it with a longer "
            "--storage.tsdb.retention.time, or give a later --from"
        )
