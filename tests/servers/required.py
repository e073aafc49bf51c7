"""What happens where a server cannot be had: a developer's test is skipped, CI's fails."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar

import pytest

from tests.servers.process import ServerProcess, ServerUnavailable

S = TypeVar("S", bound=ServerProcess)


def in_ci() -> bool:
    """Whether this run has to prove everything."""
    return bool(os.environ.get("CI"))


@contextmanager
def available() -> Iterator[None]:
    """Skips the test, or in CI fails it, if its body finds that this machine lacks a server."""
    try:
        yield
    except ServerUnavailable as reason:
        if in_ci():
            pytest.fail(str(reason), pytrace=False)
        pytest.skip(str(reason))


@contextmanager
def required(server: S) -> Iterator[S]:
    """Runs a server for the test or fixture that asks for it."""
    with ExitStack() as stack:
        with available():
            stack.enter_context(server)
        yield server
