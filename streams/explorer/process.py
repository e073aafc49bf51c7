"""Loops that run together: the first that ends, or fails, ends all."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def run_together(*loops: Coroutine[Any, Any, Any]) -> None:
    """Runs loops until one of them ends; the others are cancelled.

    Raises:
        Exception: What the loop has raised that ended.
    """
    tasks = [asyncio.create_task(each) for each in loops]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
