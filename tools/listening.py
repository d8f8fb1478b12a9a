"""Makes docs/listen/*.ogg: the band in some styles, and with the demo's player, as a synthesiser sounds it.

    python tools/listening.py [--out docs/listen]

Needs fluidsynth and the FluidR3 soundfont (Debian: fluidsynth, fluid-soundfont-gm). What is played is the host's own,
by the networks and styles of this checkout.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from pathlib import Path

import mido
import numpy as np
import soundfile
from numpy.typing import NDArray

from emohost.config.load import load_rig
from emohost.offline.audition import RATE as PLAYED_RATE
from emohost.offline.audition import audition
from emohost.offline.performance import perform
from emohost.recording.smf import channel_names, write_events
from emohost.training.rendering.fluidsynth import TRAIN_SOUNDFONT, synthesize

ROOT = Path(__file__).resolve().parent.parent
RATE = 32000
PEAK = 0.8
FADE_S = 1.5
LARGEST = 300_000  # bytes of a file
COMPRESSION = 0.9  # of libsndfile's Vorbis, 1 the smallest
DEMO_FROM_S, DEMO_S = 2.0, 40.0
PLAYER, BAND = 0.55, 0.8  # of the mix
# style: chords, bars, valence, arousal
STYLES = {
    "pop": ("C | G | Am | F", 12, 0.4, 0.4),
    "bossa": ("Dm7 | G7 | Cmaj7 | Am7", 12, 0.3, 0.0),
    "swing": ("Cmaj7 | Am7 | Dm7 | G7", 12, 0.4, 0.3),
    "ballad": ("Am | F | C | G", 8, -0.3, -0.4),
}

Sound = NDArray[np.float32]


def in_style(name: str) -> Sound:
    chords, bars, valence, arousal = STYLES[name]
    played = audition(name, ROOT, chords=chords, bars=bars, valence=valence, arousal=arousal)
    with tempfile.TemporaryDirectory() as folder:
        midi = Path(folder) / "played.mid"
        music = played.music
        write_events(midi, played.events, PLAYED_RATE, music.tempo, channel_names(music), music.beats_per_bar)
        return synthesize(mido.MidiFile(midi), TRAIN_SOUNDFONT, RATE)


def with_the_demo() -> Sound:
    """The player and the band."""
    rig = load_rig(ROOT / "configs" / "demo.yaml").rig
    audio = ROOT / "configs" / "demo.flac"
    performance = perform(audio, rig, ROOT / "configs", 512)
    with tempfile.TemporaryDirectory() as folder:
        midi = Path(folder) / "played.mid"
        write_events(
            midi, performance.events, performance.sample_rate, rig.music.tempo, channel_names(rig.music)
        )
        band = synthesize(mido.MidiFile(midi), TRAIN_SOUNDFONT, RATE)
    player, rate = soundfile.read(audio, dtype="float32", always_2d=True)
    mono = player.mean(axis=1)
    at = np.arange(int(len(mono) / rate * RATE)) / RATE * rate
    heard = np.interp(at, np.arange(len(mono)), mono).astype(np.float32)
    size = min(len(heard), len(band), round((DEMO_FROM_S + DEMO_S) * RATE))
    first = round(DEMO_FROM_S * RATE)
    return PLAYER * levelled(heard[first:size]) + BAND * levelled(band[first:size])


def levelled(sound: Sound) -> Sound:
    return sound / np.float32(max(float(np.abs(sound).max()), 1e-6))


def encoded(sound: Sound) -> bytes:
    fade = min(len(sound), round(FADE_S * RATE))
    faded = levelled(sound) * np.float32(PEAK)
    faded[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    file = io.BytesIO()
    with soundfile.SoundFile(
        file, "w", RATE, 1, format="OGG", subtype="VORBIS", compression_level=COMPRESSION
    ) as ogg:
        for first in range(0, len(faded), RATE):  # libsndfile's encoder fails for long writes
            ogg.write(faded[first : first + RATE])
    return file.getvalue()


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "listen")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for name, sound in {"demo": with_the_demo(), **{style: in_style(style) for style in STYLES}}.items():
        data = encoded(sound)
        if len(data) > LARGEST:
            print(f"{name}: {len(data)} bytes; expected at most {LARGEST}", file=sys.stderr)
            return 1
        (out / f"{name}.ogg").write_bytes(data)
        print(f"{name}.ogg: {len(sound) / RATE:.0f} s, {len(data) // 1000} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
