"""Fixtures of the tests of what is deployed."""

from typing import Any

import pytest

from tests.servers.compose import ROOT, ComposeProgram
from tests.servers.required import available

COMPOSE_FILE = ROOT / "docker-compose.yml"

GIVEN = {
    "GRAFANA_ADMIN_PASSWORD_FILE": "./secrets/grafana-admin-password",
    "DEMO_ACCOUNTS": "200",
}
"""All that must be given: as .env.example has it."""


@pytest.fixture(scope="session")
def compose() -> ComposeProgram:
    """The docker-compose program."""
    with available():
        return ComposeProgram()


@pytest.fixture(scope="session")
def composition(compose: ComposeProgram) -> dict[str, Any]:
    """docker-compose.yml as the program understands it, all profiles included."""
    return compose.read([COMPOSE_FILE], GIVEN)
