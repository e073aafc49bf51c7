"""Backfill: blocks of Prometheus of a whole history at hourly steps, by the command."""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.contenders.turns import config, take_turns

PROGRAM: Final = "from streams.cli import main; raise SystemExit(main())"


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
        command = [sys.executable, "-c", PROGRAM, *asked]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
        shutil.rmtree(out)
        return {"samples": samples()}

    take_turns(work, lambda: f"{samples():,} samples")


main()
