"""TLS, passwords and headers by a file of Prometheus's form, followed while it serves."""

import base64
import http.client
import logging
import ssl
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import bcrypt
import pytest
import trustme

from exporters.http import Server, WebConfigFile, passwords, server
from exporters.http.traffic import Refusal
from exporters.http.web_config import WebConfigError
from tests.exporters.http.served import PATIENCE_S, connect, read_all, served

PASSWORD = "rosebud"
LONG = "x" * 80
"""Longer than bcrypt looks at, which must not make it fail."""


@cache
def authority() -> trustme.CA:
    """An authority for all tests of the file."""
    return trustme.CA()


@cache
def hashed(password: str) -> str:
    """Hashes as cheaply as bcrypt may."""
    return bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode()


def certify(folder: Path, name: str = "127.0.0.1") -> None:
    """Writes certificate, key and authority."""
    made = authority().issue_cert(name)
    made.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    made.private_key_pem.write_to_path(folder / "key.pem")
    authority().cert_pem.write_to_path(folder / "ca.pem")


TLS = "tls_server_config: {cert_file: cert.pem, key_file: key.pem%s}\n"
VERIFIED = ", client_ca_file: ca.pem, client_auth_type: RequireAndVerifyClientCert"
USERS = f"basic_auth_users: {{ada: '{hashed(PASSWORD)}', bob: '{hashed(LONG)}'}}\n"


def trusting() -> ssl.SSLContext:
    """A client that trusts our authority."""
    context = ssl.create_default_context()
    authority().configure_trust(context)
    return context


def ask(
    here: Server, path: str = "/-/healthy", context: ssl.SSLContext | None = None, user: str = ""
) -> http.client.HTTPResponse:
    """Asks for a path, as a user, given as ``name:password``."""
    place = here.url.split("//")[1]
    client: http.client.HTTPConnection
    if here.url.startswith("https:"):
        context = context or trusting()
        client = http.client.HTTPSConnection(place, timeout=PATIENCE_S, context=context)
    else:
        client = http.client.HTTPConnection(place, timeout=PATIENCE_S)
    login = {"Authorization": f"Basic {base64.b64encode(user.encode()).decode()}"} if user else {}
    client.request("GET", path, headers=login)
    answer = client.getresponse()
    answer.read()
    client.close()
    return answer


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Writes the file, beside certificate and key."""
    certify(tmp_path)

    def written(text: str) -> Path:
        path = tmp_path / "web.yml"
        path.write_text(text)
        return path

    return written


Write = Callable[[str], Path]


def test_without_a_file() -> None:
    """Neither TLS nor passwords."""
    assert not WebConfigFile().tls
    assert not WebConfigFile().current().users


def test_tls(write: Write) -> None:
    """With a certificate there is TLS, of version 1.2 at least, and nothing else."""
    with served(config=WebConfigFile(write(TLS % ""))) as here:
        assert here.url.startswith("https://")
        assert ask(here, "/metrics").status == 200
        with connect(here) as client:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert b"HTTP" not in read_all(client)
        with pytest.raises(ssl.SSLCertVerificationError):
            ask(here, context=ssl.create_default_context())
        until_refused(here, 2)


def until_refused(here: Server, count: int) -> None:
    """Waits until so many handshakes have failed."""
    deadline_s = time.monotonic() + PATIENCE_S
    while here.traffic.refusals[Refusal.HANDSHAKE] < count:
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


def test_a_handshake_that_stands_still(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that connects and says nothing of TLS has so much time, and holds a place."""
    monkeypatch.setattr(server, "HANDSHAKE_S", 0.3)
    with served(config=WebConfigFile(write(TLS % ""))) as here, connect(here) as client:
        assert read_all(client) == b""
        until_refused(here, 1)
        assert here.traffic.waiting == 0


def test_versions(write: Write) -> None:
    """A client below the least version is refused."""
    with served(config=WebConfigFile(write(TLS % ", min_version: TLS13"))) as here:
        old = trusting()
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        with pytest.raises(ssl.SSLError):
            ask(here, context=old)
        assert ask(here).status == 200


def test_client_certificates(write: Write) -> None:
    """Only a client with a certificate of the authority is answered, where that is asked for."""
    with served(config=WebConfigFile(write(TLS % VERIFIED))) as here:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            ask(here)
        stranger, known = trusting(), trusting()
        trustme.CA().issue_cert("client.example").configure_cert(stranger)
        with pytest.raises((ssl.SSLError, ConnectionError)):
            ask(here, context=stranger)
        authority().issue_cert("client.example").configure_cert(known)
        assert ask(here, context=known).status == 200


PATHS = (
    "/",
    "/metrics",
    "/api/v1/kpis",
    "/-/healthy",
    "/-/ready",
    "/static/page.js",
    "/favicon.ico",
    "/nothing",
)


@pytest.mark.parametrize("path", PATHS)
def test_passwords_hold_for_every_path(write: Write, path: str) -> None:
    """Nothing is told to who has no password, not even what there is."""
    with served(config=WebConfigFile(write(USERS))) as here:
        for user in ("", "ada:", "ada:wrong", "bob:rosebud", "eve:rosebud", "ada", ":rosebud"):
            refused = ask(here, path, user=user)
            assert (refused.status, refused.getheader("www-authenticate")) == (
                401,
                'Basic realm="tidemark"',
            )
        assert here.traffic.refusals == {Refusal.PASSWORD: 7}
        assert ask(here, path, user="ada:rosebud").status in (200, 404)
        assert ask(here, path, user=f"bob:{LONG}").status in (200, 404)


def test_what_changes_is_told_to_users_alone_and_by_tls(write: Write) -> None:
    """The stream of a live page goes through the same door as the page."""
    with served(config=WebConfigFile(write(TLS % "" + USERS))) as here:
        assert ask(here, "/live").status == 401
        place = here.url.split("//")[1]
        client = http.client.HTTPSConnection(place, timeout=PATIENCE_S, context=trusting())
        login = base64.b64encode(b"ada:rosebud").decode()
        client.request("GET", "/live", headers={"Authorization": f"Basic {login}"})
        answer = client.getresponse()
        assert answer.status == 200
        assert answer.readline() == b"retry: 3000\n"
        assert answer.readline() == b"\n"
        assert answer.readline().startswith(b"id: ")
        assert b'"mrr"' in answer.readline()
        client.sock.close()
        answer.close()


def test_a_password_is_hashed_once_if_it_is_right(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scraper does not pay each time; who guesses does, also for a user who does not exist."""
    checked = []

    def counting(password: bytes, stored: bytes) -> bool:
        checked.append(stored)
        return bcrypt.checkpw(password, stored)

    monkeypatch.setattr(passwords, "checkpw", counting)
    with served(config=WebConfigFile(write(USERS))) as here:
        for _ in range(3):
            assert ask(here, user="ada:rosebud").status == 200
        assert len(checked) == 1
        for user in ("ada:wrong", "ada:wrong", "eve:wrong"):
            assert ask(here, user=user).status == 401
        assert len(checked) == 4


def test_a_user_who_is_taken_out(write: Write) -> None:
    """Passwords are those of the file as it is now, remembered ones too."""
    with served(config=WebConfigFile(write(USERS))) as here:
        assert ask(here, user="ada:rosebud").status == 200
        write(f"basic_auth_users: {{ada: '{hashed('other')}'}}\n")
        assert ask(here, user="ada:rosebud").status == 401
        assert ask(here, user="ada:other").status == 200
        write("basic_auth_users: {}\n")
        assert ask(here).status == 200


def test_a_certificate_that_is_renewed(write: Write, tmp_path: Path) -> None:
    """The next connection has the new certificate."""
    with served(config=WebConfigFile(write(TLS % ""))) as here:
        first = ssl.get_server_certificate(("127.0.0.1", int(here.url.rsplit(":", 1)[1])))
        certify(tmp_path)
        second = ssl.get_server_certificate(("127.0.0.1", int(here.url.rsplit(":", 1)[1])))
        assert first != second
        assert second == (tmp_path / "cert.pem").read_text().replace("\r", "")


def test_a_file_that_becomes_wrong(write: Write, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody is let in by it, it is said once in the log, and once mended it holds again."""
    with served(config=WebConfigFile(write(USERS))) as here:
        write("basic_auth_users: {ada: secret}\n")
        for _ in range(3):
            assert ask(here, user="ada:rosebud").status == 500
        said = [record.message for record in caplog.records if record.levelno == logging.ERROR]
        assert len(said) == 1
        assert "basic_auth_users.ada: is no bcrypt hash" in said[0]
        assert "secret" not in caplog.text
        write(TLS % "")
        assert ask(here).status == 500
        write(USERS)
        assert ask(here, user="ada:rosebud").status == 200


@pytest.mark.parametrize("text", ["", "# nothing\n", "basic_auth_users:\n"])
def test_a_file_that_is_emptied(write: Write, text: str) -> None:
    """Nobody is let in who was not before: a program may be about to write it anew."""
    with served(config=WebConfigFile(write("# nobody yet\n"))) as here:
        assert ask(here).status == 200
        write(USERS)
        assert ask(here).status == 401
        write(text)
        assert [ask(here).status, ask(here, user="ada:rosebud").status] == [500, 500]
        write(USERS)
        assert ask(here, user="ada:rosebud").status == 200


def test_headers(write: Write) -> None:
    """Headers of the file are in every answer, before our own."""
    text = """
http_server_config:
  http2: true
  headers:
    Content-Security-Policy: "default-src 'self'"
    X-Frame-Options: deny
    Strict-Transport-Security: ""
"""
    with served(config=WebConfigFile(write(text))) as here:
        for path in ("/", "/nothing"):
            answer = ask(here, path)
            assert answer.getheader("x-frame-options") == "deny"
            assert answer.getheader("content-security-policy") == "default-src 'self'"
            assert answer.getheader("strict-transport-security") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tls_server_config: {cert_file: cert.pem}", "tls_server_config.key_file: Field required"),
        (TLS % ", cipher_suites: [a]", "tls_server_config.cipher_suites: no such name is known"),
        (TLS % ", min_version: TLS10", "tls_server_config.min_version: Input should be 'TLS12'"),
        (TLS % ", client_ca_file: ca.pem", "client_ca_file goes with a client_auth_type that"),
        (TLS % ", client_auth_type: RequireAnyClientCert", "tls_server_config.client_auth_type: "),
        (TLS.replace("cert.pem", "none.pem") % "", "none.pem: No such file or directory"),
        (TLS.replace("cert.pem", "ca.pem") % "", "certificate, key and client_ca_file do not fit"),
        (TLS.replace("key.pem", "web.yml") % "", "certificate, key and client_ca_file do not fit"),
        ("basic_auth_users: {ada: secret}", "basic_auth_users.ada: is no bcrypt hash"),
        (
            f"basic_auth_users: {{ada: $2y$15${53 * 'a'}}}",
            "basic_auth_users.ada: costs more than 14",
        ),
        (5_000 * "[" + 5_000 * "]", "web.yml is no YAML"),
        ("basic_auth_users: {ada: secret, ada: secret}", "web.yml:1: 'ada' comes twice"),
        ("basic_auth_users: [secret]", "basic_auth_users: Input should be a valid dictionary"),
        ("users: {ada: secret}", "users: no such name is known here"),
        ("http_server_config: {headers: {Server: a}}", "Server is none of Content-Security-"),
        ("http_server_config: {headers: {X-Frame-Options: a}}", "may be deny or sameorigin"),
        ('http_server_config: {headers: {X-XSS-Protection: "a\\nb"}}', "holds what no header may"),
        ("rate_limit: {interval: 1s}", "rate_limit: no such name is known here"),
        ("a: [secret", "web.yml:1: "),
        ("[secret]", "Input should be"),
        ("\x00", "is no YAML"),
    ],
)
def test_a_file_that_is_wrong(write: Write, text: str, said: str) -> None:
    """It is refused by the name of what is wrong, and none of its values is told."""
    path = write(text)
    with pytest.raises(WebConfigError) as error:
        WebConfigFile(path)
    assert said in str(error.value)
    assert str(path) in str(error.value) or ".pem" in said
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    "text", ["", "{}", "# nothing\n", "tls_server_config:\nbasic_auth_users:\n"]
)
def test_a_file_that_says_nothing(write: Write, text: str) -> None:
    """Empty sections are as good as none."""
    found = WebConfigFile(write(text))
    assert not found.tls
    assert not found.current().users


def test_a_key_with_a_password(write: Write, tmp_path: Path) -> None:
    """A key that needs one is refused; nobody is asked for it on a terminal."""
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key((tmp_path / "key.pem").read_bytes(), None)
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    (tmp_path / "key.pem").write_bytes(locked)
    with pytest.raises(WebConfigError, match="do not fit"):
        WebConfigFile(write(TLS % ""))
