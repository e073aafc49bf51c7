"""Turns: how a contender is told to work, and how it answers; and parts of either build by name.

A contender sets up, says so, and does its work once for each line on standard input, so that the
contenders of a row take turns while each keeps what it has set up. At the end it writes its answer.
"""

import gc
import json
import resource
import sys
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

GO: Final = "go"
"""What a contender is told to work by; the end of its input asks for the answer."""


TIDEMARK: Final = (
    sys.executable,
    "-c",
    "from streams.cli import main; raise SystemExit(main())",
)
"""The command ``tidemark`` of the build that is on the path."""


def product(*names: str) -> Any:
    """Returns the first module that the measured build has: builds lay out their packages apart."""
    for name in names:
        try:
            return import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or not name.startswith(error.name):
                raise
    raise ModuleNotFoundError(" or ".join(names))


def cpu_s() -> float:
    """Returns the CPU seconds of this process and of those it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def config() -> Mapping[str, Any]:
    """Returns what the row asks for."""
    given: Mapping[str, Any] = json.loads(sys.argv[1])
    build = given["build"]
    where = product("aggregates").__file__
    assert Path(where).is_relative_to(build), f"{where} is not of {build}"
    product("streams.garbage").collect_less()
    return given


def take_turns(work: Callable[[], Mapping[str, Any]], answer: Callable[[], str]) -> None:
    """Serves the runner.

    Args:
        work: Does the work once; returns what is to be told beside its time, or instead of it.
        answer: Returns the answer, to be compared with those of others.
    """
    gc.collect()
    gc.freeze()
    _say({"ready": True})
    for line in sys.stdin:
        assert line.strip() == GO
        begun_s, cpu = time.perf_counter(), cpu_s()
        told = work()
        taken = {"cpu_s": cpu_s() - cpu, "wall_s": time.perf_counter() - begun_s}
        rss_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        _say({**taken, "rss_mb": rss_mb, **told})
    _say({"answer": answer()})


def _say(told: Mapping[str, Any]) -> None:
    print(json.dumps(told), flush=True)
