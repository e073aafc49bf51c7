"""The page on faults: what is done, what must hold, and what came of it."""

import re
import subprocess
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from tests.faults.run import Result
from tests.faults.scenario import Scenario
from tests.servers.kafka import LIBS

_HEAD: Final = """\
# Faults

<!-- Written by `make faults`; do not edit. -->

`make faults` starts a real broker, a real Redis, workers and an exporter, does harm to them while
events of a made-up company flow, and then compares. What is done follows from the scenario and the
seed; the timing is the machine's.

```
make faults                                # every scenario under three seeds
make faults SEEDS=20 JOBS=2                # before a release: some five hours on two cores
make faults SEEDS=20 MISSING=1 MINUTES=60  # goes on with it, where there is no good run yet
make faults SCENARIO=zombie SEED=17        # one run, once more
```

## What must hold in every run

- **In the end**, when nothing is behind, every `cs_` series that the exporter shows (KPIs,
  numerators and denominators, segments, distributions) equals exactly that of a fold of the whole
  log, which a reader of the test's own has read, sorted, and rid of repetitions. No worker,
  changelog or board is asked for it. That fold is itself compared, integer for integer and over
  all measures, with SQL over the raw events (where none is refused), and with `tidemark replay`.
- **Amid it**, a scrape that says it is whole is right. A board holds with each partition's cells
  the offsets that they cover; scrapes taken at known offsets, up to six of a run, are compared with
  a fold of the log up to just there.
- A scrape that does not say it is whole shows no KPI.
- What the log has held for half a minute is in the figures, or a lag is shown.
- No partition has two owners in one generation of the group.
- What the broker acknowledged is in the log.
- A worker ends by itself only by a reason that it names, and only in the scenarios where that may
  be; a supervisor starts it again.

Merges of accounts, retractions, late, shuffled and repeated events are part of every run.
"""

_TAIL: Final = """\
## Without servers

`make simulation` plays histories by seed in one process, hundreds a minute on one core: real
ownership, restores, folding, checkpoints, publishing and feed, on a broker, a board and a clock
that are simulated. Each step that waits for them is a place where a process may be held up,
overtaken or killed; all that happens follows from the seed. In the end every cell equals that of
a fold of all records, each bad record has its letter, and every offset is committed; whatever was
shown as whole meanwhile is held against a fold of just the records that it stands for.

```
make simulation SEEDS=2000                 # before a release
make simulation SEED=17                    # one history, once more
```

## What cannot be tried here

One machine has one broker: the failover of a partition's leader, the loss of in-sync replicas, an
unclean election, and networks that part brokers are not tried. A Redis cluster and Sentinel are not
either; a failover is made by hand, of a replica that lags.
"""

_RESULTS: Final = (
    "scenario",
    "seeds",
    "right",
    "events",
    "faults",
    "scrapes compared",
    "figures a run",
    "integers by SQL",
    "seconds a run",
    "of CPU",
    "builds",
)

_VERSION: Final = re.compile(r"v=(\S+)")


def write_page(path: Path, scenarios: Sequence[Scenario], results: Collection[Result]) -> None:
    """Writes the page anew."""
    path.write_text("\n".join(_page(scenarios, results)))


def _page(scenarios: Sequence[Scenario], results: Collection[Result]) -> Iterator[str]:
    yield _HEAD
    yield "## Scenarios"
    yield ""
    yield "| scenario | what is done | what must hold besides |"
    yield "|---|---|---|"
    for each in scenarios:
        yield told_of(each)
    yield ""
    yield "## Last results"
    yield ""
    yield f"With {_versions()}."
    yield ""
    yield f"| {' | '.join(_RESULTS)} |"
    yield f"|{'---|' * len(_RESULTS)}"
    for each in scenarios:
        own = [result for result in results if result.scenario == each.name]
        yield _row(each.name, sorted(own, key=lambda result: result.seed))
    yield ""
    yield _TAIL


def told_of(scenario: Scenario) -> str:
    """Returns a scenario's row: what is done and what must hold."""
    return f"| `{scenario.name}` | {scenario.does} | {scenario.holds} |"


def _row(name: str, runs: list[Result]) -> str:
    if not runs:
        return f"| `{name}` | none yet |{' |' * (len(_RESULTS) - 2)}"
    wrong = [str(run.seed) for run in runs if run.wrong]
    cells = [
        f"`{name}`",
        _seeds([run.seed for run in runs]),
        f"not {', '.join(wrong)}" if wrong else "all",
        f"{sum(run.events for run in runs):,}",
        str(sum(len(run.done) for run in runs)),
        str(sum(run.scrapes.get("compared", 0) for run in runs)),
        f"{median(run.figures for run in runs):.0f}",
        f"{sum(run.integers for run in runs):,}",
        f"{median(run.seconds for run in runs):.0f}",
        f"{median(run.cpu_s for run in runs):.0f}",
        ", ".join(sorted({run.commit for run in runs})),
    ]
    return f"| {' | '.join(cells)} |"


def _seeds(seeds: list[int]) -> str:
    """Names seeds, those in a row by the first and the last.

    >>> _seeds([1, 2, 3, 17])
    '1-3, 17'
    """
    parts: list[list[int]] = []
    for seed in seeds:
        if parts and parts[-1][-1] == seed - 1:
            parts[-1].append(seed)
        else:
            parts.append([seed])
    return ", ".join(f"{p[0]}-{p[-1]}" if len(p) > 1 else str(p[0]) for p in parts)


def _versions() -> str:
    """Names the servers' versions."""
    (jar,) = LIBS.glob("kafka-clients-*.jar")
    kafka = jar.stem.removeprefix("kafka-clients-")
    said = subprocess.run(["redis-server", "--version"], capture_output=True, text=True, check=True)
    found = _VERSION.search(said.stdout)
    redis = found[1] if found else "of unknown version"
    return f"Apache Kafka {kafka} and Redis {redis}"
