"""When alerts fire: the real engine over stretches of the two years, side by side.

promtool evaluates rules one after the other at each moment, with all their memory (``for``,
``keep_firing_for``, what they read of ``ALERTS``), but takes about as long for one company as for
many. So the two years are cut into stretches, each a job of its own, that lie beside each other. A
stretch begins a while earlier, and what fires at its seam must be what the one before it ended
with.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from aggregates.formula.values import Floats
from tests.alerting.figures import Key
from tests.alerting.scraped import DAY_SCRAPES, SCRAPE_MIN, Mask, scraped
from tests.servers import run_rule_tests

STEP_MIN: Final = 30
"""Minutes between two evaluations."""

STEPS_A_DAY: Final = 24 * 60 // STEP_MIN

STRETCH_DAYS: Final = 7
LEAD_DAYS: Final = 2
"""A stretch begins this much earlier: more than what rules remember."""

PROCESSES: Final = 2
MINUTES_S: Final = 1_800

Labels = frozenset[tuple[str, str]]

_GOT: Final = re.compile(r"time: (\S+),\s+exp: nil\s+got: (.*?)(?=\n\s+expr:|\Z)", re.DOTALL)
_SERIES: Final = re.compile(r"\{([^}]*)\} 1")
_LABEL: Final = re.compile(r'(\w+)="([^"]*)"')
_UNITS_MIN: Final = {"w": 10_080, "d": 1_440, "h": 60, "m": 1, "s": 0}


class Firing(NamedTuple):
    """An alert that fired.

    Attributes:
        labels: All its labels.
        begin: Evaluation at which it fired first, counted from the first day.
        end: Evaluation at which it did no more.
    """

    labels: Labels
    begin: int
    end: int

    @property
    def name(self) -> str:
        """The alert's name."""
        return dict(self.labels)["alertname"]


@dataclass(frozen=True)
class Watched:
    """A company as Prometheus sees it; everything begins ``LEAD_DAYS`` before its first day.

    Attributes:
        job: Its scrape job.
        figures: Its series, a value for each scrape.
        targets: Labels of its exporters, and which scrapes of them succeeded.
        days: Days from the first to the last.
    """

    job: str
    figures: dict[Key, Floats]
    targets: Sequence[tuple[dict[str, str], Mask]]
    days: int

    @property
    def stretches(self) -> dict[int, str]:
        """The first day of each stretch, and its job."""
        return {first: f"{self.job}@{first}" for first in range(0, self.days, STRETCH_DAYS)}

    def series(self, first: int) -> Iterator[dict[str, str]]:
        """Yields the series of a stretch."""
        until = min(first + STRETCH_DAYS, self.days) + LEAD_DAYS
        part = slice(first * DAY_SCRAPES, until * DAY_SCRAPES)
        figures = {key: values[part] for key, values in self.figures.items()}
        targets = [(labels, there[part]) for labels, there in self.targets]
        return scraped(figures, self.stretches[first], targets)


def firings(
    promtool: str, rules: Path, folder: Path, companies: Sequence[Watched]
) -> dict[str, list[Firing]]:
    """Evaluates rules over companies; returns what fired, by job."""
    stretches = [(company, first) for company in companies for first in company.stretches]
    shares = [stretches[number::PROCESSES] for number in range(PROCESSES)]
    parts = [share for share in shares if share]
    with ThreadPoolExecutor(PROCESSES) as pool:
        runs = pool.map(
            lambda numbered: _states(promtool, rules, folder / f"{numbered[0]}.json", numbered[1]),
            enumerate(parts),
        )
        states = {job: found for run in runs for job, found in run.items()}
    return {company.job: list(_joined(company, states)) for company in companies}


def _states(
    promtool: str, rules: Path, path: Path, stretches: Iterable[tuple[Watched, int]]
) -> dict[str, dict[Labels, set[int]]]:
    """Returns at which evaluations of each stretch which alert fires."""
    known = list(stretches)
    longest = max(min(company.days - first, STRETCH_DAYS) for company, first in known)
    last = (longest + LEAD_DAYS) * STEPS_A_DAY
    question = {"expr": 'ALERTS{alertstate="firing"}', "exp_samples": []}
    test = {
        "interval": f"{SCRAPE_MIN}m",
        "input_series": [series for company, first in known for series in company.series(first)],
        "promql_expr_test": [
            {**question, "eval_time": f"{step * STEP_MIN}m"} for step in range(last)
        ],
    }
    file = {"rule_files": [str(rules)], "evaluation_interval": f"{STEP_MIN}m", "tests": [test]}
    done = run_rule_tests(promtool, file, path, MINUTES_S)
    said = done.stdout + done.stderr
    assert done.returncode == 0 or "got:" in said, said[:2_000]
    found: dict[str, dict[Labels, set[int]]] = defaultdict(lambda: defaultdict(set))
    for time, got in _GOT.findall(said):
        for text in _SERIES.findall(got):
            labels = dict(_LABEL.findall(text))
            del labels["__name__"], labels["alertstate"]
            job = labels.pop("job")
            found[job][frozenset(labels.items())].add(_minutes(time) // STEP_MIN)
    return found


def _minutes(duration: str) -> int:
    """Reads a duration as promtool writes it.

    >>> _minutes("1w2h30m"), _minutes("0s")
    (10230, 0)
    """
    return sum(
        int(number) * _UNITS_MIN[unit] for number, unit in re.findall(r"(\d+)([wdhms])", duration)
    )


def _joined(company: Watched, states: dict[str, dict[Labels, set[int]]]) -> Iterator[Firing]:
    """Joins the stretches of a company, whose seams must agree."""
    fired: dict[Labels, set[int]] = defaultdict(set)
    lead = LEAD_DAYS * STEPS_A_DAY
    for first, job in company.stretches.items():
        begin = first * STEPS_A_DAY
        for labels, steps in states.get(job, {}).items():
            fired[labels] |= {begin + step - lead for step in steps if step >= lead}
        if first:
            before = {labels for labels, steps in fired.items() if begin - 1 in steps}
            after = {labels for labels, steps in states.get(job, {}).items() if lead - 1 in steps}
            assert before == after, f"{job}: {before ^ after} fires on one side of the seam only"
    for labels, steps in fired.items():
        yield from _intervals(labels | {("job", company.job)}, sorted(steps))


def _intervals(labels: Labels, steps: Sequence[int]) -> Iterator[Firing]:
    begin = last = None
    for step in steps:
        if last is None or step != last + 1:
            if begin is not None and last is not None:
                yield Firing(labels, begin, last + 1)
            begin = step
        last = step
    if begin is not None and last is not None:
        yield Firing(labels, begin, last + 1)
