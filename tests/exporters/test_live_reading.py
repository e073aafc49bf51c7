"""A reading is taken once for all who ask at that time, never from some partitions."""

import threading
from typing import Any

import pytest
from prometheus_client import generate_latest

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.kpi import Kpi
from aggregates.ledger.ledger import Ledger
from aggregates.reading.reader import Reader
from aggregates.time.tile import TILE_MS
from exporters.boards.memory_board import MemoryBoard
from exporters.collector import LiveCollector
from exporters.live_reading import LiveReading, Reading
from exporters.pages.pages import Pages
from tests.exporters import company


def mrr(live: LiveReading) -> float | None:
    """Returns MRR, if there are figures."""
    figures = live.take().figures
    if figures is None:
        return None
    return next(float(r.values[0]) for r in figures.results if r.kpi.id == "mrr")


def test_whole() -> None:
    """Figures are those of the sum of all partitions."""
    assert mrr(company.live(company.board(2))) == 100.5 + 201 + 2 * 2000


def test_never_a_part() -> None:
    """Without all partitions there are no figures."""
    board = MemoryBoard(clock_s=lambda: 0.0)
    company.publish(board, 0, 2)
    live = company.live(board)
    assert mrr(live) is None
    company.publish(board, 1, 2)
    assert mrr(live) == 4301.5
    board.flush()
    assert mrr(live) is None


def test_next_edge() -> None:
    """Figures are read at the next tile edge: an event shows at once, and time moves them."""
    now_ms = company.NOW_MS
    live = company.live(company.board(1), now_ms=lambda: now_ms)
    assert live.take().edge == company.EDGE
    now_ms += 1
    assert live.take().edge == company.EDGE + 1
    assert mrr(live) == 2100.5
    now_ms = (company.EDGE + 10) * TILE_MS  # a scheduled end lies in this tile
    assert mrr(live) == 100.5


def test_shared() -> None:
    """Whoever asks within the time to share gets the same reading, later a new one."""
    now_s = 0.0
    board = company.board(1)
    live = company.live(board, clock_s=lambda: now_s, shared_for_s=0.2)
    first = live.take()
    company.publish(board, 0, 1, company.ledger(1))
    now_s = 0.19
    assert live.take() is first
    now_s = 0.2
    assert mrr(live) == 2201.0


def test_evaluated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is evaluated again while neither the ledger nor the tile has moved."""
    evaluated: list[int] = []
    evaluate = Reader.tables

    def counting(self: Reader, *args: Any, **more: Any) -> object:
        evaluated.append(1)
        return evaluate(self, *args, **more)

    monkeypatch.setattr(Reader, "tables", counting)
    board = company.board(1)
    live = company.live(board)
    live.take()
    once = len(evaluated)
    assert once
    live.take()
    assert len(evaluated) == once
    company.publish(board, 0, 1, company.ledger(1))
    live.take()
    assert len(evaluated) == 2 * once


def test_segments() -> None:
    """Segments are given where accounts have one, and add up to the whole."""
    figures = company.live(company.board(1)).take().figures
    assert figures is not None
    assert set(figures.by_segment.segments) == {("smb",), ("enterprise",)}
    parts = [
        float(result.values[0])
        for results in figures.by_segment.segments.values()
        for result in results
        if result.kpi.id == "mrr"
    ]
    assert sum(parts) == 2100.5


def test_no_segments() -> None:
    """Accounts that all lack the attribute make no segment."""
    held = Ledger()
    held.add(("mrr",), ("unknown",), company.EDGE - 1, 5_000_000)
    board = MemoryBoard(clock_s=lambda: 0.0)
    company.publish(board, 0, 1, held)
    figures = company.live(board).take().figures
    assert figures is not None
    assert figures.by_segment.segments == {}


def test_many_askers() -> None:
    """Threads that ask at once get whole readings."""
    board = company.board(2)
    live = company.live(board)
    taken: list[Reading] = []
    threads = [
        threading.Thread(target=lambda: taken.extend(live.take() for _ in range(5)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(taken) == 20
    assert all(reading.figures is not None for reading in taken)


def test_catalogue_in_force() -> None:
    """A reading has the KPIs that are in force when it is taken, and says what is refused."""

    class Changing:
        """A catalogue that somebody edits."""

        problem = ""
        kpis: tuple[Kpi, ...] = tuple(company.catalogue())

        def current(self) -> Catalogue:
            """Returns what there is now."""
            shipped = company.catalogue()
            return Catalogue(self.kpis, shipped.measures, shipped.policy)

    source = Changing()
    live = company.live(company.board(1), kpis=source)
    assert mrr(live) == 2100.5
    source.kpis = tuple(kpi for kpi in source.kpis if kpi.id != "mrr")
    source.problem = "own.toml:3: no"
    reading = live.take()
    assert reading.figures is not None
    assert "mrr" not in {result.kpi.id for result in reading.figures.results}
    assert reading.problem == "own.toml:3: no"
    content = Pages(live, "0").at("/", {})
    assert content is not None
    page = content.text
    assert "A KPI file is refused: own.toml:3: no" in page
    assert 'id="mrr"' not in page
    text = generate_latest(LiveCollector(live, version="0")).decode()
    assert "tidemark_kpi_files_valid 0.0" in text


def test_a_probe_does_not_wait_for_a_reading() -> None:
    """While figures are computed the state is told, by what was last read, whose age counts."""
    begun, go = threading.Event(), threading.Event()
    now_s = 0.0

    class Slow:
        """A catalogue that is long in coming, the second time."""

        problem = ""
        asked = 0

        def current(self) -> Catalogue:
            """Waits to be let go."""
            self.asked += 1
            if self.asked > 1:
                begun.set()
                assert go.wait(timeout=30)
            return company.catalogue()

    board = company.board(2)
    live = company.live(board, clock_s=lambda: now_s, kpis=Slow())
    assert live.state().complete
    live.take()
    taker = threading.Thread(target=live.take)
    taker.start()
    assert begun.wait(timeout=30)
    board.flush()
    assert live.state().complete
    now_s = 60.0
    assert live.state().reason == "partitions 0, 1 last heard of 60 s ago, limit 15 s"
    go.set()
    taker.join(timeout=30)
    assert live.state().reason == "no worker has claimed a partition yet"
