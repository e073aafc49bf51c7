"""Redis with TLS and users: the rights on the page are enough, each is needed, and is named."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
import redis

from aggregates.shard.board import BoardUnavailableError, PublishResult
from exporters.boards.redis_board import RedisBoard
from streams.doctor import Verdict
from streams.doctor.board import check_redis
from tests.end_to_end.secured import redis_rights
from tests.servers import RedisServer
from tests.servers.certificates import Authority
from tests.servers.required import available, required

pytestmark = pytest.mark.broker

PASSWORD: Final = "correct-horse"


class TlsRedis(RedisServer):
    """A Redis that takes TLS alone."""

    def __init__(self, authority: Authority) -> None:
        """Makes its certificate."""
        both = str(authority.sign("redis"))
        super().__init__(
            "--tls-cert-file", both, "--tls-key-file", both, "--tls-auth-clients", "no"
        )
        self.cafile = authority.cafile

    def command(self) -> list[str]:
        """Listens with TLS on the one port."""
        plain = ["--port", str(self.port)]
        command = super().command()
        at = command.index("--port")
        assert command[at : at + 2] == plain
        more = ["--tls-ca-cert-file", str(self.cafile)]
        return [
            *command[:at],
            "--port",
            "0",
            "--tls-port",
            str(self.port),
            *command[at + 2 :],
            *more,
        ]

    def answers(self) -> bool:
        """Whether PING gets its PONG."""
        try:
            return bool(self.client().ping())
        except redis.RedisError:
            return False

    def client(self) -> Any:
        """A client of the default user, who may do all."""
        return redis.Redis(port=self.port, ssl=True, ssl_ca_certs=str(self.cafile))

    def url_of(self, user: str, password: str = PASSWORD) -> str:
        """The address for a user."""
        return f"rediss://{user}:{password}@127.0.0.1:{self.port}/0?ssl_ca_certs={self.cafile}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsRedis]:
    """The server, with the users of the page."""
    with available():
        made = TlsRedis(Authority(tmp_path_factory.mktemp("redis")))
    with required(made):
        yield made


@pytest.fixture(autouse=True)
def _users(server: TlsRedis) -> None:
    client = server.client()
    client.flushall()
    client.script_flush()
    for user, words in redis_rights().items():
        allow(server, user, words)


def allow(server: TlsRedis, user: str, words: list[str]) -> None:
    """Gives a user these rights, and no others."""
    server.client().execute_command("ACL", "SETUSER", user, "reset", "on", f">{PASSWORD}", *words)


def publish(server: TlsRedis) -> None:
    """All that a worker does: claims, publishes in full and in part, and releases."""
    board = RedisBoard(server.url_of("tidemark-worker"), installation="cluster")
    generation = board.claim(0, 1)
    for sequence in (1, 2):
        changes = {b"key": b"cells"}
        result = board.publish(0, generation, sequence, changes, sequence == 1, b"status")
        assert result is PublishResult.OK
    board.release(0, generation)
    board.close()


def read(server: TlsRedis) -> None:
    """All that an exporter does: reads a partition in full, and what changed."""
    board = RedisBoard(server.url_of("tidemark-exporter"))
    view = board.read({}).views[0]
    assert view.changes == {b"key": b"cells"}
    assert board.read({0: (view.generation, 1)}).views[0].changes == {b"key": b"cells"}
    board.close()


def test_the_rights_of_the_page_are_enough(server: TlsRedis) -> None:
    """A worker publishes, an exporter reads, the doctor finds nothing to mend, all by TLS."""
    publish(server)
    read(server)
    findings = list(check_redis(server.url_of("tidemark-doctor")))
    assert findings
    assert {finding.verdict for finding in findings} == {Verdict.OK}


@pytest.mark.parametrize(
    ("user", "act"), [("tidemark-worker", publish), ("tidemark-exporter", read)]
)
def test_each_right_is_needed_and_named(server: TlsRedis, user: str, act: Any) -> None:
    """Without any of the commands the board says that a right is missing, and where they stand."""
    words = redis_rights()[user]
    for word in words[1:]:
        server.client().flushall()
        allow(server, "tidemark-worker", redis_rights()["tidemark-worker"])
        if act is read:
            publish(server)
        server.client().script_flush()
        allow(server, user, [each for each in words if each != word])
        with pytest.raises(BoardUnavailableError, match=r"docs/security.md lists the rights"):
            act(server)


def test_a_reader_cannot_write(server: TlsRedis) -> None:
    """An exporter's user may change nothing, neither by a command nor by a script."""
    with redis.Redis.from_url(server.url_of("tidemark-exporter")) as client:
        for words in (("SET", "{tidemark:v1}:x", "1"), ("EVAL", "return 1", "0"), ("GET", "other")):
            with pytest.raises(redis.exceptions.NoPermissionError):
                client.execute_command(*words)


def test_what_does_not_let_us_in_is_told(server: TlsRedis) -> None:
    """A wrong password, and a certificate that nobody trusts; neither shows the password."""
    for url, said in (
        (server.url_of("tidemark-exporter", "hush"), "refuses the user or the password"),
        (
            server.url_of("x", "hush").partition("?")[0],
            "add \\?ssl_ca_certs=FILE to TIDEMARK_REDIS",
        ),
    ):
        with pytest.raises(BoardUnavailableError, match=said) as caught:
            RedisBoard(url).read({})
        assert "hush" not in str(caught.value)
