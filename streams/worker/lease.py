"""The lease: how long a worker may believe that its partitions are still its own.

A worker that was paused past its session is a zombie: others own its partitions, and it does not
know. So it writes only while its last answered heartbeat, counted from when it was sent, is younger
than the session timeout, for the broker counts from when it arrived. Bytes already under way are
fenced by the epoch in each changelog record; the lease keeps that case rare.
"""

from collections.abc import Awaitable, Callable

from streams.clock import since_boot_s


class Lease:
    """A right to write that ends by itself, ``session_s`` seconds after it was renewed.

    Renewed from the consumer's thread and read from the worker's: each access is one attribute.
    """

    def __init__(self, session_s: float, clock: Callable[[], float] = since_boot_s) -> None:
        self._session_s = session_s
        self._clock = clock
        self._renewed_s: float | None = None

    @property
    def held(self) -> bool:
        """Whether the partitions are certainly still ours."""
        renewed_s = self._renewed_s
        return renewed_s is not None and self._clock() - renewed_s < self._session_s

    def renew(self, sent_s: float | None = None) -> None:
        """Notes that the group knew us when it answered what we sent then; by default, now."""
        self._renewed_s = self._clock() if sent_s is None else sent_s

    def drop(self) -> None:
        """Returns the right up: the partitions were revoked."""
        self._renewed_s = None

    def renewing(self, heartbeat: Callable[[], Awaitable[bool]]) -> Callable[[], Awaitable[bool]]:
        """Wraps a heartbeat so that a successful one renews the lease, if it is held at all.

        During a rebalance the lease has been dropped and heartbeats go on; those must not bring it
        back.
        """

        async def beat() -> bool:
            sent_s = self._clock()
            answered = await heartbeat()
            if answered and self._renewed_s is not None:
                self._renewed_s = sent_s
            return answered

        return beat
