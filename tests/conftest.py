"""Fixtures for all tests: real servers and stored files; and CI skips no test against a server."""

import os
import signal
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import settings

from tests.examples import USUAL, examples
from tests.servers import Generation, KafkaServer, RedisServer, amtool_path, promtool_path
from tests.servers.required import available, in_ci, required

# Two shared cores stall now and then: a slow example is no failure. A failing one prints its blob.
# In CI the examples of a law follow from its code: what lands does not depend on luck. Elsewhere,
# and in `make laws`, they are others each time.
settings.register_profile(
    "tidemark", examples(USUAL), deadline=None, print_blob=True, derandomize=in_ci()
)
settings.load_profile("tidemark")


SERVER_FIXTURES = frozenset(
    {"kafka", "redis_url", "promtool", "each_promtool", "each_amtool", "compose", "browser"}
)
"""Programs that `make check` may lack."""


class Golden(Protocol):
    """Compares a text with a stored file, or rewrites the file under `--update-golden`."""

    def __call__(self, file: str | Path, text: str | bytes) -> None:
        """`file` is relative to the folder `golden` beside the test module, or absolute."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--update-golden`."""
    parser.addoption("--update-golden", action="store_true", help="rewrite stored files, then pass")


def pytest_configure() -> None:
    """Takes SIGTERM (a time limit, an ended CI run) as Ctrl-C, so that servers are taken down."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks tests by the fixtures they ask for, before `-m` selects among them."""
    for item in items:
        wanted = set(getattr(item, "fixturenames", ()))
        if "golden" in wanted:
            item.add_marker(pytest.mark.golden)
        if wanted & SERVER_FIXTURES:
            item.add_marker(pytest.mark.broker)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skipped test with the marker `broker` fails: a green run has run them all."""
    report = yield
    expected = hasattr(report, "wasxfail")
    if in_ci() and report.skipped and not expected and item.get_closest_marker("broker"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not accept: {report.longrepr}"
    return report


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """A function `golden(file, text)`; see `Golden`."""
    folder = request.path.parent / "golden"
    update = bool(request.config.getoption("--update-golden"))

    def compare(file: str | Path, text: str | bytes) -> None:
        stored = folder / file
        fresh = text.encode() if isinstance(text, str) else text
        if update:
            stored.parent.mkdir(parents=True, exist_ok=True)
            stored.write_bytes(fresh)
            return
        if not stored.exists():
            pytest.fail(f"{stored} is not there; `make golden` writes it")
        known = stored.read_bytes()
        if isinstance(text, str):
            assert text == known.decode(), f"{stored} differs; `make golden` rewrites it"
        else:
            assert fresh == known, f"{stored} differs; `make golden` rewrites it"

    return compare


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """The bootstrap address of a real broker: TIDEMARK_KAFKA, or one started for this run."""
    given = os.environ.get("TIDEMARK_KAFKA")
    if given:
        yield given
        return
    with required(KafkaServer()) as server:
        yield server.bootstrap


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The address of a real Redis: TIDEMARK_REDIS, or one started for this run."""
    given = os.environ.get("TIDEMARK_REDIS")
    if given:
        yield given
        return
    with required(RedisServer()) as server:
        yield server.url


@pytest.fixture(scope="session")
def promtool() -> str:
    """The full path of promtool."""
    with available():
        return promtool_path()


@pytest.fixture(scope="session", params=Generation)
def each_promtool(request: pytest.FixtureRequest) -> str:
    """The full path of promtool, of one generation after the other."""
    with available():
        return promtool_path(request.param)


@pytest.fixture(scope="session", params=Generation)
def each_amtool(request: pytest.FixtureRequest) -> str:
    """The full path of amtool, of one generation after the other."""
    with available():
        return amtool_path(request.param)
