"""One server process: start, wait until it answers, pause, kill, stop."""

import shutil
import signal
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

_POLL_S = 0.05  # between two questions whether the server answers
_TAIL_BYTES = 4_000  # of the server's log, shown when it does not start


class ServerUnavailable(RuntimeError):
    """This machine lacks what the server needs; the message says what and how to get it."""


class ServerProcess(ABC):
    """A server in a temporary folder, as a context manager.

    The port and the data outlive a `kill` or `stop`, so `start` brings back the same server;
    leaving the context removes the data. Only the process started here is signalled, by its id.
    """

    name: str
    ready_s: float = 30.0
    """How long `start` waits for the first answer: ten times what a 2-core machine took."""
    stop_s: float = 10.0
    """A server that has not ended by itself after so long is killed."""

    def __init__(self) -> None:
        self._home: Path | None = None
        self._prepared = False
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """The command line; called at every start, after `prepare`."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether the server does its work now; never raises, never blocks for long."""

    @abstractmethod
    def prepare(self) -> None:
        """Called once, before the first start, to write files into `home`.

        Raises:
            ServerUnavailable: something that the server needs is not there.
        """

    @property
    def home(self) -> Path:
        """The temporary folder of configuration, data and log."""
        if self._home is None:
            self._home = Path(tempfile.mkdtemp(prefix=f"tidemark-{self.name}-"))
        return self._home

    @property
    def log(self) -> Path:
        """What the server wrote to its output, over all its starts."""
        return self.home / "server.log"

    @property
    def pid(self) -> int | None:
        """The process id while the process runs (paused counts as running)."""
        return self._process.pid if self._process is not None and self.is_running() else None

    def is_running(self) -> bool:
        """Whether the process is there, paused or not."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Starts the server and waits until it answers.

        Raises:
            ServerUnavailable: a program or file that it needs is not there.
            RuntimeError: it ended, or did not answer in time; with the end of its log.
        """
        if self.is_running():
            raise RuntimeError(f"{self.name} runs already")
        if not self._prepared:
            self.prepare()
            self._prepared = True
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                tied(self.command()),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.home,
            )
        deadline = time.monotonic() + self.ready_s
        while not self.answers():
            if not self.is_running():
                raise RuntimeError(f"{self.name} ended at start:\n{self._log_tail()}")
            if time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"{self.name} silent for {self.ready_s} s:\n{self._log_tail()}")
            time.sleep(_POLL_S)

    def stop(self) -> None:
        """Asks the server to end, and kills it if it does not; a stopped one stays stopped."""
        if self._process is None:
            return
        self._process.terminate()
        self.resume()  # a paused process would not hear of it
        try:
            self._process.wait(self.stop_s)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Ends the server as `kill -9` does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def pause(self) -> None:
        """Freezes the process (SIGSTOP): connections stay open, nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Lets a frozen process go on (SIGCONT)."""
        self._signal(signal.SIGCONT)

    def remove(self) -> None:
        """Kills the server and removes its folder."""
        self.kill()
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)
            self._home = None
            self._prepared = False

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.remove()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self.is_running():
            self._process.send_signal(number)

    def _log_tail(self) -> str:
        return self.log.read_bytes()[-_TAIL_BYTES:].decode(errors="replace")


def tied(command: Sequence[str | Path]) -> list[str | Path]:
    """A command whose process ends with this one, however this one ends, where Linux sees to it.

    One of several test processes that is killed with the rest cannot take its servers down.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", *command] if setpriv else [*command]


def program(name: str, package: str) -> str:
    """The full path of a program.

    Raises:
        ServerUnavailable: it is not on the path.
    """
    path = shutil.which(name)
    if path is None:
        raise ServerUnavailable(f"{name} is not installed (Debian: apt-get install {package})")
    return path
