"""Standard MIDI Files to sound: the one place that runs fluidsynth."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import mido
import numpy as np
from numpy.typing import NDArray

from emohost.errors import EmohostError

# As Debian's packages install them.
TRAIN_SOUNDFONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
TEST_SOUNDFONT = Path("/usr/share/sounds/sf3/MuseScore_General_Lite.sf3")


def synthesize(
    score: mido.MidiFile, font: Path, rate: int, gain: float = 0.5, effects: bool = True
) -> NDArray[np.float32]:
    """(n,) mono, `rate` samples a second, until the last note has died away. `gain`: fluidsynth's; `effects`: its
    reverb and chorus. Raises EmohostError."""
    import soundfile

    _require(font)
    with tempfile.TemporaryDirectory() as folder:
        file, sound = Path(folder) / "score.mid", Path(folder) / "sound.wav"
        score.save(file)
        dry = [] if effects else ["-R", "0", "-C", "0"]
        # Of the soundfont only what is played is read: the same samples, in half the time.
        used = ["-o", "synth.dynamic-sample-loading=1"]
        command = ["fluidsynth", "-ni", "-q", *dry, *used, "-g", str(gain), "-r", str(rate), "-F", str(sound)]
        done = subprocess.run([*command, str(font), str(file)], capture_output=True, text=True, check=False)
        if done.returncode != 0 or not sound.exists():
            raise EmohostError(f"fluidsynth failed ({done.returncode}): {done.stderr.strip()[-300:]}")
        audio, _ = soundfile.read(sound, dtype="float32", always_2d=True)
    return np.ascontiguousarray(audio.mean(axis=1))


def _require(font: Path) -> None:
    if not font.exists():
        raise EmohostError(
            f"{font}: no such soundfont (Debian: fluid-soundfont-gm, musescore-general-soundfont-small)"
        )
    if shutil.which("fluidsynth") is None:
        raise EmohostError("rendering needs the program fluidsynth, which is not on the path")
