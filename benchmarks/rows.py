"""The rows of ``make bench-all``: what is done, by whom, on which events, and the target."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.builds import NEW, UNTIL, Build, history

Told = Mapping[str, Any]
"""What a contender tells of one turn: `cpu_s`, `wall_s`, `rss_mb` and what its module says."""


@dataclass(frozen=True, slots=True)
class Contender:
    """One process of a row.

    Attributes:
        name: What the table calls it.
        module: Its module in ``benchmarks.contenders``.
        build: The build that it runs.
        config: What its module asks for.
    """

    name: str
    module: str
    build: Build
    config: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One table: contenders that take turns.

    Attributes:
        name: By which it is asked for.
        title: What is done.
        target: What is aimed at, in words.
        unit: Unit of the figures.
        figure: Returns the figure of a turn.
        contenders: The first is what the others are ratios to.
        rounds: Turns of each; None for as many as are asked for.
        notes: Returns more to tell of a contender's turns.
    """

    name: str
    title: str
    target: str
    unit: str
    figure: Callable[[Told], float]
    contenders: Sequence[Contender]
    rounds: int | None = None
    notes: Callable[[Sequence[Told]], str] = field(default=lambda turns: "")


@dataclass(frozen=True, slots=True)
class Size:
    """How large the histories are; the defaults are those of the targets.

    Attributes:
        accounts: Of the small company; the large one has ten times as many.
        days: Of history.
        live: Events of a live turn.
        flush: Events between two flushes.
        scrapes: Scrapes of a turn, each after a flush of ``scraped`` events.
        scraped: Events of such a flush.
        asked: Events between two questions about contributors.
        uses: Events of the topic that holds uses only.
    """

    accounts: int = 200
    days: int = 730
    live: int = 6_000
    flush: int = 1_000
    scrapes: int = 20
    scraped: int = 50
    asked: int = 5
    uses: int = 1_000_000


ONCE: Final = {"first": UNTIL, "every": "1d"}


def cpu_us(turn: Told) -> float:
    """Returns CPU microseconds an event."""
    return 1e6 * float(turn["cpu_s"]) / int(turn["events"])


def cpu_s(turn: Told) -> float:
    """Returns CPU seconds."""
    return float(turn["cpu_s"])


def wall_s(turn: Told) -> float:
    """Returns seconds."""
    return float(turn["wall_s"])


def rss_mb(turn: Told) -> float:
    """Returns the most memory that the process has had so far."""
    return float(turn["rss_mb"])


def p99_ms(turn: Told) -> float:
    """Returns the 99th percentile of scrapes right after a flush."""
    flushed = sorted(turn["flushed_ms"])
    return float(flushed[int(0.99 * (len(flushed) - 1) + 0.5)])


def _waiting(turns: Sequence[Told]) -> str:
    most = max(int(turn["waiting"]) for turn in turns)
    return f"at most {most} units of health waited" if most else ""


def _scrapes(turns: Sequence[Told]) -> str:
    flushed = [each for turn in turns for each in turn["flushed_ms"]]
    idle = [each for turn in turns for each in turn["idle_ms"]]
    return (
        f"p50 {median(flushed):.1f} ms, idle {median(idle):.1f} ms (most {max(idle):.1f}), "
        f"{turns[-1]['series']} series"
    )


def rows(old: Build, size: Size, cache: Path, rounds: int) -> list[Row]:
    """Returns all rows.

    Args:
        old: The old build.
        size: How large histories are.
        cache: Where made-up histories are.
        rounds: Turns of each contender.
    """
    few, many = size.accounts, 10 * size.accounts
    both = (old, NEW)
    histories = [history(cache, accounts, size.days) for accounts in (few, many)]
    found = []
    for told in histories:
        found += [_live(both, size, told, rounds, deferred) for deferred in (True, False)]
        found += [_scrape(both, size, told, rounds)]
    found += [_page(both, size, histories[1], rounds), _contributors(size, histories[1], rounds)]
    one = {**histories[0], **ONCE}
    grid = {**one, "first": "2024-12-02T00:00:00Z"}
    several = [
        Contender(f"new, {count} processes", "replay", NEW, {**one, "processes": count})
        for count in (1, 2)
    ]
    found += [
        Row(
            "replay",
            f"file replay, mixed, {few} accounts, one time, one process",
            "2/5 of the old, 0.7 of DuckDB's SQL for the same figures",
            "CPU s",
            cpu_s,
            [Contender(build.name, "replay", build, one) for build in both]
            + [Contender("DuckDB, SQL oracle", "sql", NEW, one)],
        ),
        Row("processes", "the same in processes", "1/1.7 of the time", "s", wall_s, several),
        Row(
            "grid",
            f"replay of a daily grid of two years, {few} accounts",
            "1/2 of the old",
            "CPU s",
            cpu_s,
            [Contender(build.name, "replay", build, grid) for build in both],
        ),
        Row(
            "backfill",
            f"backfill of 23 months at hourly steps, {few} accounts, blocks by promtool",
            "1/2 of the old",
            "us a sample",
            lambda turn: 1e6 * wall_s(turn) / int(turn["samples"]),
            [
                Contender(build.name, "backfill", build, {**grid, "last": "2026-11-01T00:00:00Z"})
                for build in both
            ],
            rounds=2,
            notes=lambda turns: f"CPU {median(map(cpu_s, turns)):.0f} s, promtool's with it",
        ),
        Row(
            "ready",
            "`tidemark run` to a ready page",
            "1/2 of the old",
            "CPU s",
            cpu_s,
            [
                Contender(
                    build.name,
                    "ready",
                    build,
                    {"arguments": ["--accounts", str(few), "--days", str(size.days)]},
                )
                for build in both
            ],
        ),
        Row(
            "memory",
            f"replay of {many} accounts, one process: the most memory",
            "1/2 of the old",
            "MB",
            rss_mb,
            [Contender(build.name, "replay", build, {**histories[1], **ONCE}) for build in both],
            rounds=1,
        ),
    ]
    return found


def _live(
    builds: Sequence[Build], size: Size, told: Mapping[str, Any], rounds: int, deferred: bool
) -> Row:
    config = {
        **told,
        "live": rounds * size.live,
        "turn": size.live,
        "flush": size.flush,
        "deferred": deferred,
    }
    accounts = told["accounts"]
    settled = "health as shipped" if deferred else "health in full at each flush"
    return Row(
        "live" + ("" if deferred else "-full") + _tenfold(told, size),
        f"live, mixed, {accounts} accounts in memory, a flush each {size.flush} events, {settled}",
        "1/6 of the old" if deferred else "1/3 of the old",
        "CPU us an event",
        cpu_us,
        [Contender(build.name, "live", build, config) for build in builds],
        notes=_waiting,
    )


def _scrape(builds: Sequence[Build], size: Size, told: Mapping[str, Any], rounds: int) -> Row:
    accounts = told["accounts"]
    return Row(
        "scrape" + _tenfold(told, size),
        f"scrape right after a flush of {size.scraped} events, {accounts} accounts, p99 of a turn",
        "50 ms; idle 15 ms",
        "CPU ms",
        p99_ms,
        [Contender(build.name, "scrape", build, _scraped(size, told, rounds)) for build in builds],
        notes=_scrapes,
    )


def _page(builds: Sequence[Build], size: Size, told: Mapping[str, Any], rounds: int) -> Row:
    return Row(
        "page",
        f"the page of all KPIs right after a flush of {size.scraped} events, {told['accounts']} "
        "accounts, p99 of a turn (90 days of each are new)",
        "100 ms",
        "CPU ms",
        p99_ms,
        [Contender(build.name, "page", build, _scraped(size, told, rounds)) for build in builds],
        notes=lambda turns: f"p50 {median(e for turn in turns for e in turn['flushed_ms']):.1f} ms",
    )


def _contributors(size: Size, told: Mapping[str, Any], rounds: int) -> Row:
    questions = 200  # more than there are KPIs
    config = {**told, "live": rounds * questions * size.asked, "flush": size.asked}
    return Row(
        "contributors",
        f"contributors of a KPI's change, {size.asked} events after the last question, "
        f"{told['accounts']} accounts, the slowest KPI of a turn",
        "300 ms",
        "CPU ms",
        slowest_ms,
        [Contender("new", "contributors", NEW, config)],
        notes=_slowest,
    )


def slowest_ms(turn: Told) -> float:
    """Returns the longest that a question of a turn took."""
    return float(max(turn["taken_ms"].values()))


def _slowest(turns: Sequence[Told]) -> str:
    """Names the KPIs that take longest; of each the median of its turns."""
    taken = {kpi: median(turn["taken_ms"][kpi] for turn in turns) for kpi in turns[0]["taken_ms"]}
    slow = sorted(taken, key=lambda kpi: -taken[kpi])[:3]
    said = ", ".join(f"{kpi} {taken[kpi]:.0f}" for kpi in slow)
    return f"p50 {median(taken.values()):.0f} ms; {said}"


def _scraped(size: Size, told: Mapping[str, Any], rounds: int) -> Mapping[str, Any]:
    return {
        **told,
        "live": rounds * size.scrapes * size.scraped,
        "flush": size.scraped,
        "scrapes": size.scrapes,
    }


def _tenfold(told: Mapping[str, Any], size: Size) -> str:
    return "" if told["accounts"] == size.accounts else "-x10"
