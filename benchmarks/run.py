"""``make bench``: raw drain, stock Faust, our worker and file replay; start-up; an import.

Figures are ratios within one run; absolute ones are printed with the machine, the load and the
spread. Exits 1 if a contender fails or counts wrongly.
"""

import argparse
import asyncio
import contextlib
import json
import os
import platform
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks import importing, load, start
from benchmarks.job import PREFIX, Job

BASE: Final = "raw drain"
CONTENDERS: Final = {
    BASE: ("drain", "none: a limit"),
    "stock Faust": ("stock_faust", "memory + changelog"),
    "Tidemark worker": ("tidemark_worker", "rows + ledger + changelog + board"),
    "Tidemark replay": ("file_replay", "file, no Kafka"),
}
SMALL: Final = 30_000
"""Events of the topic on which contenders that are too slow for the large one are checked."""

CHECK_LIMIT_S: Final = 120.0
"""Time that a slow contender gets for the small topic."""

EXTRA_S: Final = 90.0
"""What a contender may need to start and stop, beyond its limit."""

Result = dict[str, Any]


@contextlib.contextmanager
def kafka() -> Iterator[str]:
    """Yields a broker: the one that is given, or one started for this run."""
    given = os.environ.get("TIDEMARK_KAFKA")
    if given:
        yield given
        return
    from tests.servers import KafkaServer

    with KafkaServer(jvm=()) as server:
        yield server.bootstrap


def measure(name: str, job: Job) -> Result | None:
    """Runs one contender in a process of its own."""
    command = [sys.executable, "-m", f"benchmarks.{CONTENDERS[name][0]}"]
    process = subprocess.Popen(
        command,
        env=os.environ | job.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, errors = process.communicate(timeout=job.limit_s + EXTRA_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, errors = process.communicate()
    found = re.search(r"RESULT (\{.*\})", out)
    if found is None:
        print(f"{name} failed:\n" + "\n".join(errors.splitlines()[-15:]), file=sys.stderr)
        return None
    result: Result = json.loads(found[1])
    result["rate"] = result["events"] / result["seconds"]
    result["load"] = os.getloadavg()[0]
    print(f"  {name:16} {result['rate']:>10,.0f}/s  {result['distinct']}", file=sys.stderr)
    return result


def table(rounds: list[dict[str, Result]]) -> str:
    """Returns the results as a table."""
    rows = [
        "| contender | state | events/s (median) | min-max | x raw drain | x stock Faust "
        "| CPU us an event | load |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, (_, state) in CONTENDERS.items():
        results = [one[name] for one in rounds]
        rates = [result["rate"] for result in results]
        ratios = {
            other: statistics.median(one[name]["rate"] / one[other]["rate"] for one in rounds)
            for other in (BASE, "stock Faust")
        }
        cpu = statistics.median(1e6 * result["cpu_s"] / result["events"] for result in results)
        loads = [result["load"] for result in results]
        rows.append(
            f"| {name} | {state} | {statistics.median(rates):,.0f} "
            f"| {min(rates):,.0f}-{max(rates):,.0f} | {ratios[BASE]:.2f} "
            f"| {ratios['stock Faust']:.1f} | {cpu:.2f} | {min(loads):.1f}-{max(loads):.1f} |"
        )
    return "\n".join(rows)


def machine() -> str:
    """Describes the machine."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    name = model[1] if model else platform.machine()
    return f"{os.cpu_count()} cores ({name}), Python {platform.python_version()}"


def main() -> int:
    """Runs the benchmark; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--limit", type=float, default=20.0, help="seconds for a slow contender")
    parser.add_argument("--older", type=Path, help="a checkout whose start-up is compared")
    given = parser.parse_args()
    with kafka() as broker, tempfile.TemporaryDirectory() as folder:
        jobs, answers = {}, {}
        for name, count in (("large", given.count), ("small", SMALL)):
            prefix = f"{PREFIX}{name}.{time.monotonic_ns()}."
            path = Path(folder) / f"{name}.ndjson"
            answers[name] = load.write(path, count)
            asyncio.run(load.publish(broker, path, prefix, given.partitions))
            topic = f"{prefix}usage"
            jobs[name] = (topic, count, str(path))
        print(f"{given.count:,} events, {answers['large']:,} distinct", file=sys.stderr)

        def job(size: str, limit_s: float) -> Job:
            topic, count, path = jobs[size]
            run = f"{PREFIX}{time.monotonic_ns()}"
            return Job(broker, topic, count, given.partitions, limit_s, run, path)

        wrong = []
        rounds: list[dict[str, Result]] = []
        for number in range(given.rounds):
            print(f"round {number + 1}", file=sys.stderr)
            results = {name: measure(name, job("large", given.limit)) for name in CONTENDERS}
            if any(result is None for result in results.values()):
                return 1
            rounds.append({name: result for name, result in results.items() if result})
            wrong += _wrong(results, answers["large"])
        print("check on a small topic, to the end", file=sys.stderr)
        results = {name: measure(name, job("small", CHECK_LIMIT_S)) for name in CONTENDERS}
        wrong += _wrong(results, answers["small"])
        wrong += [
            n for n, r in results.items() if n != BASE and (r is None or r["distinct"] is None)
        ]
    print(
        f"{time.strftime('%Y-%m-%d')}, {machine()}; {given.count:,} events of "
        f"{given.partitions} partitions, {given.rounds} rounds\n"
    )
    print(table(rounds))
    print(f"\n{start.table(given.older)}")
    print(f"\n{importing.table()}")
    print(f"\nevery counted answer is {'WRONG: ' + ', '.join(wrong) if wrong else 'right'}")
    return 1 if wrong else 0


def _wrong(results: dict[str, Result | None], answer: int) -> list[str]:
    counted = {name: result["distinct"] for name, result in results.items() if result}
    return [name for name, count in counted.items() if count not in (None, answer)]


if __name__ == "__main__":
    sys.exit(main())
