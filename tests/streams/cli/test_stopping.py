"""A signal ends a command, whatever the command is doing when it comes."""

import subprocess
import sys
from typing import Final

AMID: Final = """
import signal
from streams.cli.serving import stopping
with stopping() as stop:
    with stop._cond:  # as the thread that waits has it when its wait begins and ends
        signal.raise_signal(signal.SIGTERM)
    print(stop.wait(60))
"""


def test_a_signal_amid_a_wait_is_heeded() -> None:
    """Python runs the handler in the thread that waits, which may hold the lock of the event."""
    done = subprocess.run(
        [sys.executable, "-c", AMID], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "True\n"


LOADING: Final = """
import sys
from streams import cli
def interrupted(*_):
    raise KeyboardInterrupt
cli.parser = interrupted
sys.exit(cli.main(["replay"]))
"""


def test_an_interrupt_while_the_program_is_loaded_is_quiet() -> None:
    """Importing takes a second or two, and is no reason for a traceback."""
    done = subprocess.run(
        [sys.executable, "-c", LOADING], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
