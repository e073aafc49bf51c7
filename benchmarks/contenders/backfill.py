"""Backfill: blocks of Prometheus of a whole history at hourly steps, by the command."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.contenders.turns import TIDEMARK, config, take_turns


def main() -> None:
    """Makes the blocks anew whenever told to."""
    given = config()
    out = Path(given["out"])
    manifest = out.with_suffix(".json")

    def samples() -> int:
        return int(json.loads(manifest.read_text())["samples"])

    def work() -> Mapping[str, Any]:
        times = ["--from", given["first"], "--to", given["last"], "--every", "1h"]
        asked = ["backfill", given["file"], *times, "--out", str(out), "--manifest", str(manifest)]
        subprocess.run(
            [*TIDEMARK, *asked], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True
        )
        shutil.rmtree(out)
        return {"samples": samples()}

    take_turns(work, lambda: f"{samples():,} samples")


main()
