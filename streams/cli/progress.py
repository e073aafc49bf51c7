"""Progress on standard error: a bar on a terminal, nothing in a pipe or a log."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


@contextmanager
def progress_bar(
    title: str, unit: str, total: int | None = None
) -> Iterator[Callable[[int], None]]:
    """Shows progress; yields a function that takes how much more is done.

    Args:
        title: What is being done.
        unit: What is counted.
        total: How much there is to do, if that is known.
    """
    console = Console(file=sys.__stderr__)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=total)
        yield lambda done: progress.advance(task, done)
