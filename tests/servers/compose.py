"""The docker-compose program: no server, but what says whether docker-compose.yml makes sense."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.servers.process import ServerUnavailable

ROOT = Path(__file__).resolve().parents[2]
FETCHED = ROOT / ".cache" / "compose"

_ANSWER_S = 60.0  # it reads a file and writes one


def compose_command() -> list[str]:
    """The command line that comes before docker-compose's own arguments; no engine is needed.

    Raises:
        ServerUnavailable: the program is neither fetched nor installed.
    """
    fetched = sorted(FETCHED.glob("docker-compose-*"))
    if fetched:
        return [str(fetched[-1])]
    docker = shutil.which("docker")
    if docker is not None:
        asked = [docker, "compose", "version"]
        if subprocess.run(asked, capture_output=True, timeout=_ANSWER_S, check=False).returncode:
            docker = None
    if docker is None:
        raise ServerUnavailable("docker-compose is not there: run `make servers`")
    return [docker, "compose"]


class ComposeProgram:
    """Runs ``docker-compose config``, with no setting but those given."""

    def __init__(self) -> None:
        """Finds the program."""
        self._command = compose_command()

    def config(
        self, files: Sequence[Path], settings: dict[str, str], *options: str
    ) -> "subprocess.CompletedProcess[str]":
        """Reads compose files as one, all profiles included, and gives what it said.

        A ``.env`` of the developer's is left aside.
        """
        named = [part for file in files for part in ("-f", str(file))]
        arguments = [*named, "--env-file", os.devnull, "--profile", "*", "config", *options]
        inherited = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME")}
        return subprocess.run(
            [*self._command, *arguments],
            capture_output=True,
            text=True,
            env=inherited | settings,
            timeout=_ANSWER_S,
            check=False,
        )

    def read(self, files: Sequence[Path], settings: dict[str, str]) -> dict[str, Any]:
        """The effective configuration: anchors merged, variables put in."""
        done = self.config(files, settings, "--format", "json")
        assert done.returncode == 0, done.stderr
        model: dict[str, Any] = json.loads(done.stdout)
        return model
