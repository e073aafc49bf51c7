"""What commands write: batches of lines, files and folders."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from stat import S_IMODE
from typing import IO, Final

from events.errors import TidemarkError

BATCH_LINES: Final = 5_000
"""Simulated events that are written, published or folded together."""


def in_batches(lines: Iterator[bytes]) -> Iterator[list[bytes]]:
    """Yields lines many at a time."""
    return iter(lambda: list(islice(lines, BATCH_LINES)), [])


@contextmanager
def named_errors(path: Path) -> Iterator[None]:
    """Turns an error of the system into one that names the file or folder.

    Raises:
        TidemarkError: If the block fails with an ``OSError``.
    """
    try:
        yield
    except OSError as error:
        raise TidemarkError(f"{path}: {error.strerror}") from error


@contextmanager
def opened(out: str) -> Iterator[IO[bytes]]:
    """Opens a file to write, or standard output for ``-``.

    What was there stays until all is written; if that fails, it is as it was. Its mode stays too.
    """
    path = Path(out)
    if out == "-":
        yield sys.stdout.buffer
    elif path.exists() and not path.is_file():
        with named_errors(path), path.open("wb") as device:
            yield device
    else:
        with named_errors(path):
            target = path.resolve()
            fresh = target.with_name(f".{target.name}.{os.getpid()}")
            try:
                with fresh.open("wb") as file:
                    if target.exists():
                        fresh.chmod(S_IMODE(target.stat().st_mode))
                    yield file
                fresh.replace(target)
            finally:
                fresh.unlink(missing_ok=True)


def write_folder(folder: Path, texts: Iterable[tuple[str, str]]) -> None:
    """Writes files, given by name and text, into a folder that is made if there is none."""
    with named_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts:
            (folder / name).write_text(text, encoding="utf-8")
