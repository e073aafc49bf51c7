"""Disorder: late, shuffled and repeated events, a killed worker and one that joins."""

from pathlib import Path

import pytest

from streams.simulator.disorder import disturb
from tests.end_to_end.figures import difference
from tests.end_to_end.installation import Installation
from tests.end_to_end.patience import wait_for

pytestmark = [pytest.mark.broker, pytest.mark.slow]

PIECES = 8
"""Files that the events are published in, one after the other."""

KILL_AT, JOIN_AT = 5, 6
"""Pieces at which a worker is killed and another one joins."""


def _pieces(lines: list[bytes], folder: Path) -> list[Path]:
    """Writes lines into files of about equal size."""
    paths = [folder / f"piece-{number}.ndjson" for number in range(PIECES)]
    for number, path in enumerate(paths):
        part = lines[number * len(lines) // PIECES : (number + 1) * len(lines) // PIECES]
        path.write_bytes(b"".join(line + b"\n" for line in part))
    return paths


def test_disorder_kill_and_join_change_no_figure(
    installation: Installation, history: Path, tmp_path: Path
) -> None:
    """Whatever the order, the repetitions and the fate of workers, figures are those of a replay.

    The replay is of the tidy events. Two exporters show the same.
    """
    lines = list(disturb(history.read_bytes().splitlines(), seed=3, duplicates=0.05))
    assert len(lines) > len(set(lines))
    pieces = _pieces(lines, tmp_path)
    for piece in pieces[: PIECES // 2]:
        installation.publish(piece)
    first, _ = installation.worker(), installation.worker()
    exporters = installation.exporter(), installation.exporter()
    exporters[0].wait_until_settled()
    for number, piece in enumerate(pieces[PIECES // 2 :], PIECES // 2):
        before = installation.published().total()
        publishing = installation.commands.start(f"publish-{number}", "publish", piece)
        if number == KILL_AT:
            wait_for(lambda: installation.published().total() > before, lambda: "events")  # noqa: B023
            first.kill()
        if number == JOIN_AT:
            installation.worker()
        assert publishing.wait() == 0, publishing.tail()
    assert installation.published().total() >= len(lines)

    installation.wait_until_committed()
    oracle = installation.oracle(history)
    for exporter in exporters:
        exporter.wait_until_right(oracle)
    exporters[0].wait_until_settled()
    shown = [exporter.scrape_at_one_edge() for exporter in exporters]
    if shown[0].edges == shown[1].edges:
        assert difference(shown[0].kpis, shown[1].kpis) == ""
