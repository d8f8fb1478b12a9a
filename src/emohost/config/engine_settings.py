"""What the native engine is told of a rig: the nested dict that `emohost._core.Engine` takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emohost.config.schema import PARTS, Control, Music, Part, Rig

CONTROL_INTERVAL_S = 0.05
PITCH_CLASSES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
ACCIDENTALS = {"": 0, "#": 1, "b": -1}
HEARD_KEY = -1
CALIBRATED = 0.0


def engine_settings(
    rig: Rig,
    *,
    sample_rate: float,
    channels_in: int,
    channels_out: int = 0,
    pass_through: bool = False,
    sheds: bool = False,
    between_ticks: bool = True,
    max_block: int,
    features: Mapping[str, Any],
) -> dict[str, Any]:
    """Settings for `_core.Engine`.

    `sample_rate` (Hz), channels and `max_block` (frames) are those of the device or file that is open; `features` is
    `emohost.networks.feature_settings()` of the emotion network. `sheds`: under overload work may be left out
    (ext/core/overload.h), for live rigs alone. Without `between_ticks` the networks run on their ticks alone. MIDI
    channels count from 0 here.
    """
    return {
        "sample_rate": float(sample_rate),
        "max_block": max_block,
        "channels_in": channels_in,
        "channels_out": channels_out,
        "pass_through": pass_through,
        "sheds": sheds,
        "between_ticks": between_ticks,
        "listener": {
            **features,
            "gate_db": rig.music.gate_db,
            "reference_db": rig.music.reference_db or CALIBRATED,
        },
        "music": _music(rig.music),
    }


def parse_key(key: str) -> tuple[int, bool]:
    """(tonic, minor) of 'auto' (tonic -1), 'C minor', 'F# major', 'Bb minor' …; tonic 0 is C."""
    if key == "auto":
        return HEARD_KEY, False
    name, mode = key.split()
    return (PITCH_CLASSES[name[0]] + ACCIDENTALS[name[1:]]) % 12, mode == "minor"


def _music(music: Music) -> dict[str, Any]:
    tonic, minor = parse_key(music.key)
    return {
        "seed": music.seed,
        "tempo": music.tempo,
        "beats_per_bar": music.beats_per_bar,
        "when_heard": music.play == "when_heard",
        "tonic": tonic,
        "minor": minor,
        "humanise": music.humanise,
        "control_interval_s": CONTROL_INTERVAL_S,
        "parts": {name: _part(getattr(music.parts, name)) for name in PARTS},
        "controls": [_control(control) for control in music.controls],
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "enabled": part.enabled,
        "channel": part.channel - 1,
        "low": part.low,
        "high": part.high,
        "program": -1 if part.program is None else part.program,
        "density": part.density,
        "velocity": part.velocity,
    }


def _control(control: Control) -> dict[str, Any]:
    return {
        "source": control.source.value,
        "channel": control.channel - 1,
        "controller": control.controller,
        "low": control.low,
        "high": control.high,
    }
