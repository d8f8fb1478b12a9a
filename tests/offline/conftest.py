"""A short piece of the demo: the end of the lively passage, the pause, and the beginning of the calm one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile
from click.testing import CliRunner, Result

from emohost.cli import cli

DEMO = Path(__file__).resolve().parents[2] / "configs" / "demo.flac"
CLIP_S = (17.0, 26.0)


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """9 s as FLAC."""
    samples, rate = soundfile.read(DEMO, dtype="float32")
    path = tmp_path_factory.mktemp("audio") / "clip.flac"
    soundfile.write(path, samples[int(CLIP_S[0] * rate) : int(CLIP_S[1] * rate)], rate)
    return path


@pytest.fixture
def emohost() -> Callable[..., Result]:
    """Runs the command line in this process: emohost('render', path, ...)."""

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(cli, [str(argument) for argument in arguments])

    return run
