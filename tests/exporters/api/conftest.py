"""The server that most tests ask."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from exporters.http import Server
from tests.exporters.api import company


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server of the company, whose rows are at hand."""
    with company.served(company.live(), company.embedded().rows) as server:
        yield server


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the events of the company."""
    return tmp_path_factory.mktemp("company")
