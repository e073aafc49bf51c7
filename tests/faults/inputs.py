"""Faults of producers: repetition, by those that were killed and know nothing of each other."""

from tests.faults.stage import Stage


def repeated(stage: Stage) -> None:
    """Publishes what was published, by producers that know nothing of each other, some killed."""
    lines = stage.history.read_bytes().splitlines(keepends=True)
    for number in range(stage.rng.randint(2, 4)):
        again = stage.history.with_name(f"again-{number}.ndjson")
        again.write_bytes(b"".join(stage.rng.sample(lines, len(lines) * 3 // 4)))
        publishing = stage.installation.commands.start("publish", "publish", again)
        if stage.rng.random() < 0.5:
            stage.wait(0.5, 2)
            publishing.kill()
            stage.noted("kill -9 of a producer")
        else:
            assert publishing.wait() == 0, publishing.tail()
            stage.noted("three quarters of the history once more")
