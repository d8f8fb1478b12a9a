"""What the host's own musician makes of a groove network at a held emotion: its drums, played into silence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emohost import emotion
from emohost._core import Engine
from emohost.audio.backend import AudioFormat
from emohost.config.schema import Rig
from emohost.engine.build import engine_settings
from emohost.engine.request import EngineRequest
from emohost.networks import Network, load_model
from emohost.networks.features import DEFAULTS
from emohost.training.data_sets.drummers import STEPS

RATE = 48_000
BLOCK = 4096
TEMPO = 240.0
BARS = 96


@dataclass(frozen=True)
class DrumsPlayed:
    """By the drums."""

    per_bar: float  # notes
    velocity: float  # mean, 1 to 127
    deviation: float  # median distance of hits from the mean place of their sixteenth, in sixteenths


def drums_at(groove: Network, valence: float, arousal: float) -> DrumsPlayed:
    """Loads the file of `groove` once more, for the engine takes networks over. Raises ModelError."""
    model = load_model(groove.info.file, "groove")
    quiet = {"enabled": False}
    music = {
        "tempo": TEMPO,
        "play": "always",
        "parts": {"melody": quiet, "chords": quiet, "bass": quiet},
        "controls": [],
    }
    music = {**music, "clock": {"source": "internal"}}  # nobody plays that could be followed
    rig = Rig.model_validate({"audio": {"backend": "dummy"}, "music": music})
    settings = engine_settings(
        EngineRequest.of(rig, Path()), AudioFormat(RATE, BLOCK, 1, waits=True), DEFAULTS
    )
    engine = Engine(settings, {"groove": model.native})
    engine.shared.write_emotion(emotion.encode(valence, arousal), 1.0, 1e6)
    silence = np.zeros((round(BARS * 240.0 / TEMPO * RATE), 1), dtype=np.float32)
    events = engine.render(silence, BLOCK)
    struck = [(frame, data[2]) for frame, data, _ in events if data[0] & 0xF0 == 0x90]
    if not struck:
        return DrumsPlayed(0.0, 0.0, 0.0)
    frames, velocities = (np.array(column, dtype=np.float64) for column in zip(*struck, strict=True))
    places = np.unique(frames) / (15.0 / TEMPO * RATE)
    step = np.round(places)
    distances = []
    for each in range(STEPS):
        late = (places - step)[step % STEPS == each]
        distances += list(np.abs(late - late.mean())) if len(late) > 1 else []
    return DrumsPlayed(len(struck) / BARS, float(velocities.mean()), float(np.median(distances)))
