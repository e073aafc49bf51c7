"""The process of a worker: how it ends, with its exit status."""

import asyncio
import logging
import os
import sys
import threading
from typing import Final

from events.errors import TidemarkError
from streams.clock import monotonic_s
from streams.worker.worker import Worker

EXIT_FAILED: Final = 70
"""Exit status of a worker that could not go on: EX_SOFTWARE; the log names the reason."""

THREADS_END_S: Final = 2.0
"""Time that threads get to end after a clean stop."""

_log = logging.getLogger(__name__)


def run_worker(worker: Worker) -> int:
    """Runs a worker to its end, in a process of its own.

    Returns:
        The exit status: 0 after a clean stop, otherwise the reason has been logged.
    """
    try:
        asyncio.run(worker.run())
    except TidemarkError as error:
        _log.critical("%s", error)
        code = EXIT_FAILED
    else:
        code = 0
    worker.watchdog.stop()
    logging.shutdown()
    deadline_s = monotonic_s() + THREADS_END_S
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(max(deadline_s - monotonic_s(), 0))
            if thread.is_alive():
                # A thread that hangs, in a board's call or a dead connection, would keep the
                # process.
                sys.stderr.flush()
                os._exit(code)
    return code
