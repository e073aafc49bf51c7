"""What is logged: to standard error, as text or as one JSON object a line."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from io import TextIOBase
from typing import Final, TextIO, cast

from streams.cli.terminal import plain

SAID: Final = "tidemark"
"""Logger of what a command says by itself, to a person."""

TEXT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class JsonLines(logging.Formatter):
    """Writes a record as JSON: time, level, logger, message, and the exception if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Returns the line of a record.

        >>> lines = JsonLines()
        >>> record = logging.makeLogRecord(
        ...     {"created": 1769904000.5, "levelname": "INFO", "name": "a.b", "msg": "ready"}
        ... )
        >>> print(lines.format(record))
        {"time": "2026-02-01T00:00:00.500Z", "level": "info", "logger": "a.b", "message": "ready"}
        """
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": plain(record.getMessage()),
        }
        if record.exc_info:
            line["exception"] = plain(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def set_up_logs(level: str | None, form: str | None, *, of_worker: bool) -> None:
    """Has all that is logged written to standard error.

    Args:
        level: The least that is logged; None for warnings and, of a worker, its own life.
        form: ``json``, or ``text`` as by default.
        of_worker: Whether a worker logs.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else logging.Formatter(TEXT))
    logging.basicConfig(level=(level or "warning").upper(), handlers=[handler])
    if of_worker:
        if level is None:
            logging.getLogger("streams").setLevel(logging.INFO)
    elif level in (None, "warning"):
        # The exception that ends the command says what went wrong.
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    if level == "debug":
        # Which logs each request as a whole, and passwords are in some.
        logging.getLogger("aiokafka.conn").setLevel(logging.INFO)


class _SaidLines(TextIOBase):
    """A stream whose lines are logged, so that those who read a log find nothing else in it."""

    def __init__(self, level: int) -> None:
        self._level = level
        self._begun = ""

    def write(self, text: str) -> int:
        """Takes a text; logs the lines that end in it."""
        *lines, self._begun = (self._begun + text).split("\n")
        for line in filter(None, lines):
            logging.getLogger(SAID).log(self._level, "%s", line.removeprefix("tidemark: "))
        return len(text)


@contextmanager
def said_as_records(form: str | None, *, serves: bool) -> Iterator[None]:
    """Has what a command says logged too, if logs are JSON: each line of the output is an object.

    Args:
        form: As in ``set_up_logs``, which is to be called before.
        serves: Whether the command serves: then its standard output is for people as well. That of
            others is what they were called for, and stays.
    """
    if form != "json":
        yield
        return
    logging.getLogger(SAID).setLevel(logging.INFO)
    with redirect_stderr(cast(TextIO, _SaidLines(logging.WARNING))):
        if not serves:
            yield
            return
        with redirect_stdout(cast(TextIO, _SaidLines(logging.INFO))):
            yield
