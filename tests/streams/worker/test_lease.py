"""The lease: held for one session after the last answered heartbeat was sent, not longer."""

from streams.worker.lease import Lease


class Clock:
    """A clock that is set by hand."""

    now_s = 100.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now_s


async def answered() -> bool:
    """A heartbeat that the group answers."""
    return True


async def refused() -> bool:
    """A heartbeat that fails."""
    return False


def test_is_held_for_one_session() -> None:
    """A new lease is not held; a renewed one is, until the session's length has passed."""
    clock = Clock()
    lease = Lease(10.0, clock)
    assert not lease.held
    lease.renew()
    held = []
    for step_s in (9.9, 0.1):
        clock.now_s += step_s
        held.append(lease.held)
    assert held == [True, False]


async def test_an_answered_heartbeat_renews_from_when_it_was_sent() -> None:
    """The broker counts from the arrival, so an answer that took long is worth less."""
    clock = Clock()
    lease = Lease(10.0, clock)
    lease.renew()

    async def slow() -> bool:
        clock.now_s += 4
        return True

    assert await lease.renewing(slow)()
    held = []
    for step_s in (5.9, 0.1):
        clock.now_s += step_s
        held.append(lease.held)
    assert held == [True, False]


async def test_a_failed_heartbeat_renews_nothing() -> None:
    """Only an answer counts."""
    clock = Clock()
    lease = Lease(10.0, clock)
    lease.renew()
    clock.now_s += 9
    assert not await lease.renewing(refused)()
    clock.now_s += 1
    assert not lease.held


async def test_a_heartbeat_during_a_rebalance_does_not_bring_a_dropped_lease_back() -> None:
    """Heartbeats go on after the partitions were revoked; the right to write does not."""
    lease = Lease(10.0, Clock())
    lease.renew()
    lease.drop()
    assert await lease.renewing(answered)()
    assert not lease.held
