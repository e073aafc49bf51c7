"""A change of settings while events flow: tables are rebuilt, by a command that is killed."""

from typing import Final

from aggregates.shard.fingerprint import fingerprint_of
from tests.end_to_end.commands import Commands
from tests.end_to_end.installation import GROUP, Installation
from tests.faults.log import plan_of
from tests.faults.stage import Stage

ZONE: Final = "Pacific/Auckland"
"""Far from UTC, so that nearly every local day has other events."""

_KILLS_MAX: Final = 2


def settings_changed(stage: Stage) -> None:
    """Another time zone: a rebuild beside the workers, killed and run again; then new workers."""
    before = stage.installation
    settings = {**before.commands.settings, "timezone": ZONE}
    elsewhere = Commands(before.commands.folder, settings, before.commands.services)
    for _ in range(stage.rng.randint(0, _KILLS_MAX)):
        rebuilding = elsewhere.start("rebuild", "rebuild")
        stage.wait(1, 6)
        rebuilding.kill()
        stage.noted("kill -9 of a rebuild")
    again = elsewhere.start("rebuild", "rebuild")
    assert again.wait() == 0, again.tail()
    digest = fingerprint_of(plan_of(settings)).digest
    stage.installation = Installation(before.kafka, before.redis, elsewhere, f"{GROUP}-{digest}")
    for _ in range(2):
        stage.start_worker()
    stage.noted(f"workers of {ZONE} beside those of UTC")
    stage.exporter = stage.installation.exporter()
