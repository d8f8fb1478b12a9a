"""A change of the clocks changes nothing that is played: drums without networks hang on time and level alone, and their
bytes are those that are kept here, for music, noise, clicks, chords with pauses and silence, in blocks of any size."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
from small_engine import make_settings

from emohost import _core

RATE = 48000
ROLES = ("emotion", "melody", "harmony", "dynamics", "groove")
MUSIC = {
    "tempo": 132,
    "parts": {
        name: {"enabled": name == "drums"} for name in ("melody", "chords", "bass", "drums", "accents")
    },
}
EXPECTED = {  # events, and the head of their SHA-256
    "music": (200, "b245ff7f731cc715"),
    "calm": (152, "7080fbded7dc8856"),
    "chords": (152, "d431743f26b3451d"),
    "clicks": (150, "75a3f13cd1697156"),
    "noise": (152, "6d492dbccd511196"),
    "silence": (88, "9c810e6a4980fed3"),
}


def sounds(demo: np.ndarray) -> dict[str, np.ndarray]:
    seconds = np.arange(12 * RATE) / RATE
    chords = 0.1 * sum(np.sin(2 * np.pi * hertz * seconds) for hertz in (220.0, 277.2, 329.6))
    clicks = np.zeros(12 * RATE)
    clicks[:: RATE // 2] = 0.8
    return {
        "music": demo[: 16 * RATE],
        "calm": demo[22 * RATE : 34 * RATE],
        "chords": chords * (seconds % 4 < 3),
        "clicks": clicks,
        "noise": np.random.default_rng(0).normal(0, 0.05, 12 * RATE),
        "silence": np.zeros(6 * RATE),
    }


def play(audio: np.ndarray, block: int, **music: Any) -> list[tuple[int, bytes, int]]:
    engine = _core.Engine(make_settings(**{**MUSIC, **music}), dict.fromkeys(ROLES))
    engine.shared.set_parameter("tempo", 97.3, frame=3 * RATE + 17)
    engine.shared.command("panic", frame=4 * RATE + 1)
    engine.shared.command("transport_stop", frame=5 * RATE + 1000)
    engine.shared.command("transport_start", frame=5 * RATE + 30_001)
    events = engine.render(audio.astype(np.float32), block) + engine.finish()
    return [event for event in events if event[2] == 3]


@pytest.mark.parametrize("name", ["music", "calm", "chords", "clicks", "noise", "silence"])
def test_drums_as_they_were(name: str, demo: tuple[np.ndarray, int]) -> None:
    audio, rate = demo
    assert rate == RATE
    play_in_silence = {"play": "always"} if name == "silence" else {}
    runs = [play(sounds(audio)[name], block, **play_in_silence) for block in (512, 64, 441)]
    assert runs == [runs[0]] * 3
    found = len(runs[0]), hashlib.sha256(repr(runs[0]).encode()).hexdigest()[:16]
    assert found == EXPECTED[name]
