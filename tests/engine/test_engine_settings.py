"""A rig's YAML says it in people's terms; the engine is told the same in its own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from small_engine import FEATURES, make_networks

from emohost import _core
from emohost.audio.backend import AudioFormat
from emohost.config.schema import Rig
from emohost.engine.build import build_engine, engine_settings
from emohost.engine.request import EngineRequest, Start, parse_key
from emohost.networks.sets import NetworkFile


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
    settings = engine_settings(
        EngineRequest.of(rig, Path()), AudioFormat(44100, 512, 2, waits=True), FEATURES
    )
    assert settings["sample_rate"] == 44100
    assert (settings["channels_in"], settings["channels_out"], settings["max_block"]) == (2, 0, 512)
    assert settings["listener"] == {
        **FEATURES,
        "gate_db": -50,
        "reference_db": -24,
        "usual_db": -30,
        "slowest_bpm": 48,
        "fastest_bpm": 215,
    }
    music = settings["music"]
    assert (music["tempo"], music["tonic"], music["minor"], music["seed"]) == (90, 2, True, 7)
    assert music["play"] == "always"
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
    settings = engine_settings(
        EngineRequest.of(rig, Path()), AudioFormat(48000, 256, 1, waits=True), FEATURES
    )
    assert _core.Engine(settings, make_networks()).channels_in == 1


def test_what_an_engine_is_started_with_comes_out_as_it_went_in() -> None:
    rig = Rig.model_validate(
        {"audio": {"backend": "dummy"}, "networks": {"melody": {"file": "/x.json", "optional": True}}}
    )
    start = Start(
        engine=EngineRequest.of(rig, Path("/rigs")),
        audio=rig.audio.model_dump(mode="json"),
        wires=None,
        rate={"found": 44100.0},
        queues=["/queue"],
        wait=True,
        retry_s=(0.1, 1.0),
        played_s=2.5,
        continuation={"bar": 3},
    )
    sent = json.loads(json.dumps(start.as_json()))
    assert Start.from_json(sent) == start
    assert start.engine.networks.files["melody"] == NetworkFile("/x.json", optional=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tonic": 12}, r"music: tonic must be -1 \(the key that is heard\) or 0 \(C\) to 11 \(B\)"),
        ({"beats_per_bar": 8}, "music: beats_per_bar must be 2 to 7"),
    ],
)
def test_why_the_musician_refuses_a_setting_is_said(change: dict[str, Any], message: str) -> None:
    rig = Rig.model_validate({"audio": {"backend": "dummy"}})
    request = EngineRequest.of(rig, Path())
    wrong = replace(request, music={**request.music, **change})
    with pytest.raises(ValueError, match=message):
        build_engine(wrong, AudioFormat(48000, 256, 1), {})
