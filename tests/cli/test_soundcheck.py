"""The player's usual level, as `emohost soundcheck` finds it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import Result

from emohost.cli.soundcheck import usual_level
from emohost.errors import AudioError

RATE = 48000


@pytest.mark.parametrize("level_db", [-40.0, -20.0])
def test_it_tells_the_level_that_is_played(
    emohost: Callable[..., Result], tmp_path: Path, level_db: float
) -> None:
    noise = np.random.default_rng(1).normal(0, 10 ** (level_db / 20), 4 * RATE)
    soundfile.write(tmp_path / "play.wav", noise, RATE, subtype="FLOAT")
    rig = tmp_path / "rig.yaml"
    rig.write_text(
        "audio: {backend: file, path: play.wav, paced: true}\noutput: {midi_file: take.mid}\nmidi: {api: jack}\n"
    )
    before = rig.read_bytes()
    done = emohost("soundcheck", rig, "--seconds", "3")
    assert done.exit_code == 0, done.output
    found = re.search(r"reference_db: (-\d+)", done.output)
    assert found
    assert float(found[1]) == pytest.approx(level_db, abs=1)
    assert rig.read_bytes() == before
    assert not (tmp_path / "take.mid").exists()


def test_silence_is_no_player(emohost: Callable[..., Result], tmp_path: Path) -> None:
    rig = tmp_path / "rig.yaml"
    rig.write_text("audio: {backend: dummy, signal: silence}\n")
    done = emohost("soundcheck", rig, "--seconds", "2")
    assert done.exit_code == 4
    assert "expected somebody who plays" in done.output


def test_pauses_do_not_count() -> None:
    usual, share = usual_level([-20.0] * 50 + [-100.0] * 50, -60)
    assert usual == pytest.approx(-20)
    assert share == 0.5
    with pytest.raises(AudioError):
        usual_level([-20.0] * 10 + [-100.0] * 90, -60)
