"""Faults of the broker: silent, killed, back again."""

from tests.end_to_end.patience import wait_for
from tests.faults.stage import Stage


def broker_silent(stage: Stage) -> None:
    """SIGSTOP, until figures are held back: nobody knows what has happened since.

    Workers tell the age of Kafka's last answer, or, where it stopped amid a checkpoint, nothing.
    One that had no time to read an answer that had come tells of it when it has.
    """
    stage.wait(1, 3)
    stage.installation.kafka.pause()
    stage.noted("SIGSTOP of the broker")

    def held_back() -> bool:
        status, text = stage.exporter.get("/-/ready")
        refused = status == 503 and ("Kafka last answered" in text or "last heard of" in text)
        return refused and not stage.exporter.scrape().kpis

    wait_for(held_back, lambda: f"held back: {stage.exporter.get('/-/ready')}", poll_s=1.0)
    stage.installation.kafka.resume()


def broker_bounced(stage: Stage) -> None:
    """Killed and started again, and frozen for a while, in any order; then silent for long."""
    faults = [_killed, _frozen, broker_silent]
    for fault in stage.rng.sample(faults, len(faults)):
        fault(stage)
        stage.wait(3, 8)


def _killed(stage: Stage) -> None:
    stage.installation.kafka.kill()
    stage.noted("kill -9 of the broker")
    stage.wait(1, 20)
    stage.installation.kafka.start()


def _frozen(stage: Stage) -> None:
    stage.installation.kafka.pause()
    stage.noted("SIGSTOP of the broker")
    stage.wait(3, 12)
    stage.installation.kafka.resume()
