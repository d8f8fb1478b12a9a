"""A style played to a chord loop, through the whole engine, so that a musician hears what was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emohost import vocabulary
from emohost.chart import parse_chart
from emohost.config.music import Music
from emohost.config.schema import Rig
from emohost.emotion import encode
from emohost.offline.engine import build_engine
from emohost.styles.load import load_style, own_file, shipped

RATE, BLOCK = 48000, 512
TONES = {"maj": (0, 4, 7), "min": (0, 3, 7), "7": (0, 4, 7, 10), "maj7": (0, 4, 7, 11), "min7": (0, 3, 7, 10)}
FOREVER_S = 3600.0
SETTLE_FRAMES = 2 * RATE // BLOCK * BLOCK


@dataclass(frozen=True)
class Audition:
    """What was played: (frame, MIDI bytes, part) at RATE, every note-on with its note-off."""

    events: list[tuple[int, bytes, int]]
    reports: Any  # _core.report_dtype
    music: Music

    @property
    def notes(self) -> int:
        return sum(data[0] & 0xF0 == 0x90 and data[2] > 0 for _, data, _ in self.events)


def audition(
    style: str,
    base: Path,
    *,
    chords: str,
    bars: int = 8,
    tempo: float | None = None,
    valence: float = 0.2,
    arousal: float = 0.2,
    music: dict[str, Any] | None = None,
) -> Audition:
    """`style`: a name, or a path from `base`. `tempo`: absent, the middle of what it suits. `music`: other settings of
    the rig's. Raises ConfigError for a style that cannot be read, ChartError for
    chords that are none, ModelError."""
    own = own_file(style)
    found = shipped(style) if own is None else load_style(base / own.expanduser())
    beat = tempo if tempo is not None else round(float(np.sqrt(found.tempo[0] * found.tempo[1])))
    loop = parse_chart(chords, found.metre).beats
    rig = Rig.model_validate(
        {
            "audio": {"backend": "dummy"},
            "music": {
                "tempo": beat,
                "beats_per_bar": found.metre,
                "clock": {"source": "internal"},
                "play": "always",
                "key": "C major",
                "listen": "lead",
                "style": style,
                "chart": chords,
                "controls": [],
                **(music or {}),
            },
        }
    )
    engine = build_engine(rig, base, RATE, 1, BLOCK, between_ticks=False).engine
    engine.shared.write_emotion(encode(valence, arousal), 1.0, FOREVER_S)
    engine.shared.command("transport_stop")
    engine.render(np.zeros((SETTLE_FRAMES, 1), np.float32), BLOCK)  # until what it is to feel is felt
    engine.take_reports()
    engine.shared.command("transport_start")
    events = engine.render(pad(loop, bars * found.metre, 60 / beat), BLOCK) + engine.finish()
    from_start = [(max(0, frame - SETTLE_FRAMES), data, part) for frame, data, part in events]
    return Audition(from_start, engine.take_reports(), rig.music)


def chord_tones(chord: int) -> tuple[int, ...]:
    """Semitones above C of a chord class; none for no chord."""
    if chord >= vocabulary.NO_CHORD:
        return (
            ()
            if chord == vocabulary.NO_CHORD
            else tuple(chord - vocabulary.NO_CHORD - 1 + i for i in (0, 3, 6, 9))
        )
    root, quality = divmod(chord, len(vocabulary.QUALITIES))
    return tuple(root + tone for tone in TONES[vocabulary.QUALITIES[quality].label])


def pad(loop: Sequence[int], beats: int, beat_s: float) -> NDArray[np.float32]:
    """(n, 1) at RATE: what the band plays to. The chords of `loop`, a class for each beat, as held tones."""
    time_s = np.arange(round(beats * beat_s * RATE)) / RATE
    sound = np.zeros(len(time_s))
    for beat in range(beats):
        inside = (time_s >= beat * beat_s) & (time_s < (beat + 1) * beat_s)
        for pitch in chord_tones(loop[beat % len(loop)]):
            hertz = 440 * 2 ** ((60 + pitch - 69) / 12)
            for harmonic in range(1, 5):
                sound[inside] += np.sin(2 * np.pi * harmonic * hertz * time_s[inside]) / harmonic**2
    return (0.05 * sound).astype(np.float32)[:, None]
