"""Loops that run together."""

import asyncio

import pytest

from streams.explorer.process import run_together


async def test_the_first_that_ends_ends_all() -> None:
    """The others are cancelled, and have ended by then."""
    ended = asyncio.Event()

    async def for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    await run_together(for_ever(), asyncio.sleep(0))
    assert ended.is_set()


async def test_what_a_loop_raises_is_raised() -> None:
    """A failure is not lost among the cancelled."""

    async def fails() -> None:
        raise ValueError("of the loop")

    with pytest.raises(ValueError, match="of the loop"):
        await run_together(asyncio.Event().wait(), fails())
