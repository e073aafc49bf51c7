"""``tidemark doctor --prometheus`` and ``--exporter`` against a real Prometheus."""

import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from streams.doctor import Finding, Verdict
from streams.doctor.web import check_exporter, check_prometheus
from tests.end_to_end.patience import wait_for
from tests.servers import PrometheusServer
from tests.servers.port import HOST, free_port
from tests.servers.required import required

pytestmark = pytest.mark.broker

SECRET = "correct-horse"
RULE = """
groups:
  - name: tidemark-test
    rules: [{record: "tidemark:one", expr: "1"}]
"""


@pytest.fixture
def exporter() -> Iterator[str]:
    """A site that is up, and is not an exporter of ours."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(HTTPStatus.OK)
            self.end_headers()
            self.wfile.write(b"up_and_about 1\n")

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer((HOST, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"{HOST}:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def config(target: str, *more: str) -> str:
    """A configuration that scrapes one target under the name that we expect."""
    job = f"{{job_name: tidemark, static_configs: [{{targets: ['{target}']}}]}}"
    return "\n".join(["global: {scrape_interval: 1s}", f"scrape_configs: [{job}]", *more])


def seen(server: PrometheusServer, job: str = "tidemark") -> dict[str, Finding]:
    """What the doctor says, by the name of the check."""
    url = server.url.replace("://", f"://me:{SECRET}@")
    found = list(check_prometheus(url, job))
    assert SECRET not in repr(found)
    return {finding.name: finding for finding in found}


def settled(server: PrometheusServer) -> dict[str, Finding]:
    """The same, once the target has been scraped."""
    wait_for(lambda: server.query("up"), lambda: "a scrape")
    return seen(server)


def test_a_prometheus_that_scrapes_us_is_healthy(exporter: str) -> None:
    """The target is up and history stays; rules and Alertmanager are not demanded, but missed."""
    with required(PrometheusServer(config(exporter))) as server:
        found = settled(server)
        assert found["scrape"].verdict is Verdict.OK
        assert found["retention of history"].what == "10y"
        assert found["prometheus clock"].verdict is Verdict.OK
        assert found["rules"].verdict is Verdict.WARN
        assert "tidemark rules" in found["rules"].mend
        other = seen(server, job="kpis")["scrape"]
        assert other.verdict is Verdict.FAIL
        assert "no job 'kpis', only tidemark" in other.what
        assert "scrape_configs" in other.mend


def test_a_target_that_is_down_is_told() -> None:
    """With its address and what Prometheus says about it."""
    target = f"{HOST}:{free_port()}"
    with required(PrometheusServer(config(target))) as server:
        found = settled(server)["scrape"]
        assert found.verdict is Verdict.FAIL
        assert target in found.what
        assert "connection refused" in found.what


def test_rules_that_are_loaded_are_counted_and_windows_judged(
    exporter: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Rules of ours are known by their file or group; a window of a year is warned of."""
    rules = tmp_path_factory.mktemp("rules") / "rules.yml"
    rules.write_text(RULE)
    window = "storage: {tsdb: {out_of_order_time_window: 1y}}"
    text = config(exporter, f"rule_files: ['{rules}']", window)
    with required(PrometheusServer(text)) as server:
        found = settled(server)
        assert found["rules"].what == "1 in 1 groups"
        assert found["alerts"].verdict is Verdict.WARN
        assert found["late samples"].verdict is Verdict.WARN


def test_nobody_there_is_told() -> None:
    """Of Prometheus and of the exporter, and no password of the address is shown."""
    url = f"http://me:{SECRET}@{HOST}:{free_port()}"
    for found in (*check_prometheus(url, "tidemark"), *check_exporter(url, "0.1.0")):
        assert found.verdict is Verdict.FAIL
        assert "Connection refused" in found.what
        assert found.mend
        assert SECRET not in repr(found)


def test_a_site_that_is_something_else_is_told(exporter: str) -> None:
    """Neither a Prometheus nor an exporter of ours."""
    [found] = check_exporter(f"http://{exporter}", "0.1.0")
    assert found.verdict is Verdict.FAIL
    assert "something else" in found.what
    [found] = check_prometheus(f"http://{exporter}", "tidemark")
    assert found.verdict is Verdict.FAIL
    assert "not in JSON" in found.what
