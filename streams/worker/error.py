"""Why a worker stops by itself: one slug for machines, one sentence for people."""

from events.errors import TidemarkError


class WorkerError(TidemarkError):
    """The worker cannot go on and must not: stop, exit non-zero, let the supervisor restart it.

    Attributes:
        reason: A slug such as ``fold-failed`` or ``source-expired``; it is logged, never changes.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
