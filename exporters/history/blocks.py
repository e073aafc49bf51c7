"""Blocks: folders of immutable samples in a data folder of Prometheus."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from exporters.history.error import HistoryError

_ULID: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")

_META: Final = "meta.json"


@dataclass(frozen=True, slots=True)
class Block:
    """A block, as its ``meta.json`` tells; ``promtool tsdb list`` prints the same.

    Attributes:
        path: Its folder, named by its ULID.
        first_ms: Time of its first sample.
        end_ms: Time that all its samples lie before.
        series: Its series.
        samples: Its samples.
    """

    path: Path
    first_ms: int
    end_ms: int
    series: int
    samples: int


def blocks_in(folder: Path) -> list[Block]:
    """Returns the blocks of a data folder, in order of time.

    Raises:
        HistoryError: If the folder or a block cannot be read.
    """
    found = []
    try:
        for path in folder.iterdir():
            if _ULID.fullmatch(path.name) and (path / _META).is_file():
                meta = json.loads((path / _META).read_bytes())
                stats = meta.get("stats", {})
                series, samples = stats.get("numSeries", 0), stats.get("numSamples", 0)
                found.append(Block(path, meta["minTime"], meta["maxTime"], series, samples))
    except (OSError, ValueError, KeyError) as error:
        raise HistoryError(f"{folder}: cannot be read: {error}") from error
    return sorted(found, key=lambda block: (block.first_ms, block.path.name))
