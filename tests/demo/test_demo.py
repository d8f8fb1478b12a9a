"""The demo is the music that configs/DEMO.md says it is, fits its limits, and sounds its score."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import demo_score
import numpy as np
import pytest
import soundfile

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "configs" / "demo.flac"
SOUNDFONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")

STEP_S = 60 / demo_score.TEMPO / 4


@pytest.fixture(scope="module")
def audio() -> np.ndarray:
    samples, rate = soundfile.read(DEMO, dtype="float64", always_2d=True)
    assert rate == 48000
    return samples.mean(axis=1)


def test_every_bar_is_full() -> None:
    """A bar of the score that is too long or short would shift all that follows."""
    for voice, bars in {**demo_score.MOZART, **demo_score.BACH}.items():
        for number, bar in enumerate(bars):
            length = sum(int(token.split(":")[1]) for token in bar.split())
            upbeat = voice in demo_score.BACH and number == 0
            assert length == (8 if upbeat else 16), f"{voice}, bar {number + 1}"


def test_fits_its_limits(audio: np.ndarray) -> None:
    """At most 2 MB, about 40 s, no clipping, starts at once and ends in silence."""
    assert DEMO.stat().st_size <= 2_000_000
    assert 38 <= len(audio) / 48000 <= 45
    assert 0.8 < np.abs(audio).max() < 0.95
    assert np.abs(audio[: round(0.05 * 48000)]).max() > 0.01
    assert np.abs(audio[-480:]).max() < 0.001


def test_contrast_of_level(audio: np.ndarray) -> None:
    """The lively passage is at least 6 dB louder than the calm one, both well above the host's gate."""
    change = round(demo_score.BACH_START * STEP_S * 48000)
    loud, calm = audio[:change], audio[change + round(8 * STEP_S * 48000) : 41 * 48000]
    loud_db, calm_db = (10 * np.log10(np.mean(part**2)) for part in (loud, calm))
    assert loud_db - calm_db > 6
    assert calm_db > -35


def test_sounds_the_notes_of_the_score(audio: np.ndarray) -> None:
    """The strongest pitch class in each chord of the chorale is one that the score has there."""
    right = total = 0
    notes = [note for note in demo_score.score() if note.voice in demo_score.BACH]
    for start in sorted({note.start for note in notes}):
        sounding = [note for note in notes if note.start <= start < note.start + note.length]
        begin, end = (round((start + offset) * STEP_S * 48000) for offset in (1, 4))
        window = audio[begin:end] * np.hanning(end - begin)
        spectrum = np.abs(np.fft.rfft(window, 65536)) ** 2
        hertz = np.fft.rfftfreq(65536, 1 / 48000)
        audible = (hertz > 80) & (hertz < 1000)
        pitch_class = np.round(69 + 12 * np.log2(hertz[audible] / 440)).astype(int) % 12
        energy = np.bincount(pitch_class, spectrum[audible], minlength=12)
        right += int(energy.argmax()) in {note.pitch % 12 for note in sounding}
        total += 1
    assert total > 20
    assert right / total > 0.95


def test_notes_are_those_of_the_published_scores() -> None:
    """Pitches, starts and lengths equal the encodings in music21's corpus, but for the held last chord."""
    corpus = pytest.importorskip("music21.corpus", reason="music21 is not installed")
    sonata = corpus.parse("mozart/k545/movement1_exposition")
    for (voice, bars), part in zip(demo_score.MOZART.items(), sonata.parts, strict=True):
        theirs = {
            (round(float(element.offset) * 4), round(float(element.quarterLength) * 4), pitch.midi)
            for element in part.flatten().notes
            if element.measureNumber <= demo_score.MOZART_BARS
            for pitch in element.pitches
        }
        ours = {(note.start, note.length, note.pitch) for note in demo_score.read_voice(voice, bars, 0, 1)}
        assert ours == theirs, voice

    chorale = corpus.parse("bach/bwv245.3")
    for part in chorale.parts:
        elements = [(float(element.offset), element) for element in part.flatten().notes]
        # The first line is 12 crotchets long, the last begins at the 36th.
        picked = [(at + 1, element) for at, element in elements if at < 12]
        picked += [(at - 36 + 13, element) for at, element in elements if at >= 36]
        theirs = {
            (round(at * 4), round(float(element.quarterLength) * 4), element.pitch.midi)
            for at, element in picked
        }
        voice = part.partName.lower()
        notes = demo_score.read_voice(voice, demo_score.BACH[voice], 0, 1)
        ours = {(note.start, 12 if note is notes[-1] else note.length, note.pitch) for note in notes}
        assert ours == theirs, voice


def test_the_script_makes_the_file(audio: np.ndarray, tmp_path: Path) -> None:
    """tools/render_demo.py gives this recording again (within what fluidsynth's versions differ by)."""
    if shutil.which("fluidsynth") is None or not SOUNDFONT.exists():
        pytest.skip("fluidsynth or its FluidR3 soundfont is not installed")
    script = ROOT / "tools" / "render_demo.py"
    subprocess.run(
        [sys.executable, script, "--out", tmp_path / "demo.flac"],
        check=True,
        capture_output=True,
        timeout=120,
    )
    again, rate = soundfile.read(tmp_path / "demo.flac")
    assert rate == 48000
    assert again.shape == audio.shape
    assert np.sqrt(np.mean((again - audio) ** 2)) < 0.01 * np.sqrt(np.mean(audio**2))
