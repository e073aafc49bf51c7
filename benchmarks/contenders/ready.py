"""``tidemark run`` from nothing to a page with every figure: the CPU time of its process."""

import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.contenders.turns import TIDEMARK, config, take_turns

POLL_S: Final = 0.05
LIMIT_S: Final = 600.0
TICK_S: Final = 1 / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Starts the command whenever told to, and ends it once it is ready."""
    given = config()

    def work() -> Mapping[str, Any]:
        command = [*TIDEMARK, "run", "--port", "0", *given["arguments"]]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                return _until_ready(process)
            finally:
                process.send_signal(signal.SIGKILL)

    take_turns(work, lambda: "")


def _until_ready(process: "subprocess.Popen[str]") -> Mapping[str, Any]:
    begun_s = time.perf_counter()
    assert process.stdout is not None
    url = next(found[0] for line in process.stdout if (found := re.search(r"http://[^/\s]+", line)))
    while time.perf_counter() - begun_s < LIMIT_S:
        try:
            with urllib.request.urlopen(f"{url}/-/ready") as answer:
                if answer.status == 200:
                    break
        except (urllib.error.URLError, OSError):
            time.sleep(POLL_S)
    else:
        raise TimeoutError("not ready")
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    cpu_s = (int(fields[11]) + int(fields[12])) * TICK_S  # user and system
    return {"cpu_s": cpu_s, "wall_s": time.perf_counter() - begun_s}


main()
