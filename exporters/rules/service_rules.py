"""Rules about the service itself: is it there, whole, fresh, and does it get its events.

They read ``tidemark_...`` metrics only, which are exported also while KPIs are held back.
"""

from typing import Final

from exporters.rules.group import Alert, Group, Recording, Rule, RuleFile, Severity
from exporters.rules.links import SERVICE_UID
from exporters.rules.options import RuleOptions

SERVICE_FILE: Final = "tidemark-service.yml"

DEAD_OUTCOMES: Final = "rejected|refused|conflict"
"""Outcomes of events that end in the dead-letter topic."""

STALE_S: Final = 60
"""Silence of a partition's worker that no rebalance explains: four times what the exporter bears.
"""

LAG_RECORDS: Final = 1_000
"""Lag below this is a batch being fetched, whatever its trend."""

BEHIND_S: Final = 300
"""Lag in time that somebody notices on a page that calls itself live."""

USUAL_EVENTS: Final = 10
"""Events in six hours of a week ago from which silence now is no chance."""

RESTATED_ROWS: Final = 100
"""Restatements in a quarter of an hour that are no burst, however quiet the day was."""

RESTATED_TIMES: Final = 10
"""How many times its usual rate makes a burst."""

QUARTERS_A_DAY: Final = 96

_MINUTE_S: Final = 60

_COMMENT: Final = (
    "Tidemark itself: exporters, workers, and the events that should come in.",
    "Written by `tidemark rules`: change how that is called, not this file.",
)

_LAG: Final = "job_topic:tidemark_lag_records:sum"
_BEHIND: Final = "job_topic:tidemark_behind_seconds:max"
_ARRIVED: Final = "job_topic:tidemark_events:increase6h"
_DEAD: Final = f'tidemark_events_total{{outcome=~"{DEAD_OUTCOMES}"}}'

RECORDINGS: Final = (
    Recording(_LAG, "sum without (partition) (max without (instance) (tidemark_lag_records))"),
    Recording(
        _BEHIND,
        "(time() - max without (instance) (tidemark_last_event_timestamp_seconds))\n"
        f"and\n({_LAG} > 0)",
    ),
    Recording(
        _ARRIVED,
        "max without (instance) (sum without (outcome) (increase(tidemark_events_total[6h])))",
    ),
)


def service_rule_file(options: RuleOptions) -> RuleFile:
    """Returns the rules about the service."""
    rules: tuple[Rule, ...] = (*RECORDINGS, *_Writer(options).alerts())
    group = Group("tidemark-service", options.interval(None), rules)
    return RuleFile(SERVICE_FILE, _COMMENT, (group,))


class _Writer:
    """Writes the alerts with the same options."""

    def __init__(self, options: RuleOptions) -> None:
        self._options = options

    def alerts(self) -> tuple[Alert, ...]:
        return (*self._presence(), *self._intake(), *self._bounds())

    def _presence(self) -> tuple[Alert, ...]:
        up = f'up{{job="{self._options.job}"}}'
        return (
            self._alert(
                "TidemarkDown",
                f"absent({up} == 1)",
                2 * _MINUTE_S,
                Severity.CRITICAL,
                "No exporter answers",
                "No exporter of the job can be scraped: there are no figures and no other alerts.",
                job=self._options.job,
            ),
            self._alert(
                "TidemarkExporterDown",
                f"{up} == 0",
                5 * _MINUTE_S,
                Severity.WARNING,
                "An exporter does not answer",
                "{{ $labels.instance }} cannot be scraped.",
            ),
            self._alert(
                "TidemarkBoardIncomplete",
                "max without (instance) (tidemark_board_complete) == 0",
                2 * _MINUTE_S,
                Severity.CRITICAL,
                "KPIs are held back",
                "Some partitions are missing, being restored or silent, so that no KPI is shown "
                "rather than a partial sum. The exporter's /-/ready names them.",
            ),
            self._alert(
                "TidemarkBoardStale",
                "max without (partition)"
                f" (min without (instance) (tidemark_board_age_seconds)) > {STALE_S}",
                2 * _MINUTE_S,
                Severity.WARNING,
                "A worker has gone silent",
                "At least one partition was last published {{ $value | humanizeDuration }} ago; "
                "workers publish every second.",
            ),
        )

    def _intake(self) -> tuple[Alert, ...]:
        known = f"last_over_time({_DEAD}[1h] offset 15m)"
        return (
            self._alert(
                "TidemarkLagGrowing",
                f"{_LAG} > {LAG_RECORDS}\nand\nderiv({_LAG}[10m]) > 0",
                10 * _MINUTE_S,
                Severity.WARNING,
                "Workers fall behind",
                'The topic {{ $labels.topic }} is {{ printf "%.0f" $value }} records behind, '
                "and more come in than are folded.",
            ),
            self._alert(
                "TidemarkBehind",
                f"{_BEHIND} > {BEHIND_S}",
                10 * _MINUTE_S,
                Severity.WARNING,
                "Figures lag behind events",
                "The latest event folded of the topic {{ $labels.topic }} is "
                "{{ $value | humanizeDuration }} old, and there are more to fold.",
            ),
            self._alert(
                "TidemarkDeadLetters",
                "sum without (outcome) (max without (instance) (\n"
                f"  increase({_DEAD}[15m]) > 0\n  or\n  ({_DEAD} unless {known})\n)) > 0",
                _MINUTE_S,
                Severity.WARNING,
                "Events go to the dead letters",
                'Of the topic {{ $labels.topic }} {{ printf "%.0f" $value }} records '
                "were not folded within a quarter of an hour.",
            ),
            self._alert(
                "TidemarkNothingArriving",
                f"{_ARRIVED} == 0\nand\n"
                f"last_over_time({_ARRIVED}[65m] offset 7d) >= {USUAL_EVENTS}",
                15 * _MINUTE_S,
                Severity.WARNING,
                "A topic has gone quiet",
                "Nothing has come in on the topic {{ $labels.topic }} for six hours; "
                "at this time a week ago it was busy.",
            ),
        )

    def _bounds(self) -> tuple[Alert, ...]:
        restated = "max without (instance) (increase(tidemark_restatements_total[15m]))"
        yesterday = "max without (instance) (tidemark_restatements_total offset 1d)"
        usual = "max without (instance) (increase(tidemark_restatements_total[1d] offset 15m))"
        return (
            self._alert(
                "TidemarkSeriesDropped",
                "max without (instance) (increase(tidemark_series_dropped_total[15m])) > 0",
                5 * _MINUTE_S,
                Severity.WARNING,
                "Series are left out of scrapes",
                "{{ $labels.metric }} has more label values than series_max allows; "
                "the rest is not exported.",
            ),
            self._alert(
                "TidemarkKpiFilesRefused",
                "min without (instance) (tidemark_kpi_files_valid) == 0",
                5 * _MINUTE_S,
                Severity.WARNING,
                "A KPI file is refused",
                "The KPI files were changed and cannot be used; KPIs are those of the last good "
                "ones, and an exporter that restarts now will not start.",
            ),
            self._alert(
                "TidemarkRestatementBurst",
                f"{restated} > {RESTATED_ROWS}\nand\n"
                f"{restated} > {RESTATED_TIMES} * {usual} / {QUARTERS_A_DAY}\nand\n{yesterday}",
                5 * _MINUTE_S,
                Severity.INFO,
                "Much of the past is being restated",
                '{{ printf "%.0f" $value }} late or corrected events within a quarter of an '
                "hour changed figures more than a day old: history that was imported before "
                "no longer agrees with the events.",
            ),
        )

    def _alert(
        self,
        name: str,
        expr: str,
        hold_s: int,
        severity: Severity,
        summary: str,
        description: str,
        **labels: str,
    ) -> Alert:
        options = self._options
        return Alert(
            name,
            expr,
            options.hold(hold_s),
            0,
            {"severity": severity, "family": "service", **labels},
            {
                "summary": summary,
                "description": description,
                "runbook_url": options.runbook(name),
                "dashboard_url": options.dashboard(SERVICE_UID),
            },
        )
