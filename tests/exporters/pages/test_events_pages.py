"""Pages of events: what happened lately, and the drill from a figure to one event and back."""

import json
import re
from html import unescape
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import pytest

from aggregates.explanation.question import ask
from aggregates.time.tile import TILE_MS, TILES_A_DAY
from exporters.feed import Feed
from exporters.live_reading import LiveReading
from exporters.pages.events_page import EVENTS_MAX
from exporters.pages.pages import Pages
from exporters.pages.rows import Named
from exporters.pages.ticker import SHORT
from exporters.quantity import NARROW_SPACE
from streams.local.account_log import AccountLog
from streams.local.embedded import Embedded
from streams.local.kept_events import KeptEvents
from streams.local.ticker import CHOSEN_MAX, Ticker
from tests.exporters import simulated
from tests.exporters.fixed_catalogue import FixedCatalogue
from tests.exporters.pages.test_index_page import outline

EDGE: Final = simulated.END_MS // TILE_MS
HARM: Final = '"><b>x</b>'
RIGHT: Final = "\N{HEBREW LETTER ALEF}1"
"""An id that is read from right to left."""


def _log() -> AccountLog:
    kept = KeptEvents()
    kept.keep(simulated.history())
    return AccountLog(kept, simulated.PLAN)


@pytest.fixture(scope="module")
def pages() -> Pages:
    """The pages of the simulated company, whose events are at hand."""
    return Pages(simulated.live(EDGE), "0", Named(simulated.rows(), log=_log()))


def _page(pages: Pages, path: str, **query: str) -> str:
    content = pages.at(path, query)
    assert content is not None
    outline(content.text)
    return content.text.replace(NARROW_SPACE, " ")


def _follow(pages: Pages, link: str) -> str:
    parts = urlsplit(unescape(link))
    return _page(pages, parts.path, **dict(parse_qsl(parts.query)))


def _seats(number: int, account: str) -> bytes:
    data = {"account_id": account, "seats": number + 1}
    event = {"specversion": "1.0", "id": f"e{number}{HARM}", "source": "s", "type": "seats.set"}
    return json.dumps({**event, "time": "2026-02-27T11:00:00Z", "data": data}).encode()


def _bought(number: int, account: str, amount: int) -> bytes:
    item = {"plan_id": "p", "amount": amount, "currency": "USD", "interval": "month"}
    data: dict[str, Any] = {"account_id": account, "subscription_id": f"s{number}"}
    data |= {"status": "active", "items": [item]}
    event = {"specversion": "1.0", "id": f"b{number}", "source": "s"}
    at = {"type": "subscription.created", "time": "2026-02-27T11:30:00Z"}
    return json.dumps({**event, **at, "data": data}).encode()


def _ticking(*records: bytes) -> Pages:
    """Returns the pages of a service that is live, and then takes records."""
    source, calendar = FixedCatalogue(simulated.shipped()), simulated.PLAN.calendar
    embedded = Embedded(simulated.PLAN)
    embedded.ticker = Ticker(source, calendar, lambda: simulated.END_MS - 1)
    embedded.publish()
    embedded.take(records)
    embedded.publish()
    feed = Feed(embedded.board, stale_after_s=1e9)
    live = LiveReading(feed, source, calendar, lambda: simulated.END_MS - 1)
    return Pages(live, "0", Named(embedded.rows, embedded.ticker))


def test_the_ticker_tells_what_happened() -> None:
    """Time, account, type, and what changed by how much: on the index and on a page of its own."""
    pages = _ticking(_seats(1, "a"), _bought(2, "b", 20_000))
    for page in (_page(pages, "/events"), _page(pages, "/")):
        assert "Nothing has happened" not in page
        [bought, seats] = re.findall(r"<li><time.*?</li>", page, re.DOTALL)
        assert ">11:30:00</time>" in bought
        assert '<a href="/account?id=b"><bdi>b</bdi></a>' in bought
        assert "subscription created" in bought
        mrr = '<a href="/kpis/mrr">MRR</a> <b>+200.00 USD</b>, new'
        assert mrr in bought
        assert '<a href="/kpis/paying_accounts">' in bought
        assert 'class="did">' in seats
        assert "<b>" not in seats
    assert 'href="/events"' in _page(pages, "/")


def test_of_many_events_some_are_told() -> None:
    """Of many that come together the last are told, and the others counted."""
    pages = _ticking(*(_seats(number, "a") for number in range(10)))
    assert _page(pages, "/events").count("seats set") == 10
    assert _page(pages, "/").count("seats set") == SHORT
    many = _ticking(*(_seats(number, "a") for number in range(30)))
    assert _page(many, "/events").count("seats set") == CHOSEN_MAX
    assert f"and {30 - CHOSEN_MAX} more events" in _page(many, "/events")


def test_nothing_is_believed_and_ids_are_apart() -> None:
    """What senders name is escaped, and does not turn the text around it."""
    page = _page(_ticking(_seats(1, HARM), _seats(2, RIGHT)), "/events")
    assert "<b>x" not in page
    assert f"<bdi>{RIGHT}</bdi>" in page
    assert "&gt;&lt;b&gt;x" in page


def test_without_account_pages_nobody_is_named() -> None:
    """Neither the ticker nor the events of accounts are there."""
    pages = Pages(simulated.live(EDGE), "0")
    assert pages.at("/events", {}) is None
    assert pages.at("/account/events", {"id": "acct_7"}) is None
    assert "ticker" not in _page(pages, "/").partition("</style>")[2]


def test_from_a_figure_to_one_event_and_back(pages: Pages) -> None:
    """Why MRR moved leads to an account, that to the events that made it, these back to the why."""
    why = _page(pages, "/kpis/mrr/why", days="365")
    link, name, effect = re.findall(
        r'href="(/account\?[^"]*)"><bdi>(\w+)</bdi></a></th><td>([^<]+)<', why
    )[0]
    account = _follow(pages, link)
    assert f"<h1><bdi>{name}</bdi></h1>" in account
    [events_link, *_] = re.findall(r'href="(/account/events\?[^"]*)"', account)
    events = _follow(pages, events_link)
    made = re.search(r'<h2 id="made">.*?</section>', events, re.DOTALL)
    assert made is not None
    assert "What this account made of MRR, the last 365 days" in made[0]
    assert f"together</bdi></th><td></td><td>{effect}</td>".replace("</bdi>", "") in made[0]
    rows = re.findall(
        r"<td>subscription [^<]*<code><bdi>([^<]+)</bdi></code></td><td>([^<]+)<", made[0]
    )
    assert rows
    catalogue = simulated.shipped()
    question = ask(catalogue, "mrr", EDGE, EDGE - 365 * TILES_A_DAY)
    explanation, view = (
        simulated.rows().explain(catalogue, question),
        simulated.rows().account(name),
    )
    assert explanation is not None
    assert view is not None
    steps = _log().steps(view, catalogue, explanation)
    assert steps is not None
    assert [each for each, _ in rows] == [step.event.id for step in reversed(steps) if step.effect]
    for page, back in (
        (account, "/kpis/mrr/why?"),
        (events, "/kpis/mrr/why?"),
        (events, "/account?"),
    ):
        [again, *_] = re.findall(rf'href="({re.escape(back)}[^"]*)"', page)
        assert "days=365" in again
        assert "together" in _follow(pages, again) or name in _follow(pages, again)


def test_all_events_are_paged(pages: Pages) -> None:
    """Each page has some, the newest first, and leads to those beside it."""
    first = _page(pages, "/account/events", id="acct_7")
    [older] = re.findall(r'href="(\?[^"]*)">Older', first)
    assert "Newer" not in first
    second = _page(pages, "/account/events", **dict(parse_qsl(urlsplit(unescape(older)).query)))
    assert f"{EVENTS_MAX + 1} to {2 * EVENTS_MAX} of " in second
    assert "Newer" in second
    times = re.findall(r'<time datetime="([^"]+)"', first + second)
    assert len(times) == 2 * EVENTS_MAX
    assert times == sorted(times, reverse=True)
    assert "Older" not in _page(pages, "/account/events", id="acct_7", first="99999")
    assert _page(pages, "/account/events", id="acct_7", first="x") == first
    assert pages.at("/account/events", {"id": "nobody"}) is None


def test_where_events_cannot_be_read_again_a_command_says_how() -> None:
    """Without a log the page still stands, with the command that reads the events."""
    pages = Pages(simulated.live(EDGE), "0", Named(simulated.rows()))
    page = _page(pages, "/account/events", id="acct_7")
    assert "tidemark explain mrr SOURCE --account acct_7 --by event" in page
    assert 'id="events"' not in page


def test_an_account_tells_its_rows(pages: Pages) -> None:
    """Its page has each table, of which long ones are cut, and their facts."""
    view = simulated.rows().account("acct_7")
    assert view is not None
    page = _page(pages, "/account", id="acct_7")
    tables = view.tables(EDGE)
    assert len(tables) == 8
    for table in tables:
        assert f'<h2 id="told-{table.name}">{table.title}</h2>' in page
    assert "expansion +117.00 USD" in page
    assert "0 unsolved, 7 in 90 days" in page
