"""The events of an account are found again, wherever they are kept, and told as folded."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from aggregates.explanation.question import ask
from aggregates.time.tile import TILE_MS, TILES_A_DAY
from events.log import Letter
from streams.local import kept_events, searched_events
from streams.local.account_log import AccountLog, Lines
from streams.local.data.event_log import EventLog
from streams.local.kept_events import KeptEvents
from streams.local.searched_events import SearchedEvents, numbered
from streams.local.sources import FileSource
from tests.exporters import simulated

ACCOUNT: Final = "acct_7"
EDGE: Final = simulated.END_MS // TILE_MS
NO_LETTERS: Final[Sequence[Letter]] = ()


def _kept() -> KeptEvents:
    kept = KeptEvents()
    kept.keep(simulated.history())
    return kept


def _file(folder: Path) -> SearchedEvents:
    path = folder / "history.ndjson"
    path.write_bytes(b"\n".join([*simulated.history(), b""]))
    return SearchedEvents(numbered(FileSource(str(path)).batches))


def _log(folder: Path) -> SearchedEvents:
    log = EventLog(folder / "events.sqlite")
    log.append([(simulated.history(), NO_LETTERS)], 0)
    return SearchedEvents(log.read)


def _event(number: int, account: str, **fields: Any) -> bytes:
    data = {"account_id": account, "seats": number + 1, **fields}
    event = {"specversion": "1.0", "id": f"e{number}", "source": "test", "type": "seats.set"}
    return json.dumps({**event, "time": "2026-01-05T00:00:00Z", "data": data}).encode()


@pytest.mark.parametrize("place", ["memory", "file", "folder"])
def test_all_events_of_an_account_are_found(place: str, tmp_path: Path) -> None:
    """Memory, a file and a data folder have the same lines, in the order in which they came."""
    makers: Mapping[str, Callable[[Path], Lines]]
    makers = {"memory": lambda _: _kept(), "file": _file, "folder": _log}
    lines = makers[place](tmp_path)
    own = f'account_id":"{ACCOUNT}"'.encode()
    wanted = [line for line in simulated.lines_of(ACCOUNT) if own in line]
    for _ in range(2):
        found = lines.lines_of([ACCOUNT])
        assert found is not None
        assert [line.strip() for line in found if own in line] == wanted
    assert len(wanted) > 300
    both = lines.lines_of([ACCOUNT, "acct_8"])
    assert both is not None
    assert {line.strip() for line in both} > {*wanted}
    assert any(b'account_id":"acct_8"' in line for line in both)
    assert lines.lines_of(["acct_"]) == []


def test_a_search_goes_on_where_it_was() -> None:
    """What came since is looked at, and nothing is read twice."""
    events = [_event(number, f"a{number % 2}") for number in range(10)]
    asked: list[int] = []

    def lines(after: int) -> Iterator[tuple[int, list[bytes]]]:
        asked.append(after)
        for number in range(after, len(events), 4):
            yield min(number + 4, len(events)), events[number : number + 4]

    searched = SearchedEvents(lines)
    assert searched.lines_of(["a1"]) == events[1::2]
    events.append(_event(11, "a1"))
    assert searched.lines_of(["a1"]) == [*events[1:10:2], events[10]]
    assert asked == [0, 10]


@pytest.mark.parametrize("account", ["a", "ü", 'q"', "b\\c", "\N{HEBREW LETTER ALEF}", "x/y"])
def test_an_id_is_found_however_it_is_written(account: str) -> None:
    """JSON may escape any letter; another id is none, though it begins alike."""
    plain = _event(1, account)
    spelled = json.dumps(account)[1:-1].replace("a", "\\u0061").replace("/", "\\/")
    escaped = plain.replace(json.dumps(account)[1:-1].encode(), spelled.encode())
    raw = json.dumps(json.loads(plain), ensure_ascii=False).encode()
    others = [_event(2, account + "2"), b'{"z": "\\u00', b"{"]
    searched = SearchedEvents(numbered(lambda: iter([[plain, escaped, raw, *others]])))
    assert searched.lines_of([account]) == [plain, escaped, raw]


def test_too_many_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log with more events than are searched says so each time, and so does memory."""
    monkeypatch.setattr(searched_events, "SEARCHED_MAX", 5)
    events = [_event(number, "a") for number in range(6)]
    searched = SearchedEvents(numbered(lambda: iter([events])))
    assert searched.lines_of(["a"]) is None
    assert searched.lines_of(["a"]) is None
    monkeypatch.setattr(kept_events, "PACKED_MAX", 10)
    assert _kept().lines_of([ACCOUNT]) is None
    view = simulated.rows().account(ACCOUNT)
    assert view is not None
    log = AccountLog(_kept(), simulated.PLAN)
    assert log.page(view, simulated.shipped(), 0, 10) is None


@pytest.mark.parametrize(("kpi", "days"), [("mrr", 365), ("ticket_backlog", 90), ("arpa", 365)])
def test_steps_add_up_to_what_the_account_made(kpi: str, days: int) -> None:
    """The events that made a change have the account's effect on the figure together."""
    log, rows, catalogue = (
        AccountLog(_kept(), simulated.PLAN),
        simulated.rows(),
        simulated.shipped(),
    )
    question = ask(catalogue, kpi, EDGE, EDGE - days * TILES_A_DAY)
    explanation = rows.explain(catalogue, question)
    assert explanation is not None
    moved = [part for part in explanation.parts if part.effect]
    assert moved or kpi == "ticket_backlog"
    for part in moved[:4]:
        view = rows.account(part.account)
        assert view is not None
        steps = log.steps(view, catalogue, explanation)
        assert steps
        assert sum(step.effect or 0 for step in steps) == part.effect
