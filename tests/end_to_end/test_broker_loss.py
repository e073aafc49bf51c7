"""A broker that goes silent: figures of long ago are not shown as of now."""

from pathlib import Path

import pytest

from tests.end_to_end.installation import Installation
from tests.end_to_end.patience import wait_for

pytestmark = [pytest.mark.broker, pytest.mark.slow]

COMPANY = ("--accounts", "12", "--days", "40", "--seed", "3")


def test_figures_are_held_back_while_kafka_is_silent(
    installation: Installation, tmp_path: Path
) -> None:
    """The worker lives and publishes as ever, but nobody knows what has happened since."""
    path = tmp_path / "company.ndjson"
    installation.commands.output_of("simulate", *COMPANY, "--out", path)
    installation.publish(path)
    worker, exporter = installation.worker(), installation.exporter()
    exporter.wait_until_settled()
    exporter.check(installation.oracle(path))

    installation.kafka.pause()

    def refused() -> bool:
        status, text = exporter.get("/-/ready")
        return status == 503 and "Kafka last answered" in text

    wait_for(refused, lambda: f"refused: {exporter.get('/-/ready')}", 60.0, 1.0)
    assert not exporter.scrape().kpis
    worker.check_running()
    installation.kafka.resume()
    exporter.wait_until_right(installation.oracle(path))
    worker.check_running()
