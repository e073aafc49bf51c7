"""The builds that are compared, and the events that they get."""

import io
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks.contenders.turns import TIDEMARK

ROOT: Final = Path(__file__).resolve().parents[1]

OLD: Final = "1ffabe5"
"""Commit of the build that speed is compared with."""

PACKAGES: Final = ("aggregates", "events", "exporters", "streams")

UNTIL: Final = "2026-12-01T00:00:00Z"
"""End of made-up histories: the same events whenever they are made."""


class Build(NamedTuple):
    """A build of the product.

    Attributes:
        name: What tables call it.
        folder: Where its packages are.
    """

    name: str
    folder: Path


NEW: Final = Build("new", ROOT)


def old_build(cache: Path) -> Build:
    """Returns the old build, its packages laid out under a folder for caches.

    Raises:
        subprocess.CalledProcessError: If the repository does not hold its commit.
    """
    folder = cache / f"build-{OLD}"
    if not folder.exists():
        archive = subprocess.run(
            ["git", "archive", OLD, *PACKAGES], cwd=ROOT, stdout=subprocess.PIPE, check=True
        )
        fresh = cache / f"build-{OLD}.fresh"
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as packed:
            packed.extractall(fresh, filter="data")
        fresh.rename(folder)
    return Build("old", folder)


def history(cache: Path, accounts: int, days: int) -> dict[str, Any]:
    """Returns what a contender is told of a made-up company, whose events may not be there yet."""
    path = cache / f"events-{accounts}-{days}.ndjson"
    return {"file": str(path), "accounts": accounts, "days": days, "last": UNTIL}


def company(config: Mapping[str, Any]) -> None:
    """Makes the file of events that a contender asks for, if it asks for one."""
    if "file" in config and not Path(config["file"]).exists():
        numbers = [f"--{name}={config[name]}" for name in ("accounts", "days")]
        arguments = ["simulate", *numbers, "--seed=1", f"--until={UNTIL}", "--out", config["file"]]
        subprocess.run([*TIDEMARK, *arguments], cwd=ROOT, check=True)
