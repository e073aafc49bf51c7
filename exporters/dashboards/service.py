"""The dashboard of the service itself: is it live, is it behind, what became of the events.

Its first panels stand on every dashboard, since figures do not show that events have stopped.
"""

from typing import Any, Final

from exporters.dashboards.layout import Section
from exporters.dashboards.panel import (
    Panel,
    by_threshold,
    line_options,
    lines,
    shown,
    stat_options,
)
from exporters.dashboards.query import Query, newest, selector
from exporters.dashboards.unit import COUNTED, MET, MISSED, PLAIN, steps

NUMBER: Final = 6
UID: Final = "tidemark-service"
TITLE: Final = "Tidemark itself"
SINCE: Final = "now-6h"
"""What is shown at first: operations look at hours, not at months."""

DESCRIPTION: Final = "Whether figures are live and whole, and what workers do."

QUIET_S, SILENT_S = 6 * 3_600, 24 * 3_600
"""Ages of the newest event: a night without any, and what no company's producers are silent for."""

_STAT_HEIGHT, _LINE_HEIGHT = 3, 7
_PARTITIONS: Final = "sum without (partition) ({})"


def freshness() -> list[Panel]:
    """Returns the panels that say whether to believe the others."""
    complete = selector("tidemark_board_complete")
    last = f"last_over_time({selector('tidemark_last_event_timestamp_seconds')}[$__range])"
    live = {**_states("held back", "live"), "noValue": "no exporter"}
    return [
        _number(
            "figures",
            "Figures",
            "Live: every partition is there, ready and fresh. Held back: KPIs are left out, since "
            "a sum of some partitions would look like a loss. No exporter: none answers.",
            newest(complete),
            live,
        ),
        _number(
            "newest event",
            "Newest event",
            "Time since the newest event of any topic. Other figures look the same when events "
            "stop; this one grows.",
            f"time() - max without (instance, topic) ({last})",
            shown("s", 1, steps(MET, (QUIET_S, "orange"), (SILENT_S, MISSED))),
        ),
        _number(
            "records behind",
            "Records behind",
            "Records in Kafka that are not in the figures yet, over all topics and partitions.",
            f"sum without (topic, partition) ({newest(selector('tidemark_lag_records'))})",
            shown(*COUNTED, steps(MET, (1, "orange"))),
        ),
    ]


def sections() -> list[Section]:
    """Returns the sections of the dashboard."""
    return [
        Section("", freshness(), 3),
        Section("Partitions", _partition_numbers(), 6),
        Section("Events", _events(), 3),
        Section("Workers", _workers(), 3),
        Section("Exporters", _exporters(), 3),
    ]


def _partition_numbers() -> list[Panel]:
    present = Query(newest(selector("tidemark_partitions_present")), "present", instant=True)
    expected = Query(newest(selector("tidemark_partitions_expected")), "expected", instant=True)
    build = Query(newest(selector("tidemark_build_info")), "{{version}}", instant=True)
    workers = f"count without (worker) ({newest(selector('tidemark_partitions_owned'))} > 0)"
    version = {**stat_options(), "textMode": "name"}
    whole = by_threshold(shown(*COUNTED, steps(PLAIN)))
    return [
        Panel(
            "partitions",
            "stat",
            "Partitions",
            "Partitions on the board, and those that exist. Figures are shown when all are there.",
            [present, expected],
            whole,
            stat_options(),
            height=_STAT_HEIGHT,
        ),
        _number(
            "workers", "Workers", "Workers that publish a partition at present.", workers, whole
        ),
        _number(
            "oldest report",
            "Oldest report",
            "Time since the partition that was silent longest was published.",
            f"max without (partition) ({newest(selector('tidemark_board_age_seconds'))})",
            shown("s", 1, steps(PLAIN)),
        ),
        _number(
            "read at",
            "Read at",
            "The quarter of an hour that figures are read at; they count what comes before it.",
            f"1000 * {newest(selector('tidemark_reading_timestamp_seconds'))}",
            shown("dateTimeAsIsoNoDateIfToday", None, steps(PLAIN)),
        ),
        _number(
            "kpi files",
            "KPI files",
            "Whether the files of own KPIs are in force as they are now; while one cannot be read, "
            "the last good ones are.",
            f"min without (instance) ({selector('tidemark_kpi_files_valid')})",
            _states("refused", "valid"),
        ),
        Panel(
            "version",
            "stat",
            "Version",
            "Version of the exporter.",
            [build],
            whole,
            version,
            height=_STAT_HEIGHT,
        ),
    ]


def _events() -> list[Panel]:
    rate = newest(f"rate({selector('tidemark_events_total')}[$__rate_interval])")
    restated = newest(f"rate({selector('tidemark_restatements_total')}[$__rate_interval])")
    lag = _PARTITIONS.format(newest(selector("tidemark_lag_records")))
    age = f"time() - {newest(selector('tidemark_last_event_timestamp_seconds'))}"
    return [
        _lines(
            "events by outcome",
            "Events by outcome",
            "Events a second, by what became of them: what was rejected is in the dead letters, a "
            "duplicate changes nothing.",
            f"sum without (topic) ({rate})",
            "{{outcome}}",
            "eps",
        ),
        _lines(
            "events by topic",
            "Events by topic",
            "Events a second, whatever became of them.",
            f"sum without (outcome) ({rate})",
            "{{topic}}",
            "eps",
        ),
        _lines(
            "restatements",
            "Restatements",
            "Rows a second that a late, corrected or retracted event changed. History in "
            "Prometheus is then no longer what a replay gives.",
            restated,
            "restatements",
            "ops",
        ),
        _lines("lag", "Lag", "Records behind the end of each topic.", lag, "{{topic}}", COUNTED[0]),
        _lines(
            "event age",
            "Freshness",
            "Time since the newest event of each topic.",
            age,
            "{{topic}}",
            "s",
        ),
    ]


def _workers() -> list[Panel]:
    board = f"max without (partition) ({newest(selector('tidemark_board_age_seconds'))})"
    return [
        _lines(
            "owned",
            "Owned partitions",
            "Partitions for which each worker publishes.",
            newest(selector("tidemark_partitions_owned")),
            "{{worker}}",
            COUNTED[0],
        ),
        _lines(
            "board age",
            "Age of the board",
            "Time since the partition that was silent longest was published.",
            board,
            "oldest partition",
            "s",
        ),
        _lines(
            "flush",
            "Checkpoints",
            "Duration of the last checkpoint flush of each partition.",
            newest(selector("tidemark_flush_seconds")),
            "partition {{partition}}",
            "s",
        ),
        _lines(
            "restore",
            "Restore",
            "Duration of the restore when a worker last took each partition; none without Kafka.",
            newest(selector("tidemark_restore_seconds")),
            "partition {{partition}}",
            "s",
        ),
    ]


def _exporters() -> list[Panel]:
    dropped = f"rate({selector('tidemark_series_dropped_total')}[$__rate_interval])"
    cpu = f"rate({selector('process_cpu_seconds_total')}[$__rate_interval])"
    return [
        _lines(
            "scrape",
            "Duration of a scrape",
            "Time that each exporter took to read the board, evaluate and render.",
            selector("tidemark_scrape_duration_seconds"),
            "{{instance}}",
            "s",
        ),
        _lines(
            "dropped",
            "Series left out",
            "Series a second that were left out of scrapes because a metric had more than allowed "
            "(setting `series_max`).",
            f"sum without (instance, metric) ({newest(dropped)}) or vector(0)",
            "left out",
            "short",
        ),
        _lines(
            "processor",
            "Processor",
            "Processor time of each exporter.",
            cpu,
            "{{instance}}",
            "percentunit",
        ),
        _lines(
            "memory",
            "Memory",
            "Resident memory of each exporter.",
            selector("process_resident_memory_bytes"),
            "{{instance}}",
            "bytes",
        ),
    ]


def _states(bad: str, good: str) -> dict[str, Any]:
    """Shows 0 and 1 as words."""
    states = {"0": {"color": MISSED, "text": bad}, "1": {"color": MET, "text": good}}
    mapping = {"type": "value", "options": states}
    return {**shown("none", None, steps(MISSED, (1, MET))), "mappings": [mapping]}


def _number(name: str, title: str, text: str, expr: str, defaults: dict[str, Any]) -> Panel:
    queries = [Query(expr, title.lower(), instant=True)]
    options = stat_options()
    return Panel(
        name, "stat", title, text, queries, by_threshold(defaults), options, height=_STAT_HEIGHT
    )


def _lines(name: str, title: str, text: str, expr: str, legend: str, unit: str) -> Panel:
    return Panel(
        f"{name} over time",
        "timeseries",
        title,
        text,
        [Query(expr, legend)],
        lines(shown(unit, None, steps(PLAIN)), from_zero=True),
        line_options(),
        height=_LINE_HEIGHT,
    )
