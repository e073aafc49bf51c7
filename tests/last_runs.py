"""Records of long work, such as the laws or faults on purpose: of each piece the last run."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    R = TypeVar("R", bound=DataclassInstance)
else:
    R = TypeVar("R")

ROOT: Final = Path(__file__).resolve().parents[1]


class LastRuns(Generic[R]):
    """A file with a line for each piece, in order: its last run. It is kept with the code.

    Attributes:
        runs: The last run of each piece.
    """

    def __init__(self, path: Path, kind: type[R], piece: Callable[[R], Any]) -> None:
        """Reads what is there, but for what another version of this code has written.

        Args:
            path: The file.
            kind: What a run is.
            piece: Returns what a run is of; pieces have an order.
        """
        self._path = path
        self._piece = piece
        lines = path.read_text().splitlines() if path.exists() else []
        known = {each.name for each in fields(kind)}
        records = [record for record in map(json.loads, lines) if record.keys() <= known]
        self.runs = {piece(run): run for run in (kind(**record) for record in records)}

    def add(self, run: R) -> None:
        """Takes a run in place of the one before."""
        self.runs[self._piece(run)] = run
        lines = [json.dumps(asdict(self.runs[piece])) for piece in sorted(self.runs)]
        fresh = self._path.with_suffix(".fresh")
        fresh.write_text("".join(f"{line}\n" for line in lines))
        fresh.rename(self._path)


def commit() -> str:
    """Returns the commit of the build, short."""
    asked = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(
        asked, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
