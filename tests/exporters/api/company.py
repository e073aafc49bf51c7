"""A small simulated company behind a real server, and the same events in a file for commands."""

import csv
import http.client
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import shipped_source
from aggregates.shard.plan import Plan
from aggregates.time.tile import TILE_MS, TILES_A_DAY
from events import parse_instant
from exporters.api.api import Api
from exporters.collector import LiveCollector
from exporters.feed import Feed
from exporters.http import Application, Server
from exporters.live_reading import LiveReading
from exporters.pages.pages import Pages
from exporters.pages.rows import Named, Rows
from streams.cli import main
from streams.local.embedded import Embedded
from streams.simulator import Company
from tests.exporters.fixed_catalogue import FixedCatalogue

END: Final = "2026-02-27T12:00:00Z"
EDGE: Final = parse_instant(END) // TILE_MS
DAYS: Final = 300
PLAN: Final = Plan()

ODD: Final = "=acct/1 +é"
"""The id of an account that a spreadsheet would compute, with a slash and a space."""

_MORE: Final = [
    {
        "specversion": "1.0",
        "id": "odd-1",
        "source": "billing",
        "type": "subscription.created",
        "time": "2026-02-03T10:00:00Z",
        "data": {
            "account_id": ODD,
            "subscription_id": "odd-s",
            "status": "active",
            "items": [{"plan_id": "team", "amount": 10001, "currency": "USD", "interval": "year"}],
        },
    },
    {
        "specversion": "1.0",
        "id": "odd-2",
        "source": "crm",
        "type": "account.merged",
        "time": "2026-02-20T10:00:00Z",
        "data": {"account_id": "acct_2", "into_account_id": "acct_3"},
    },
]
"""What a simulation has not: an odd id, an amount that is no whole cents a month, and a merge."""


@cache
def lines() -> list[bytes]:
    """Returns all events."""
    end_ms, found = parse_instant(END), []
    company = Company(
        3, 40, end_ms - DAYS * TILES_A_DAY * TILE_MS, activity=0.05, horizon_days=DAYS
    )
    for day in company.days():
        found += [line for at_ms, line in day if at_ms < end_ms]
        if day and day[-1][0] >= end_ms:
            break
    return [*found, *(json.dumps(each).encode() for each in _MORE)]


@cache
def embedded() -> Embedded:
    """Returns the service with all events."""
    found = Embedded(PLAN)
    found.take(lines())
    assert not found.intake.rejected, found.intake.samples
    found.publish()
    return found


@cache
def catalogue() -> Catalogue:
    """Returns the shipped catalogue."""
    return load(PLAN.measures.values(), shipped_source())


def live(
    of: Embedded | None = None, clock_ms: Callable[[], int] = lambda: EDGE * TILE_MS - 1
) -> LiveReading:
    """Returns readings that never grow stale nor are shared, at the edge after a time."""
    feed = Feed((of or embedded()).board, stale_after_s=1e9)
    source = FixedCatalogue(catalogue())
    return LiveReading(feed, source, PLAN.calendar, clock_ms, shared_for_s=0)


@contextmanager
def served(reading: LiveReading, rows: Rows | None) -> Iterator[Server]:
    """Serves readings, and what rows tell, and stops."""
    families = LiveCollector(reading, version="0").families
    api, pages = Api(reading, "0", rows), Pages(reading, "0", Named(rows) if rows else None)
    server = Server(Application(reading, families, pages, None, api), port=0)
    server.start()
    try:
        yield server
    finally:
        server.stop()


class Got(NamedTuple):
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as an object, with numbers as they are written."""
        return json.loads(self.body, parse_float=Decimal)

    @property
    def table(self) -> list[dict[str, str]]:
        """The rows of the body."""
        return list(csv.DictReader(io.StringIO(self.body.decode())))


def get(server: Server, path: str, **query: str | int) -> Got:
    """Asks for a path with a query; a name that Python keeps for itself ends in an underscore."""
    pairs = {name.rstrip("_"): value for name, value in query.items()}
    return request(server, f"{path}?{urlencode(pairs)}" if pairs else path)


def request(
    server: Server,
    path: str,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    root: str = "/api/v1",
) -> Got:
    """Sends a request for a path below a root, or for one that begins with ``/api``."""
    url = path if path.startswith("/api") else f"{root}{path}"
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=60)
    connection.request(method, url, headers=dict(headers or {}), body=body)
    response = connection.getresponse()
    got = Got(response.status, {n.lower(): v for n, v in response.getheaders()}, response.read())
    connection.close()
    return got


def account_path(account: str) -> str:
    """Returns the path of an account."""
    return f"/accounts/{quote(account, safe='')}"


def commanded(folder: Path, *words: str) -> list[dict[str, Any]]:
    """Returns the lines of JSON that a command of ours writes about the same events."""
    source, out = folder / "events.ndjson", folder / "out.json"
    if not source.exists():
        source.write_bytes(b"".join(line + b"\n" for line in lines()))
    command, *rest = words
    about = [rest.pop(0)] if command == "explain" else []
    assert main([command, *about, str(source), *rest, "--format", "json", "--out", str(out)]) == 0
    with out.open() as file:
        return [json.loads(line, parse_float=Decimal) for line in file]
