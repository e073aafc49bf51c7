"""A small company whose pages are served, and to which something may happen."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import shipped_source
from aggregates.reading.sample import Sample
from aggregates.shard.plan import Plan
from aggregates.time.tile import DAY_MS, TILE_MS
from events import format_instant, parse_instant
from exporters.collector import LiveCollector
from exporters.feed import Feed
from exporters.http import Application, Server
from exporters.live_reading import LiveReading
from exporters.pages.pages import Pages
from exporters.pages.rows import Named
from streams.local.account_log import AccountLog
from streams.local.embedded import Embedded
from streams.local.intake import Intake
from streams.local.kept_events import KeptEvents
from streams.local.replay import read_at
from streams.local.ticker import Ticker
from streams.simulator import Company
from tests.exporters.fixed_catalogue import FixedCatalogue

NOW_MS: Final = parse_instant("2026-02-27T12:05:00Z")
EDGE: Final = NOW_MS // TILE_MS + 1


class Service:
    """A company with its pages.

    Attributes:
        url: Where the pages are.
        embedded: Who folds the events.
    """

    def __init__(self, accounts: int, days: int) -> None:
        """Folds the company's history."""
        self.url = ""
        self.plan = Plan()
        self.embedded = Embedded(self.plan)
        self.kept = self.embedded.kept = KeptEvents()
        self.events: list[bytes] = []
        company = Company(3, accounts, NOW_MS - days * DAY_MS, activity=0.1, horizon_days=days)
        for day in company.days():
            self.take([line for at_ms, line in day if at_ms < NOW_MS])
            if day and day[-1][0] >= NOW_MS:
                break
        self.catalogue = load(self.plan.measures.values(), shipped_source())
        self.embedded.publish()
        source = FixedCatalogue(self.catalogue)
        self.ticker = Ticker(source, self.plan.calendar, lambda: NOW_MS)
        self.embedded.ticker = self.ticker

    def take(self, lines: list[bytes]) -> None:
        """Folds events."""
        self.events += lines
        self.embedded.take(lines)

    def happens(self, number: int) -> float:
        """Lets an account of no known segment subscribe; returns the MRR that there is then."""
        item = {"item_id": "i", "plan_id": "pro", "amount": 123_400, "currency": "USD"}
        data = {
            "account_id": f"new_{number}",
            "subscription_id": f"sub_new_{number}",
            "status": "active",
            "items": [{**item, "quantity": 1, "interval": "month", "interval_count": 1}],
        }
        event = {
            "specversion": "1.0",
            "id": f"new-{number}",
            "source": "test",
            "type": "subscription.created",
            "time": format_instant(NOW_MS - 60_000),
            "subject": data["subscription_id"],
            "data": data,
        }
        self.take([json.dumps(event, separators=(",", ":")).encode()])
        self.embedded.publish()
        assert not self.embedded.intake.rejected, self.embedded.intake.samples
        return next(each.value for each in self.replayed() if each.kpi.id == "mrr")

    def replayed(self) -> list[Sample]:
        """Returns what a replay of the same events gives, at the edge of the pages."""
        intake = Intake(self.plan, bulk=True)
        intake.take(self.events)
        intake.settle()
        return list(read_at(self.catalogue, intake.shards[0].ledger, self.plan, [EDGE]))


@contextmanager
def served(accounts: int = 30, days: int = 150) -> Iterator[Service]:
    """Serves a company on a free port."""
    service = Service(accounts, days)
    feed = Feed(service.embedded.board, stale_after_s=1e9)
    source = FixedCatalogue(service.catalogue)
    live = LiveReading(feed, source, service.plan.calendar, lambda: NOW_MS)
    log = AccountLog(service.kept, service.plan)
    pages = Pages(live, "0", Named(service.embedded.rows, service.ticker, log))
    server = Server(Application(live, LiveCollector(live, version="0").families, pages), port=0)
    server.start()
    service.url = server.url
    try:
        yield service
    finally:
        server.stop()
