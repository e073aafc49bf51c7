"""The five tables: Faust declares their changelogs and assigns them; rows live in the shards.

A ``RowTable`` is a Faust table without data of its own. It declares a changelog topic with our
configuration, assigned together with the event topic of the same number. ``ShardRecovery`` takes
the place of Faust's recovery: the worker restores its partitions (``streams.worker.restore``), then
Faust's own last step opens the streams.
"""

from collections.abc import Iterable
from typing import Any

import faust
from faust.tables.manager import TableManager
from faust.tables.recovery import RebalanceAgain, Recovery, ServiceStopped
from faust.types import EventT
from mode import Service

from streams.worker.owner import owner_of


class RowTable(faust.Table[bytes, bytes]):
    """A table whose rows are in the shards and whose changelog is written at checkpoints."""

    _changelog_compacting = True
    _changelog_deleting = False

    def apply_changelog_batch(self, batch: Iterable[EventT[Any]], *_: Any, **__: Any) -> None:
        """Does nothing: changelogs stay paused in Faust, and the worker reads them."""


class ShardRecovery(Recovery):
    """Waits for rebalances and has the worker restore what it was assigned."""

    @Service.task
    async def _restart_recovery(self) -> None:
        while not self.should_stop:
            if await self.wait_for_stopped(self.signal_recovery_start):  # type: ignore[arg-type]
                return
            self.signal_recovery_start.clear()
            generation = self._generation_id
            try:
                self._set_recovery_started()
                assigned = self.app.consumer.assignment()
                await self._wait(owner_of(self.app).assign(assigned, generation))
                await self._wait(self.on_recovery_completed(generation))
            except RebalanceAgain:
                continue
            except ServiceStopped:
                return

    @Service.task
    async def _slurp_changelogs(self) -> None:
        """Nothing comes through Faust's changelog queue."""

    @Service.task
    async def _publish_stats(self) -> None:
        """The worker reports restores itself."""


class RowTables(TableManager):
    """Faust's table manager with the recovery above."""

    @property
    def recovery(self) -> Recovery:
        """The recovery service."""
        if self._recovery is None:
            self._recovery = ShardRecovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return self._recovery
