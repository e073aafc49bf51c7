"""The ``tidemark`` command in processes: short ones run to their end, services run until ended.

Each works in a folder of its own, where no ``tidemark.toml`` lies, with no settings but those
given.
"""

import os
import signal
import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tests.end_to_end.patience import PATIENCE_S, wait_for
from tests.servers.process import tied

TIDEMARK = Path(sysconfig.get_path("scripts")) / "tidemark"
"""The installed console script, beside the interpreter that runs the tests."""

END_S = 60.0
"""For a service to end after SIGTERM; a worker leaves within 15 s even if it cannot store."""

_TAIL_CHARS = 6_000
"""Of a service's output, shown when a test fails."""


@dataclass
class Service:
    """A long-running command.

    Attributes:
        name: What the test calls it.
        process: Its process.
        output: What it wrote, to standard output and standard error.
    """

    name: str
    process: "subprocess.Popen[bytes]"
    output: Path

    def check_running(self) -> None:
        """Fails the test if the service has ended by itself."""
        code = self.process.poll()
        assert code is None, f"{self.name} ended by itself with {code}:\n{self.tail()}"

    def wait(self, limit_s: float = PATIENCE_S) -> int:
        """Waits until the command ends by itself and gives the exit code."""
        try:
            return self.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} runs after {limit_s:g} s:\n{self.tail()}") from None

    def end(self, number: signal.Signals = signal.SIGTERM, limit_s: float = END_S) -> int:
        """Signals the service, waits for its end and gives the exit code."""
        self.process.send_signal(number)
        return self.wait(limit_s)

    def kill(self) -> None:
        """Ends the service as ``kill -9`` does."""
        self.process.kill()
        self.process.wait()

    def says(self, text: str) -> str:
        """Waits for a line that holds a text; gives the rest of the line."""

        def look() -> str | None:
            said = self.output.read_text(errors="replace")
            if text in said and "\n" in said.split(text, 1)[1]:
                return said.split(text, 1)[1].split("\n", 1)[0] or " "
            self.check_running()
            return None

        return wait_for(look, lambda: f"{self.name} says {text!r}:\n{self.tail()}").strip()

    def tail(self) -> str:
        """The end of what it wrote."""
        return self.output.read_text(errors="replace")[-_TAIL_CHARS:]


@dataclass
class Commands:
    """Runs commands with the same settings; ends what it started when it is closed.

    Attributes:
        folder: Working directory, and where outputs are kept.
        settings: By name as in ``tidemark.toml``.
        services: Those started, ended or not.
        environment: Further variables for what is started from now on.
    """

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    services: list[Service] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    def run(
        self, *arguments: str | Path, given: bytes = b"", limit_s: float = PATIENCE_S
    ) -> "subprocess.CompletedProcess[str]":
        """Runs a command to its end, whatever its exit code."""
        done = subprocess.run(
            [TIDEMARK, *arguments],
            input=given,
            capture_output=True,
            cwd=self.folder,
            env=self._environment(),
            timeout=limit_s,
            check=False,
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    def output_of(self, *arguments: str | Path) -> str:
        """Runs a command that must succeed; gives its standard output."""
        done = self.run(*arguments)
        assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stderr}"
        return done.stdout

    def start(
        self, name: str, *arguments: str | Path, stdin: int | IO[bytes] = subprocess.DEVNULL
    ) -> Service:
        """Starts a service."""
        output = self.folder / f"{len(self.services)}-{name}.log"
        with output.open("wb") as sink:
            process = subprocess.Popen(
                tied([TIDEMARK, *arguments]),
                stdin=stdin,
                stdout=sink,
                stderr=sink,
                cwd=self.folder,
                env=self._environment(),
            )
        service = Service(name, process, output)
        self.services.append(service)
        return service

    def close(self) -> None:
        """Kills what still runs."""
        for service in self.services:
            service.kill()
            if service.process.stdin is not None:
                service.process.stdin.close()

    def outputs(self) -> list[tuple[str, str]]:
        """The end of what each service wrote, by title."""
        return [
            (f"{service.name} (process {service.process.pid})", service.tail())
            for service in self.services
        ]

    def _environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("TIDEMARK_")}
        given = {f"TIDEMARK_{name.upper()}": value for name, value in self.settings.items()}
        return inherited | given | self.environment


@contextmanager
def new_commands(folder: Path, **settings: str) -> Iterator[Commands]:
    """Yields commands whose services end with the context, whatever happens in it."""
    commands = Commands(folder, settings)
    try:
        yield commands
    finally:
        commands.close()
