"""What the Faust app, its transport and its tables ask of the worker that owns the state."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, cast

from faust.types import TP, AppT, EventT

from streams.kafka.cluster import Cluster
from streams.worker.lease import Lease


class Owner(Protocol):
    """The worker, as the app sees it."""

    lease: Lease
    """Renewed by the consumer's heartbeats."""

    def positions(self) -> Mapping[TP, int]:
        """Where to read on, for each restored event partition."""

    async def assign(self, assigned: Iterable[TP], generation: int) -> None:
        """Takes over an assignment; raises if it cannot be restored."""

    async def take(self, name: str, event: EventT[Any]) -> None:
        """Folds the run of an event; never raises."""


def cluster_of(app: AppT) -> Cluster:
    """Returns the cluster of a ``RunApp``."""
    return cast(Cluster, cast(Any, app).cluster)


def owner_of(app: AppT) -> Owner:
    """Returns the owner of a ``RunApp``."""
    return cast(Owner, cast(Any, app).owner)
