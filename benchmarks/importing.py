"""CPU time of ``tidemark import stripe``, as a ratio to reading the same lines into dicts.

``python -m benchmarks.importing [CHECKOUT]`` compares with the import of another checkout too. The
contenders take turns, so that a busy machine slows all of them; each is a whole process, its start
included. All imports must write the same bytes, and leave no gap.
"""

import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.builds import ROOT
from benchmarks.start import cpu_s
from benchmarks.stripe_company import write

COUNT: Final = 100_000
ROUNDS: Final = 5
TARGET_S: Final = 5.0
"""20,000 events a second."""

READ: Final = "import msgspec; [msgspec.json.decode(line) and None for line in open({!r}, 'rb')]"
IMPORT: Final = (
    "import os, sys; from streams.cli import main; sys.stderr = open(os.devnull, 'w'); "
    "raise SystemExit(main(['import', 'stripe', {!r}, '--out', {!r}]))"
)


def table(other: Path | None = None, rounds: int = ROUNDS, count: int = COUNT) -> str:
    """Measures; returns events a second of CPU, and ratios of the CPU time, as a table.

    Raises:
        AssertionError: If another checkout writes other events.
        subprocess.CalledProcessError: If an import fails or has gaps.
    """
    with tempfile.TemporaryDirectory() as folder:
        events = Path(folder) / "events.ndjson"
        write(events, count)
        out = [str(Path(folder) / name) for name in ("own", "other")]
        contenders = {
            "msgspec, into dicts": (READ.format(str(events)), ROOT),
            "tidemark import stripe": (IMPORT.format(str(events), out[0]), ROOT),
        }
        if other is not None:
            program = IMPORT.format(str(events), out[1])
            contenders[f"the same of {other.name}"] = (program, other.resolve())
        taken: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(rounds):
            for name, (program, checkout) in contenders.items():
                taken[name].append(cpu_s(program, checkout, folder))
        if other is not None:
            own, others = (Path(each).read_bytes() for each in out)
            assert own == others, f"{other} tells other events"
    read, *_ = taken.values()
    lines = [
        f"| {count:,} events of Stripe, target {TARGET_S * count / COUNT:.1f} s | CPU s (median) "
        "| min-max | events/s (best) | x read (median) |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, each in taken.items():
        ratio = median(own / base for own, base in zip(each, read, strict=True))
        lines.append(
            f"| {name} | {median(each):.2f} | {min(each):.2f}-{max(each):.2f} "
            f"| {count / min(each):,.0f} | {ratio:.2f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(Path(sys.argv[1]) if sys.argv[1:] else None))
