"""What a rig's YAML file may say: the pydantic models, with defaults, ranges and a line of help per key.

Paths are relative to the file; `emohost.config.load` resolves them. `emohost schema` prints this as JSON Schema.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

ROLES = ("emotion", "melody", "harmony", "dynamics", "groove")
PARTS = ("melody", "chords", "bass", "drums", "accents")
Channel = Annotated[int, Field(ge=1, le=16, description="MIDI channel, 1 to 16")]
Note = Annotated[int, Field(ge=0, le=127, description="MIDI note, 60 is middle C")]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class PortAudio(Section):
    """A sound card, JACK or another device, through PortAudio."""

    backend: Literal["portaudio"]
    device: str | None = Field(None, description="Device name, exact or a unique part of it; absent: the default")
    host_api: str | None = Field(None, description="PortAudio host API, exact or a unique part: 'JACK', 'ALSA' …")
    sample_rate: float = Field(48000, ge=8000, le=192000, description="Hz")
    block_size: int = Field(256, ge=0, le=8192, description="Frames per block; 0: as the device likes")
    input_channels: int = Field(1, ge=1, le=64)
    output_channels: int = Field(0, ge=0, le=64, description="0: input only; more: full duplex")
    pass_through: bool = Field(False, description="Copy the input to the output")
    latency_s: float | None = Field(None, gt=0, le=2, description="Latency to ask the device for, seconds")

    @model_validator(mode="after")
    def _pass_through_needs_an_output(self) -> PortAudio:
        if self.pass_through and self.output_channels == 0:
            raise ValueError("pass_through needs output_channels of at least 1")
        return self


class AudioFile(Section):
    """A WAV or FLAC file, played into the engine."""

    backend: Literal["file"]
    path: Path = Field(description="WAV or FLAC file")
    paced: bool = Field(True, description="In real time; false: as fast as possible")
    loop: bool = False
    block_size: int = Field(256, ge=1, le=8192, description="Frames per block")


class Dummy(Section):
    """No device: a clock with silence or noise."""

    backend: Literal["dummy"]
    signal: Literal["silence", "noise"] = "silence"
    level_db: float = Field(-20, ge=-120, le=0, description="RMS of the noise, dBFS")
    sample_rate: float = Field(48000, ge=8000, le=192000, description="Hz")
    block_size: int = Field(256, ge=1, le=8192, description="Frames per block")
    duration_s: float | None = Field(None, gt=0, description="Stop by itself after so many seconds")


Audio = Annotated[PortAudio | AudioFile | Dummy, Field(discriminator="backend")]


class Network(Section):
    """One network's file. Relative names are looked for in the config's folder, $EMOHOST_MODELS, the user's data
    folder and the package, in that order."""

    file: Path | None = Field(None, description="Model file; absent: the standard name of the role")
    optional: bool = Field(False, description="Start without it if it cannot be loaded: its part is silent")
    activations: list[str] | None = Field(
        None, description="Activations by weighted layer, for files that do not name them"
    )


class Networks(Section):
    emotion: Network = Network()
    melody: Network = Network()
    harmony: Network = Network()
    dynamics: Network = Network()
    groove: Network = Network()


class Part(Section):
    enabled: bool = True
    channel: Channel = 1
    low: Note = 0
    high: Note = 127
    program: int | None = Field(None, ge=0, le=127, description="General MIDI program to send at start (0-127)")
    density: float = Field(1, ge=0, le=2, description="Factor on how many notes are played")
    velocity: float = Field(1, ge=0, le=2, description="Factor on velocities")

    @model_validator(mode="after")
    def _range_holds_an_octave(self) -> Part:
        if self.high - self.low < 11:
            raise ValueError(f"low {self.low} to high {self.high} must span at least an octave (12 notes)")
        return self


class Melody(Part):
    channel: Channel = 1
    low: Note = 60
    high: Note = 84
    program: int | None = Field(0, ge=0, le=127)


class Chords(Part):
    channel: Channel = 2
    low: Note = 48
    high: Note = 76
    program: int | None = Field(4, ge=0, le=127)


class Bass(Part):
    channel: Channel = 3
    low: Note = 28
    high: Note = 52
    program: int | None = Field(33, ge=0, le=127)


class Drums(Part):
    channel: Channel = 10


class Accents(Part):
    """Answers each onset heard at once, on a chord tone."""

    enabled: bool = False
    channel: Channel = 5
    low: Note = 60
    high: Note = 96
    program: int | None = Field(11, ge=0, le=127)


class Parts(Section):
    melody: Melody = Melody()
    chords: Chords = Chords()
    bass: Bass = Bass()
    drums: Drums = Drums()
    accents: Accents = Accents()

    @model_validator(mode="after")
    def _channels_of_their_own(self) -> Parts:
        seen: dict[int, str] = {}
        for name in PARTS:
            part: Part = getattr(self, name)
            if part.channel in seen:
                raise ValueError(f"{name} and {seen[part.channel]} share channel {part.channel}; each needs its own")
            seen[part.channel] = name
        return self


class ControlSource(str, Enum):
    valence = "valence"
    arousal = "arousal"
    level = "level"
    expression = "expression"
    brightness = "brightness"
    modulation = "modulation"
    reverb = "reverb"
    chorus = "chorus"
    attack = "attack"
    release = "release"


class Control(Section):
    """A control change that follows what the host hears and feels, to automate a DAW or a synth by."""

    source: ControlSource
    channel: Channel = 16
    controller: int = Field(ge=0, le=119, description="MIDI controller number")
    low: int = Field(0, ge=0, le=127, description="Value at the source's minimum")
    high: int = Field(127, ge=0, le=127, description="Value at the source's maximum")


class Music(Section):
    tempo: float = Field(100, ge=20, le=300, description="Beats per minute")
    beats_per_bar: int = Field(4, ge=2, le=7)
    key: str = Field(
        "auto",
        pattern=r"^(auto|[A-G](#|b)? (major|minor))$",
        description="'auto' follows the key heard; or 'C minor', 'F# major' …",
    )
    play: Literal["when_heard", "always"] = Field("when_heard", description="when_heard: rest while nothing sounds")
    gate_db: float = Field(-60, ge=-120, le=0, description="Level below which nothing counts as heard, dBFS")
    seed: int = Field(1, ge=0, le=2**63 - 1, description="The same audio, seed and configuration give the same MIDI")
    parts: Parts = Parts()
    controls: list[Control] = Field(
        [Control(source=ControlSource.valence, controller=20), Control(source=ControlSource.arousal, controller=21)],
        max_length=32,
    )


class Midi(Section):
    api: Literal["auto", "alsa", "jack", "coremidi", "windows", "none"] = Field(
        "auto", description="MIDI system; 'none': no port (the MIDI file alone)"
    )
    client: str = Field("emohost", min_length=1, max_length=63, description="Client name other programs see")
    port: str = Field("midi_out", min_length=1, max_length=63, description="Name of the virtual port")
    connect: str | None = Field(
        None, description="An existing port to play into instead, exact name or a unique part (needed on Windows)"
    )
    delay_ms: float = Field(10, ge=0, le=1000, description="Fixed delay that hides the quantisation to blocks")
    active_sensing: bool = Field(False, description="Send 0xFE every 250 ms, so that synths notice a broken cable")


class Output(Section):
    midi_file: Path | None = Field(None, description="Write what was played as a Standard MIDI File")
    plot: Path | None = Field(None, description="Draw emotion, chords and piano roll as a picture (.png, .svg, .pdf)")


class Supervision(Section):
    """When the engine counts as lost, and how it is brought back."""

    stall_s: float = Field(0.25, ge=0.1, le=10, description="No block for so long: notes off, restart the engine")
    restart: bool = Field(True, description="false: stop with an error instead")
    retry_min_s: float = Field(0.1, ge=0.05, le=10)
    retry_max_s: float = Field(1.0, ge=0.05, le=60, description="Longest pause between two tries")


class Rig(Section):
    """One rig: what comes in, what plays, where it goes."""

    name: str = Field("rig", min_length=1, max_length=63)
    audio: Audio
    networks: Networks = Networks()
    music: Music = Music()
    midi: Midi = Midi()
    output: Output = Output()
    supervision: Supervision = Supervision()
