"""Text in, music out: mode and density of what is played change in the expected direction. The musician alone, into
silence; tests/rig plays the same through JACK."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from bass_of_thirds import bass_of_thirds

from emohost._core import Engine
from emohost.audio.backend import AudioFormat
from emohost.bridge import UnifiedFramework, extract_emotion_embedding
from emohost.config.schema import Rig
from emohost.engine.build import engine_settings
from emohost.engine.request import EngineRequest
from emohost.networks.features import DEFAULTS
from emohost.vocabulary import ROLE_NAMES

RATE, BLOCK, SECONDS = 8000, 1024, 60
CONSENT = {"signals": ["text"], "purposes": ["play"], "expires_in_s": 3600}
E_NATURAL, E_FLAT = 4, 3  # the third above C, where the musician begins in silence


def notes_of(text: str, style: Path) -> np.ndarray:
    """MIDI notes that begin within a minute, drums left out, of eight bands: each keeps the patterns that it drew."""
    return np.concatenate([notes_of_band(text, style, seed) for seed in range(1, 9)])


def notes_of_band(text: str, style: Path, seed: int) -> np.ndarray:
    framework = UnifiedFramework()
    embedding = extract_emotion_embedding(framework.create_with_consent({"text": text, "consent": CONSENT}))
    music = {
        "play": "always",
        "clock": {"source": "internal"},
        "tempo": 120,
        "seed": seed,
        "style": str(style),
        "parts": {"drums": {"enabled": False}},
    }
    rig = Rig.model_validate({"audio": {"backend": "dummy"}, "music": music})
    settings = engine_settings(
        EngineRequest.of(rig, Path()), AudioFormat(RATE, BLOCK, 1, waits=True), DEFAULTS
    )
    engine = Engine(settings, dict.fromkeys(ROLE_NAMES))
    # Felt before it plays: the first note decides the key, which in silence is the musician's own.
    engine.shared.command("transport_stop")
    engine.shared.write_emotion(embedding, 1.0, 1e6)
    for _ in range(RATE // BLOCK):
        engine.process(None, BLOCK)
    engine.shared.command("transport_start")
    events = engine.render(np.zeros((SECONDS * RATE, 1), np.float32), BLOCK)
    return np.array([data[1] for _, data, _ in events if data[0] & 0xF0 == 0x90 and data[2] > 0])


@pytest.mark.parametrize(
    ("happy", "sad"),
    [
        ("We won, I am so happy and excited!", "I am so sad and lonely."),
        ("What a wonderful surprise, I love it!", "Everything is lost, and it hurts."),
    ],
)
def test_mode_and_density_follow_the_text(happy: str, sad: str, tmp_path: Path) -> None:
    style = bass_of_thirds(tmp_path)
    notes = {text: notes_of(text, style) for text in (happy, sad)}
    thirds = {text: found[np.isin(found % 12, (E_NATURAL, E_FLAT))] for text, found in notes.items()}
    major = {text: np.mean(found % 12 == E_NATURAL) for text, found in thirds.items()}
    assert major[happy] > 0.9
    assert major[sad] < 0.1
    assert len(notes[happy]) > 1.2 * len(notes[sad])
