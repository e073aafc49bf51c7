"""Names: a page of another site, whose name leads to loopback, is answered nothing."""

import http.client
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import bcrypt
import pytest

from exporters.http import Application, Names, Server, WebConfigFile
from exporters.http.traffic import Refusal
from exporters.pages.pages import Pages
from tests.exporters import company
from tests.exporters.http.served import PATIENCE_S, served


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server as it is without settings."""
    with served() as server:
        yield server


def ask(server: Server, host: str, path: str = "/metrics", method: str = "GET") -> int:
    """Asks by another name; returns the status."""
    address = server.url.split("//")[1]
    with closing(http.client.HTTPConnection(address, timeout=PATIENCE_S)) as client:
        client.request(method, path, headers={"Host": host})
        return client.getresponse().status


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:9108",
        "127.0.0.1",
        "[::1]:9108",
        "192.0.2.7:9108",
        "localhost:9108",
        "LOCALHOST",
        "kpis.localhost:80",
        "localhost.",
        "exporter:9108",
        "host.docker.internal:9108",
    ],
)
def test_what_is_no_name_of_another_site_is_answered(server: Server, host: str) -> None:
    """An address is in no name; nobody can own the others in public DNS."""
    assert ask(server, host) == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:9108",
        "evil.example",
        "Evil.Example.",
        "127.0.0.1.evil.example",
        "localhost.evil.example:9108",
        "xlocalhost.example",
        "[evil.example]:9108",
        "evil.example:80:9108",
    ],
)
@pytest.mark.parametrize("path", ["/", "/metrics", "/-/ready", "/api/v1/kpis", "/live", "/nothing"])
def test_a_name_that_may_be_another_sites_is_not(server: Server, host: str, path: str) -> None:
    """At no path, by no method; it is counted."""
    before = server.traffic.refusals[Refusal.HOST]
    assert ask(server, host, path) == 421
    assert ask(server, host, path, "HEAD") == 421
    assert server.traffic.refusals[Refusal.HOST] == before + 2


def test_who_opens_the_address_decides_who_asks() -> None:
    """Only what binds to loopback can be sure that a public name is not its own."""
    for listen in ("127.0.0.1", "127.0.0.2", "::1", "localhost", "LocalHost"):
        assert not Names(listen).has("evil.example")
    for listen in ("0.0.0.0", "::", "", "192.0.2.7", "kpis.example.com"):
        assert Names(listen).has("evil.example")


def test_names_that_are_allowed() -> None:
    """A proxy's name is answered, in any case and under any port; no other with it."""
    names, live = Names("127.0.0.1", ["KPIs.example.com"]), company.live(company.board(2))
    app = Application(live, lambda reading: (), Pages(live, "0"), names=names)
    server = Server(app, port=0)
    server.start()
    try:
        assert ask(server, "kpis.example.com:8443") == 200
        assert ask(server, "kpis.EXAMPLE.com") == 200
        assert ask(server, "example.com") == ask(server, "x.kpis.example.com") == 421
    finally:
        server.stop()


def test_what_has_a_password_answers_every_name(tmp_path: Path) -> None:
    """A page of another site has no password under its own name, and a proxy may pass on any."""
    path = tmp_path / "web.yml"
    hashed = bcrypt.hashpw(b"secret", bcrypt.gensalt(4)).decode()
    path.write_text(f"basic_auth_users: {{ada: '{hashed}'}}\n")
    with served(config=WebConfigFile(path)) as server:
        assert ask(server, "kpis.example.com") == 401
        assert not server.traffic.refusals[Refusal.HOST]
