"""The HTTP surface: paths, probes, negotiation, and a server that bounds itself and stops."""

import gzip
import http.client
import threading
import time
from collections.abc import Iterator

import pytest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from exporters.boards.memory_board import MemoryBoard
from exporters.http import Application, Server
from exporters.live_reading import Reading
from exporters.pages.pages import Pages
from exporters.pages.style import POLICY
from tests.exporters import company
from tests.exporters.http.served import application


def ask(
    server: Server, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Asks a server; gives status, headers and body."""
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=10)
    connection.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, {k.lower(): v for k, v in response.getheaders()}, body


def test_loopback_by_default(server: Server) -> None:
    """Nobody else can connect unless somebody decides so."""
    assert server.url.startswith("http://127.0.0.1:")


def test_metrics(server: Server) -> None:
    """Without a wish the plain text format is given, with its type."""
    status, headers, body = ask(server, "/metrics?x=1")
    assert (status, headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    families = {family.name for family in text_string_to_metric_families(body.decode())}
    assert {"cs_mrr", "tidemark_board_complete"} <= families


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (
            "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2",
            "application/openmetrics-text; version=1.0.0",
        ),
        ("text/html", "text/plain; version=0.0.4"),
        ("application/openmetrics-text;version=none", "text/plain; version=0.0.4"),
        ("text/plain;version=;;,", "text/plain; version=0.0.4"),
    ],
)
def test_negotiation(server: Server, accept: str, content_type: str) -> None:
    """OpenMetrics is given to who asks for it; a wish that makes no sense gets the plain format."""
    status, headers, body = ask(server, "/metrics", Accept=accept)
    assert status == 200
    assert headers["content-type"].startswith(content_type)
    assert body.endswith(b"# EOF\n") == content_type.startswith("application")


def test_gzip(server: Server) -> None:
    """A long body is compressed for who takes it, and is the same inside."""
    _, headers, body = ask(server, "/", Accept_Encoding="gzip")
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(body).startswith(b"<!doctype html>")
    assert "content-encoding" not in ask(server, "/")[1]


def test_index(server: Server) -> None:
    """The page is HTML, kept from caches and from foreign parts."""
    status, headers, body = ask(server, "/")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert (headers["cache-control"], headers["content-security-policy"]) == (
        "no-store",
        POLICY,
    )
    assert b"customer_churn_ratio" in body


def test_probes(server: Server, board: MemoryBoard) -> None:
    """Healthy while it answers; ready only with whole figures, and otherwise it says why."""
    assert ask(server, "/-/healthy")[::2] == (200, b"healthy\n")
    assert ask(server, "/-/ready")[::2] == (200, b"ready\n")
    board.flush()
    assert ask(server, "/-/ready")[::2] == (503, b"stale: no worker has claimed a partition yet\n")
    assert ask(server, "/-/healthy")[0] == 200
    assert ask(server, "/metrics")[0] == 200
    assert ask(server, "/")[0] == 200


def test_the_page_of_a_kpi(server: Server) -> None:
    """A KPI has a page and its course as CSV; one that there is not has none."""
    status, headers, body = ask(server, "/kpis/customer_churn_ratio?window=30d&days=30")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert headers["content-security-policy"] == POLICY
    assert b"<svg" in body
    status, headers, body = ask(server, "/kpis/mrr.csv?days=30")
    assert (status, headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert len(body.splitlines()) == 1 + 31
    said = b"there is no such KPI, account or segment by now; / lists KPIs\n"
    assert ask(server, "/kpis/nothing")[::2] == ask(server, "/account?id=x")[::2] == (404, said)


@pytest.mark.parametrize(
    "path",
    [
        "/metric",
        "/kpis/",
        "/kpis/mrr/",
        "/kpis/../metrics",
        "/metrics/",
        "/-/",
        "/../metrics",
        "/%00",
    ],
)
def test_not_found(server: Server, path: str) -> None:
    """Other paths are not there."""
    assert ask(server, path)[0] == 404


@pytest.mark.parametrize("path", ["/", "/metrics", "/-/healthy", "/-/ready"])
def test_head(server: Server, path: str) -> None:
    """HEAD gives the headers of GET and no body."""
    head, get = ask(server, path, "HEAD"), ask(server, path)
    assert head[2] == b""
    assert (head[0], head[1]["content-type"]) == (get[0], get[1]["content-type"])
    assert int(head[1]["content-length"]) > 0


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_other_methods(server: Server, method: str) -> None:
    """Nothing can be changed here."""
    status, headers, _ = ask(server, "/metrics", method)
    assert (status, headers["allow"]) == (405, "GET, HEAD")


def broken(reading: Reading) -> Iterator[Metric]:
    """Fails."""
    raise RuntimeError("secret detail")


def test_failure(board: MemoryBoard, caplog: pytest.LogCaptureFixture) -> None:
    """An unexpected error is answered without its details, and logged with them."""
    server = Server(application(board, broken), port=0)
    server.start()
    try:
        status, _, body = ask(server, "/metrics")
        assert (status, b"secret" in body) == (500, False)
        assert "secret detail" in caplog.text
        assert ask(server, "/-/healthy")[0] == 200
    finally:
        server.stop()


class Slow:
    """Families that wait to be let go."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.go = threading.Event()
        self.written = 0

    def families(self, reading: Reading) -> Iterator[Metric]:
        """Waits."""
        self.written += 1
        self.begun.release()
        assert self.go.wait(timeout=30)
        return iter(())


def test_a_scrape_is_written_once_for_all_who_wait(board: MemoryBoard) -> None:
    """Whoever asks while a scrape is being written gets the same bytes; another format its own."""
    slow = Slow()
    server = Server(application(board, slow.families), port=0)
    server.start()
    answers: list[tuple[int, dict[str, str], bytes]] = []

    def scrape(accept: str) -> None:
        answers.append(ask(server, "/metrics", Accept=accept))

    wanted = [*["text/plain"] * 6, *["application/openmetrics-text;version=1.0.0"] * 2]
    askers = [threading.Thread(target=scrape, args=(accept,)) for accept in wanted]
    try:
        for asker in askers:
            asker.start()
        deadline_s = time.monotonic() + 20
        while server.traffic.answering < len(askers):
            assert time.monotonic() < deadline_s
            time.sleep(0.01)
        slow.go.set()
        for asker in askers:
            asker.join(timeout=20)
    finally:
        server.stop()
    assert [status for status, _, _ in answers] == [200] * len(askers)
    assert slow.written == 2
    assert len({body for _, _, body in answers}) == 2


def test_a_reading_is_written_once(board: MemoryBoard) -> None:
    """Scrapes of one reading are the same bytes, packed or not; the next reading is another."""
    now_s, written = 0.0, 0
    live = company.live(board, clock_s=lambda: now_s, shared_for_s=0.2)

    def families(reading: Reading) -> Iterator[Metric]:
        nonlocal written
        written += 1
        yield GaugeMetricFamily("written", "x" * 2_000, value=written)

    server = Server(Application(live, families, Pages(live, "0")), port=0)
    server.start()
    try:
        first = ask(server, "/metrics")[2]
        assert ask(server, "/metrics")[2] == first
        assert gzip.decompress(ask(server, "/metrics", Accept_Encoding="gzip")[2]) == first
        now_s = 1.0
        assert ask(server, "/metrics")[2] != first
    finally:
        server.stop()
    assert written == 2


def test_stop_waits(board: MemoryBoard) -> None:
    """A stop lets the request under way end, takes no more, and is done."""
    slow = Slow()
    server = Server(application(board, slow.families), port=0)
    server.start()
    answers: list[int] = []
    asker = threading.Thread(target=lambda: answers.append(ask(server, "/metrics")[0]))
    asker.start()
    assert slow.begun.acquire(timeout=10)
    stopper = threading.Thread(target=server.stop)
    stopper.start()
    slow.go.set()
    stopper.join(timeout=10)
    asker.join(timeout=10)
    assert answers == [200]
    with pytest.raises(ConnectionRefusedError):
        ask(server, "/-/healthy")


def test_stop_before_start(board: MemoryBoard) -> None:
    """A server that never started can be stopped."""
    Server(application(board), port=0).stop()


def test_address_in_use(server: Server) -> None:
    """An address that is taken is refused at once."""
    port = int(server.url.rsplit(":", 1)[1])
    with pytest.raises(OSError, match="in use"):
        Server(application(MemoryBoard()), port=port)
