"""The pulse of a service: a file that is fresh while it is well."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from streams.clock import now_ms
from streams.pulse import LIMIT_S, Pulse, main, stopped_because


def test_a_beating_pulse_is_well(tmp_path: Path) -> None:
    """A beat makes the file, or makes it fresh again."""
    path = tmp_path / "pulse"
    pulse = Pulse(path)
    assert "not ready yet" in stopped_because(path)
    pulse.beat()
    assert stopped_because(path) == ""
    then = now_ms() / 1000 - LIMIT_S - 60
    os.utime(path, (then, then))
    assert "the last beat was 9" in stopped_because(path)
    pulse.beat()
    assert stopped_because(path) == ""


def test_nothing_is_touched_without_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that nobody watches beats into the void."""
    monkeypatch.chdir(tmp_path)
    Pulse(None).beat()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_ends_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk is told once, and the service goes on."""
    pulse = Pulse(tmp_path / "missing" / "pulse")
    pulse.beat()
    pulse.beat()
    assert len(caplog.records) == 1


def test_the_check_is_a_command(tmp_path: Path) -> None:
    """Its exit code is what a container's health check goes by."""
    path = tmp_path / "pulse"
    check = [sys.executable, "-m", "streams.pulse", str(path)]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "not ready yet" in done.stderr
    path.touch()
    assert subprocess.run(check, capture_output=True, check=False).returncode == 0
    assert main([]).startswith("usage")
