"""The whole way: simulate, publish, work, export; and the figures are those of a replay."""

from pathlib import Path

import pytest

from aggregates.time.tile import edge_after
from streams.clock import now_ms
from tests.end_to_end.figures import Oracle, difference
from tests.end_to_end.installation import Installation

pytestmark = [pytest.mark.broker, pytest.mark.slow]


def test_live_figures_equal_replay(installation: Installation, history: Path) -> None:
    """Once the exporter says complete and not behind, every figure is exactly that of a replay.

    At once, not some time later: complete and without lag is what a user goes by. A replay of the
    topics says the same as one of the file that was published to them.
    """
    installation.publish(history)
    for _ in range(2):
        installation.worker()
    exporter = installation.exporter()
    exporter.wait_until_settled()
    file = installation.oracle(history)
    exporter.check(file)
    assert exporter.get("/-/ready")[0] == 200

    kafka = Oracle(installation.commands, f"kafka://{installation.kafka.bootstrap}")
    edge = edge_after(now_ms())
    assert difference(kafka.at(edge), file.at(edge)) == ""
