"""The only place that reads a clock. Nothing read here may enter a KPI value."""

import time
from typing import Final

_BOOT_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Runs on while the machine sleeps, where the system has such a clock; leases must not outlive a
nap."""


def now_ms() -> int:
    """The wall clock, in ms of the epoch."""
    return time.time_ns() // 1_000_000


def monotonic_s() -> float:
    """Seconds on a clock that is never set back, for durations and deadlines."""
    return time.monotonic()


def since_boot_s() -> float:
    """Seconds on a clock that also counts the machine's sleep, for leases."""
    return time.clock_gettime(_BOOT_CLOCK)
