"""Who asks an exporter that has TLS and passwords: Prometheus, the doctor and a backfill."""

from collections.abc import Iterator
from pathlib import Path

import bcrypt
import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from exporters.history.error import HistoryError
from exporters.history.servers import RunningPrometheus
from exporters.http import Server, WebConfigFile
from streams.doctor import Finding, Verdict
from streams.doctor.web import check_exporter
from tests.end_to_end.patience import wait_for
from tests.exporters.http.served import served
from tests.servers import PrometheusServer
from tests.servers.required import required

PASSWORD = "ro/se@bud"
QUOTED = "ro%2Fse%40bud"

CONFIG = """
tls_server_config:
  cert_file: cert.pem
  key_file: key.pem
basic_auth_users:
  ada: {hashed}
"""

CLOSED = """
tls_server_config:
  cert_file: cert.pem
  key_file: key.pem
  client_ca_file: ca.pem
  client_auth_type: RequireAndVerifyClientCert
"""

PROMETHEUS = """
global: {{scrape_interval: 250ms, scrape_timeout: 250ms}}
scrape_configs:
  - job_name: right
    scheme: https
    tls_config: {{ca_file: {folder}/ca.pem}}
    basic_auth: {{username: ada, password: {password}}}
    static_configs: [{{targets: ["{target}"]}}]
  - job_name: wrong
    scheme: https
    tls_config: {{ca_file: {folder}/ca.pem}}
    basic_auth: {{username: ada, password: wrong}}
    static_configs: [{{targets: ["{target}"]}}]
"""


def encrypted(made: trustme.LeafCert) -> bytes:
    """A certificate with its key under a password."""
    key = load_pem_private_key(made.private_key_pem.bytes(), None)
    hidden = BestAvailableEncryption(b"secret")
    packed = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden)
    return made.cert_chain_pems[0].bytes() + packed


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a web configuration, and with what it names."""
    found = tmp_path_factory.mktemp("web")
    authority = trustme.CA()
    made = authority.issue_cert("127.0.0.1")
    made.cert_chain_pems[0].write_to_path(found / "cert.pem")
    made.private_key_pem.write_to_path(found / "key.pem")
    authority.cert_pem.write_to_path(found / "ca.pem")
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    (found / "web.yml").write_text(CONFIG.format(hashed=hashed))
    (found / "closed.yml").write_text(CLOSED)
    (found / "encrypted.pem").write_bytes(encrypted(made))
    for blob in (*made.cert_chain_pems, made.private_key_pem):
        blob.write_to_path(found / "own.pem", append=True)
    return found


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    """An exporter."""
    with served(config=WebConfigFile(folder / "web.yml")) as here:
        yield here


def findings(server: Server, login: str) -> list[Finding]:
    """Asks the doctor."""
    return list(check_exporter(server.url.replace("://", f"://{login}"), "0"))


def test_the_doctor(server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets in with the password and the authority, says what is missing, and shows no secret."""
    stranger = findings(server, f"ada:{QUOTED}@")
    assert "CERTIFICATE_VERIFY_FAILED" in stranger[0].what
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "ca.pem"))
    assert "401" in findings(server, "")[0].what
    wrong = findings(server, "ada:secret@")
    assert (wrong[0].verdict, "401" in wrong[0].what) == (Verdict.FAIL, True)
    right = findings(server, f"ada:{QUOTED}@")
    assert {finding.verdict for finding in right} == {Verdict.OK}
    told = str([*stranger, *wrong, *right])
    assert not any(secret in told for secret in (PASSWORD, QUOTED, "secret"))


def test_the_doctor_has_a_certificate(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows its own to who asks for one; a file that is not one is named, and asks nothing."""
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "ca.pem"))
    with served(config=WebConfigFile(folder / "closed.yml")) as here:

        def asked(file: str | None) -> list[Finding]:
            certificate = None if file is None else str(folder / file)
            return list(check_exporter(here.url, "0", certificate=certificate))

        assert {finding.verdict for finding in asked("own.pem")} == {Verdict.OK}
        for file in (None, "ca.pem", "encrypted.pem", "absent.pem"):
            [found] = asked(file)
            assert found.verdict is Verdict.FAIL
            assert "--certificate" in found.mend
            assert file is None or str(folder / file) in found.what


def test_a_backfill(server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server of a backfill is asked with the user and password of its address, unseen."""
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "ca.pem"))
    for login, code in ((f"ada:{QUOTED}@", 404), ("ada:secret@", 401), ("", 401)):
        asked = RunningPrometheus(server.url.replace("://", f"://{login}"))
        with pytest.raises(HistoryError) as refused:
            asked.retention()
        assert f": {code}: " in str(refused.value)
        assert str(refused.value).startswith(server.url)


@pytest.mark.broker
def test_prometheus(server: Server, folder: Path) -> None:
    """A real Prometheus scrapes over TLS with the password, and not with another one."""
    target = server.url.removeprefix("https://")
    config = PROMETHEUS.format(folder=folder, password=PASSWORD, target=target)
    with required(PrometheusServer(config)) as prometheus:

        def ups() -> dict[str, float]:
            return {s["metric"]["job"]: float(s["value"][1]) for s in prometheus.query("up")}

        wait_for(lambda: ups() == {"right": 1, "wrong": 0}, lambda: str(ups()), poll_s=0.2)
        assert prometheus.query('cs_mrr{job="right"}')
