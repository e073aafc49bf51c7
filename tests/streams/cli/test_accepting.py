"""``tidemark run --data --events -``: lines of a pipe outlast a disk that is full for a while."""

import threading
from contextlib import closing
from pathlib import Path

import pytest

from events.log import LogError
from streams.cli.run_folder import _accept
from streams.local.data import DataFolder
from streams.settings import load_settings
from tests.events.examples import COMMON, FULL, encode, record_of

LINES = [encode(record_of("user.added", FULL["user.added"] | COMMON, id=f"e{n}")) for n in range(3)]


def test_lines_of_a_pipe_wait_for_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """They cannot be read once more, so they are tried again; those of a file end the command."""
    with closing(DataFolder(tmp_path)) as folder:
        append, failures = folder.log.append, iter([True, True, False])

        def failing(*given: object) -> object:
            if next(failures, False):
                raise LogError("full")
            return append(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(folder.log, "append", failing)
        settings, stop = load_settings(), threading.Event()
        with pytest.raises(LogError):
            _accept([LINES], "a file", folder, settings, stop)
        _accept([LINES[:1], [], LINES[1:]], "stdin", folder, settings, stop, 0.001)
        assert folder.log.last == 3
        assert "stdin: 3 events are new" in capsys.readouterr().out
        failures = iter([True] * 5)
        stop.set()
        _accept([LINES], "stdin", folder, settings, stop, 0.001)
