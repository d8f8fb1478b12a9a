"""What an engine is asked to be: all that a rig says of it, complete when it is made, and fit to be sent as JSON.

It knows nothing of the source (`AudioFormat`) and of what the networks need (`feature_settings`): whoever builds the
engine asks those first (`emohost.engine.build`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emohost.chart import parse_chart
from emohost.networks.sets import NetworkFile, network_files
from emohost.styles.load import compiled_styles, style_choice
from emohost.vocabulary import PART_NAMES

if TYPE_CHECKING:  # slow to import, and an engine's process never needs it
    from emohost.config.midi import Midi
    from emohost.config.music import Control, Music, Part
    from emohost.config.schema import Rig

PITCH_CLASSES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
ACCIDENTALS = {"": 0, "#": 1, "b": -1}
HEARD_KEY = -1
MUSICAL = ("chord", "key", "ears")  # what an engine does with a MIDI input
CALIBRATED = 0.0


@dataclass(frozen=True)
class NetworksRequest:
    """What is loaded; a spare engine is given this much."""

    files: Mapping[str, NetworkFile]  # by role
    base: str  # the folder in which they are looked for first
    precision: str

    @classmethod
    def of(cls, rig: Rig, base: Path) -> NetworksRequest:
        return cls(network_files(rig.networks), str(base), rig.engine.precision)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, sent: Mapping[str, Any]) -> NetworksRequest:
        files = {role: NetworkFile(**each) for role, each in sent["files"].items()}
        return cls(files, sent["base"], sent["precision"])


@dataclass(frozen=True)
class EngineRequest:
    """An engine, but for its source. `listener` and `music` have the fields of the core's settings; MIDI channels count
    from 0 there."""

    networks: NetworksRequest
    listener: Mapping[str, float]
    music: Mapping[str, Any]

    @classmethod
    def of(cls, rig: Rig, base: Path) -> EngineRequest:
        listener = {
            "gate_db": rig.music.gate_db,
            "reference_db": rig.music.reference_db or CALIBRATED,
            "usual_db": rig.music.usual_db,
            "slowest_bpm": rig.music.clock.slowest,
            "fastest_bpm": rig.music.clock.fastest,
        }
        return cls(NetworksRequest.of(rig, base), listener, _music(rig.music, rig.midi, base))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, sent: Mapping[str, Any]) -> EngineRequest:
        return cls(NetworksRequest.from_json(sent["networks"]), sent["listener"], sent["music"])


@dataclass(frozen=True)
class Start:
    """What an engine's process is started with, but for its memory."""

    engine: EngineRequest
    audio: Mapping[str, Any]  # the rig's `audio`: the process asks the source for its format
    wires: Mapping[str, Any] | None  # JACK's connections that the last engine had
    rate: Mapping[str, Any] | None  # at which blocks came, where it was another than the device said
    queues: list[str]  # of Side B's writers
    wait: bool  # for a device that is not there
    retry_s: tuple[float, float]  # first and longest pause before another try
    played_s: float  # by engines before this one
    continuation: Mapping[str, Any] | None  # where the last one had come to
    record: str | None = None  # memory in which it keeps its run

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, sent: Mapping[str, Any]) -> Start:
        first_s, longest_s = sent["retry_s"]
        return cls(
            engine=EngineRequest.from_json(sent["engine"]),
            audio=sent["audio"],
            wires=sent["wires"],
            rate=sent["rate"],
            queues=sent["queues"],
            wait=sent["wait"],
            retry_s=(first_s, longest_s),
            played_s=sent["played_s"],
            continuation=sent["continuation"],
            record=sent["record"],
        )


def parse_key(key: str) -> tuple[int, bool]:
    """(tonic, minor) of 'auto' (tonic -1), 'C minor', 'F# major', 'Bb minor' …; tonic 0 is C."""
    if key == "auto":
        return HEARD_KEY, False
    name, mode = key.split()
    return (PITCH_CLASSES[name[0]] + ACCIDENTALS[name[1:]]) % 12, mode == "minor"


def _music(music: Music, midi: Midi, base: Path) -> dict[str, Any]:
    tonic, minor = parse_key(music.key)
    return {
        "seed": music.seed,
        "clock": music.clock.source,
        "fallback": music.clock.fallback,
        "output_delay_s": midi.delay_ms / 1000,
        "clock_out": midi.clock_out,
        "metre_found": music.clock.metre == "found",
        "enter": _enter(music),
        "enter_bars": _enter_bars(music),
        "tempo": music.tempo,
        "beats_per_bar": music.beats_per_bar,
        "chart": list(parse_chart(music.chart, music.beats_per_bar).beats) if music.chart else [],
        "play": music.play,
        "listen": music.listen,
        "style": style_choice(music.style),
        "styles": compiled_styles(music.style, base),
        "tonic": tonic,
        "minor": minor,
        "humanise": music.humanise,
        "parts": {name: _part(getattr(music.parts, name)) for name in PART_NAMES},
        "controls": [_control(control) for control in music.controls],
        "inputs": [[use for use in MUSICAL if use in each.use] for each in midi.inputs],
    }


def _enter_bars(music: Music) -> int:
    if music.enter.bars is not None:
        return music.enter.bars
    return 2 if music.enter.how == "count_in" else 1


def _enter(music: Music) -> str:
    if music.enter.how is None:
        return "listen" if music.clock.source == "follow" else "at_once"
    return music.enter.how


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
        "source": control.source,
        "channel": control.channel - 1,
        "controller": control.controller,
        "low": control.low,
        "high": control.high,
    }
