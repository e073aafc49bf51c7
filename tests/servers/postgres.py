"""A PostgreSQL whose changes can be followed: logical replication is on, nothing is kept."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.servers.port import HOST, free_port
from tests.servers.process import ServerProcess, ServerUnavailable, program

PACKAGE = "postgresql"
INSTALLED = Path("/usr/lib/postgresql")
"""Where Debian's package puts each version's programs; none of them is on the path."""

USER = "postgres"
"""Of the system, made by the package, for who runs as root: the server refuses to; and the
database's superuser."""

_ANSWER_S = 60.0  # a statement of a test, or a new data folder


def server_program(name: str) -> str:
    """The full path of one of the server's programs, of the newest version that is installed.

    Raises:
        ServerUnavailable: it is not installed.
    """
    versions = sorted(INSTALLED.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    return str(versions[-1]) if versions else program(name, PACKAGE)


class PostgresServer(ServerProcess):
    """An empty database cluster on a free loopback port; whoever asks is let in."""

    name = "postgres"

    def __init__(self) -> None:
        """Chooses the port."""
        super().__init__()
        self.port = free_port()

    def prepare(self) -> None:
        """Makes the data folder."""
        initdb, self._psql = server_program("initdb"), program("psql", "postgresql-client")
        if os.geteuid() == 0:
            self._lend_home()
        made = [initdb, "--auth=trust", "--no-sync", f"--username={USER}", "--encoding=UTF8"]
        made += ["--locale=C", "--pgdata", str(self._data)]
        command = [*_as_nobody_special(), *made]
        subprocess.run(command, check=True, capture_output=True, timeout=_ANSWER_S, cwd=self.home)

    def command(self) -> list[str]:
        """Loopback only; a crash may lose what the test wrote."""
        settings = {
            "listen_addresses": HOST,
            "port": self.port,
            "unix_socket_directories": "",
            "wal_level": "logical",
            "fsync": "off",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [*_as_nobody_special(), server_program("postgres"), "-D", str(self._data), *options]

    def answers(self) -> bool:
        """Whether a query gets its answer."""
        return self._ask("SELECT 1").returncode == 0

    def run(self, statements: str) -> str:
        """Runs statements, each for itself unless they begin a transaction.

        Returns:
            The rows: a line each, columns parted by a bar.

        Raises:
            RuntimeError: a statement failed.
        """
        done = self._ask(statements)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout

    def _ask(self, statements: str) -> "subprocess.CompletedProcess[str]":
        where = ["--host", HOST, "--port", str(self.port), "--username", USER, "--dbname", USER]
        how = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "-v", "ON_ERROR_STOP=1"]
        return subprocess.run(
            [self._psql, *where, *how, "--file", "-"],
            input=statements,
            capture_output=True,
            text=True,
            timeout=_ANSWER_S,
            check=False,
        )

    @property
    def _data(self) -> Path:
        return self.home / "data"

    def _lend_home(self) -> None:
        try:
            shutil.chown(self.home, USER, USER)
        except LookupError as error:
            raise ServerUnavailable(f"there is no user {USER} to run PostgreSQL as") from error


def _as_nobody_special() -> list[str]:
    """What comes before a command of the server's where root runs the tests."""
    if os.geteuid() != 0:
        return []
    setpriv = program("setpriv", "util-linux")
    who = [f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
    return [setpriv, *who, "--pdeathsig=KILL"]  # a change of user forgets that it was asked for
