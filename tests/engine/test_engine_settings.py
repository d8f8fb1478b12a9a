"""A rig's YAML says it in people's terms; the engine is told the same in its own."""

from __future__ import annotations

import pytest

from emohost import _core
from emohost.config.engine_settings import engine_settings, parse_key
from emohost.config.schema import Rig

from .conftest import FEATURES, make_networks


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("auto", (-1, False)),
        ("C major", (0, False)),
        ("C minor", (0, True)),
        ("F# major", (6, False)),
        ("Bb minor", (10, True)),
        ("Cb major", (11, False)),
        ("B# minor", (0, True)),
    ],
)
def test_keys(key: str, expected: tuple[int, bool]) -> None:
    assert parse_key(key) == expected


def test_what_the_rig_says_reaches_the_engine() -> None:
    rig = Rig.model_validate(
        {
            "audio": {"backend": "dummy"},
            "music": {
                "tempo": 90,
                "key": "D minor",
                "play": "always",
                "gate_db": -50,
                "reference_db": -24,
                "seed": 7,
                "parts": {"bass": {"channel": 4, "low": 30, "high": 50, "program": None, "velocity": 0.5}},
                "controls": [{"source": "arousal", "controller": 7, "low": 10, "high": 90, "channel": 1}],
            },
        }
    )
    settings = engine_settings(rig, sample_rate=44100, channels_in=2, max_block=512, features=FEATURES)
    assert settings["sample_rate"] == 44100
    assert (settings["channels_in"], settings["channels_out"], settings["max_block"]) == (2, 0, 512)
    assert settings["listener"] == {**FEATURES, "gate_db": -50, "reference_db": -24}
    music = settings["music"]
    assert (music["tempo"], music["tonic"], music["minor"], music["seed"]) == (90, 2, True, 7)
    assert music["when_heard"] is False
    assert music["parts"]["bass"] == {
        "enabled": True,
        "channel": 3,
        "low": 30,
        "high": 50,
        "program": -1,
        "density": 1,
        "velocity": 0.5,
    }
    expected = {"source": "arousal", "channel": 0, "controller": 7, "low": 10, "high": 90}
    assert music["controls"] == [expected]
    _core.Engine(settings, make_networks())  # every key is known there, and none is missing


def test_the_standard_rig_is_a_valid_engine() -> None:
    rig = Rig.model_validate({"audio": {"backend": "dummy"}})
    settings = engine_settings(rig, sample_rate=48000, channels_in=1, max_block=256, features=FEATURES)
    assert _core.Engine(settings, make_networks()).channels_in == 1
