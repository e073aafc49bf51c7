"""When alerts fire: the real engine over stretches of the two years, side by side.

promtool evaluates rules one after the other at each moment, with all their memory (``for``,
``keep_firing_for``, what they read of ``ALERTS``), but takes about as long for one company as for
many. So the two years are cut into stretches, each a job of its own, that lie beside each other. A
stretch begins a while earlier. Where at its seam another alert fires than the one before it ended
with (within its band an alert remembers for as long as the figure stays there) it is evaluated
anew from earlier on, at last from the very beginning.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
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
"""A stretch begins this much earlier: more than what rules remember, but for bands."""

FURTHER: Final = 7
"""How many times as early a stretch begins where that was not enough."""

PROCESSES: Final = 2
MINUTES_S: Final = 5_400

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
    def stretches(self) -> list["Stretch"]:
        """The stretches, in order."""
        return [Stretch(self, first) for first in range(0, self.days, STRETCH_DAYS)]


@dataclass(frozen=True)
class Stretch:
    """A part of what Prometheus sees of a company, evaluated from some days before it on."""

    company: Watched
    first: int
    lead: int = LEAD_DAYS

    @property
    def job(self) -> str:
        """The job that it is evaluated as."""
        return f"{self.company.job}@{self.first}"

    @property
    def until(self) -> int:
        """The day after its last."""
        return min(self.first + STRETCH_DAYS, self.company.days)

    @property
    def steps(self) -> int:
        """Evaluations that it takes."""
        return (self.until - self.first + self.lead) * STEPS_A_DAY

    def from_earlier_on(self) -> "Stretch":
        """The same stretch, evaluated from earlier on if that is possible."""
        return replace(self, lead=min(FURTHER * self.lead, self.first + LEAD_DAYS))

    def series(self) -> Iterator[dict[str, str]]:
        """Yields its series."""
        begin = self.first - self.lead + LEAD_DAYS
        part = slice(begin * DAY_SCRAPES, (self.until + LEAD_DAYS) * DAY_SCRAPES)
        figures = {key: values[part] for key, values in self.company.figures.items()}
        targets = [(labels, there[part]) for labels, there in self.company.targets]
        return scraped(figures, self.job, targets)


States = dict[Labels, set[int]]
"""Evaluations at which an alert fires, counted from the company's first day."""


def firings(
    promtool: str, rules: Path, folder: Path, companies: Sequence[Watched]
) -> dict[str, list[Firing]]:
    """Evaluates rules over companies; returns what fired, by job."""
    states: dict[str, States] = {}
    stretches = {each.job: each for company in companies for each in company.stretches}
    changed = list(stretches.values())
    while changed:
        states |= _evaluated(promtool, rules, folder, changed)
        wrong = [each for each in stretches.values() if _unlike(each, states)]
        earlier = [each.from_earlier_on() for each in wrong]
        changed = [each for each in earlier if each != stretches[each.job]]
        stretches |= {each.job: each for each in changed}
    for each in wrong:
        raise AssertionError(f"{each.job}: {_unlike(each, states)} fires on one side of the seam")
    return {company.job: list(_joined(company, states)) for company in companies}


def _evaluated(
    promtool: str, rules: Path, folder: Path, stretches: Sequence[Stretch]
) -> dict[str, States]:
    """Returns what fires in stretches, by their jobs; they are shared out among processes."""
    shares = [stretches[number::PROCESSES] for number in range(PROCESSES)]
    parts = [share for share in shares if share]
    with ThreadPoolExecutor(PROCESSES) as pool:
        runs = pool.map(
            lambda numbered: _states(promtool, rules, folder / f"{numbered[0]}.json", numbered[1]),
            enumerate(parts),
        )
        return {job: found for run in runs for job, found in run.items()}


def _states(
    promtool: str, rules: Path, path: Path, stretches: Sequence[Stretch]
) -> dict[str, States]:
    """Returns at which evaluations of each stretch which alert fires."""
    last = max(each.steps for each in stretches)
    question = {"expr": 'ALERTS{alertstate="firing"}', "exp_samples": []}
    test = {
        "interval": f"{SCRAPE_MIN}m",
        "input_series": [series for stretch in stretches for series in stretch.series()],
        "promql_expr_test": [
            {**question, "eval_time": f"{step * STEP_MIN}m"} for step in range(last)
        ],
    }
    file = {"rule_files": [str(rules)], "evaluation_interval": f"{STEP_MIN}m", "tests": [test]}
    done = run_rule_tests(promtool, file, path, MINUTES_S)
    said = done.stdout + done.stderr
    assert done.returncode == 0 or "got:" in said, said[:2_000]
    begins = {each.job: (each.first - each.lead) * STEPS_A_DAY for each in stretches}
    found: dict[str, States] = {each.job: defaultdict(set) for each in stretches}
    for time, got in _GOT.findall(said):
        for text in _SERIES.findall(got):
            labels = dict(_LABEL.findall(text))
            del labels["__name__"], labels["alertstate"]
            job = labels.pop("job")
            found[job][frozenset(labels.items())].add(begins[job] + _minutes(time) // STEP_MIN)
    return found


def _minutes(duration: str) -> int:
    """Reads a duration as promtool writes it.

    >>> _minutes("1w2h30m"), _minutes("0s")
    (10230, 0)
    """
    return sum(
        int(number) * _UNITS_MIN[unit] for number, unit in re.findall(r"(\d+)([wdhms])", duration)
    )


def _unlike(stretch: Stretch, states: dict[str, States]) -> set[Labels]:
    """Returns what fires just before a stretch by it alone, or by the one before it alone."""
    if not stretch.first:
        return set()
    before = states[replace(stretch, first=stretch.first - STRETCH_DAYS).job]
    last = stretch.first * STEPS_A_DAY - 1
    sides = [
        {labels for labels, steps in side.items() if last in steps}
        for side in (before, states[stretch.job])
    ]
    return sides[0] ^ sides[1]


def _joined(company: Watched, states: dict[str, States]) -> Iterator[Firing]:
    """Joins the stretches of a company."""
    fired: dict[Labels, set[int]] = defaultdict(set)
    for stretch in company.stretches:
        begin = stretch.first * STEPS_A_DAY
        for labels, steps in states[stretch.job].items():
            fired[labels] |= {step for step in steps if step >= begin}
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
