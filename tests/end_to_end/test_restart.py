"""A restart: rows come back from the changelogs, and no event is folded a second time."""

from pathlib import Path

import pytest

from tests.end_to_end.exporter import EVENTS
from tests.end_to_end.installation import PARTITIONS, Installation

pytestmark = [pytest.mark.broker, pytest.mark.slow]

WORKERS = 2


def test_restarted_workers_restore_and_fold_nothing_twice(
    installation: Installation, history: Path, tmp_path: Path
) -> None:
    """Workers ended with SIGTERM leave cleanly; new ones show the same figures from the changelogs.

    They have folded no event then, and afterwards just those that are new: an exporter started
    with them counts from nothing.
    """
    lines = history.read_bytes().splitlines(keepends=True)
    middle = len(lines) // 2
    first, second = tmp_path / "first.ndjson", tmp_path / "second.ndjson"
    first.write_bytes(b"".join(lines[:middle]))
    second.write_bytes(b"".join(lines[middle:]))

    installation.publish(first)
    workers = [installation.worker() for _ in range(WORKERS)]
    before = installation.exporter()
    before.wait_until_settled()
    before.check(installation.oracle(first))
    known = installation.published()
    for worker in workers:
        assert worker.end() == 0, worker.tail()
    installation.redis.kill()
    installation.redis.start()

    for _ in range(WORKERS):
        installation.worker()
    exporter = installation.exporter()
    exporter.wait_until_shared(WORKERS)
    exporter.wait_until_settled()
    exporter.check(installation.oracle(first))
    scrape = exporter.scrape()
    assert scrape.by_label(EVENTS, "topic").total() == 0
    restored = [name for name, _ in scrape.samples if name == "tidemark_restore_seconds"]
    assert len(restored) == PARTITIONS

    installation.publish(second)
    new = installation.published() - known
    installation.wait_until_committed()
    exporter.wait_until_right(installation.oracle(history))
    assert exporter.scrape().by_label(EVENTS, "topic") == new
