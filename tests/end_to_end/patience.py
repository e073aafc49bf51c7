"""Waiting for what must come about: look, look again soon, and give up by a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

POLL_S = 0.1
"""Between two looks: far below what anything waited for takes, far above what a look costs."""

PATIENCE_S = 180.0
"""For anything that takes seconds on a quiet machine; a stalled one must not fail a test."""


def wait_for(
    look: Callable[[], T | None],
    missing: Callable[[], str],
    limit_s: float = PATIENCE_S,
    poll_s: float = POLL_S,
) -> T:
    """Looks until something is found.

    Args:
        look: Returns what is waited for, or None (or False) while it is not there.
        missing: Says what is not there, for the failure.
        limit_s: How long to look.
        poll_s: Pause between two looks.

    Raises:
        AssertionError: It did not come about in time.
    """
    deadline_s = time.monotonic() + limit_s
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline_s, f"not within {limit_s:g} s: {missing()}"
        time.sleep(poll_s)
