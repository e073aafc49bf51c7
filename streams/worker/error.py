"""Why a worker stops by itself: one slug for machines, one sentence for people."""

from collections.abc import Iterator
from contextlib import contextmanager

from aiokafka.errors import KafkaError

from events.errors import TidemarkError
from streams.kafka.cluster import Cluster
from streams.kafka.refusal import RefusedError


class WorkerError(TidemarkError):
    """The worker cannot go on and must not: stop, exit non-zero, let the supervisor restart it.

    Attributes:
        reason: A slug such as ``fold-failed`` or ``source-expired``; it is logged, never changes.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


def refused(error: RefusedError) -> WorkerError:
    """Returns why a worker ends that Kafka does not let do its work: trying on would not help."""
    return WorkerError("kafka-refused", str(error))


@contextmanager
def reaching(cluster: Cluster) -> Iterator[None]:
    """Names the broker where it cannot be reached, or refuses us.

    Raises:
        WorkerError: If the block fails with an error of Kafka or of the system.
    """
    try:
        yield
    except RefusedError as error:
        raise refused(error) from error
    except (KafkaError, OSError) as error:
        raise WorkerError("broker-unreachable", f"{cluster}: {error!r}") from error
