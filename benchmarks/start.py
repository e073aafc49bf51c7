"""CPU time of ``tidemark --help``, as a ratio to that of an empty program, in one run.

``python -m benchmarks.start [CHECKOUT]`` compares with the same command of another checkout too.
The contenders take turns, so that a busy machine slows all of them.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROUNDS: Final = 10

EMPTY: Final = "pass"
HELP: Final = "import sys; from streams.cli import main; main(['--help'])"


def cpu_s(program: str, checkout: Path, folder: str) -> float:
    """Runs a program of a checkout in an empty folder; returns the CPU seconds it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(checkout)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def table(other: Path | None = None, rounds: int = ROUNDS) -> str:
    """Measures; returns the medians, and their ratios to each other, as a table."""
    here = Path(__file__).resolve().parents[1]
    contenders = {"empty program": (EMPTY, here), "tidemark --help": (HELP, here)}
    if other is not None:
        contenders[f"the same of {other.name}"] = (HELP, other.resolve())
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for name, (program, checkout) in contenders.items():
                taken[name].append(cpu_s(program, checkout, folder))
    medians = {name: statistics.median(each) for name, each in taken.items()}
    own = medians["tidemark --help"]
    rows = ["| start-up | CPU ms (median) | min-max | x tidemark --help |", "|---|---:|---:|---:|"]
    for name, each in taken.items():
        spread = f"{1e3 * min(each):.0f}-{1e3 * max(each):.0f}"
        rows.append(
            f"| {name} | {1e3 * medians[name]:.0f} | {spread} | {medians[name] / own:.2f} |"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    print(table(Path(sys.argv[1]) if sys.argv[1:] else None))
