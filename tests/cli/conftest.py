"""Running the command line, in this process or as a program of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result

from emohost.cli import cli

RATE = 48000


@pytest.fixture
def emohost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs a command in this process, away from the hosts and models of this machine's user."""
    monkeypatch.setenv("EMOHOST_RUNTIME", str(tmp_path / "runtime"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("EMOHOST_MODELS", raising=False)

    def invoke(*arguments: str | Path) -> Result:
        done = CliRunner().invoke(cli, list(map(str, arguments)), prog_name="emohost")
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
        return done

    return invoke


@pytest.fixture
def program(emohost: Callable[..., Result]) -> Callable[..., subprocess.Popen[str]]:
    """Starts a command as a program of its own."""

    def start(*arguments: str | Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "emohost", *map(str, arguments)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    return start


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """Three seconds of a C major chord, struck twice a second."""
    time_s = np.arange(3 * RATE) / RATE
    chord = sum(np.sin(2 * np.pi * hertz * time_s) for hertz in (261.63, 329.63, 392.0))
    path = tmp_path / "chord.wav"
    soundfile.write(path, 0.2 * chord * np.exp(-6 * (time_s % 0.5)), RATE)
    return path


@pytest.fixture
def rig(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a rig's YAML file."""

    def write(text: str) -> Path:
        path = tmp_path / "rig.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write
