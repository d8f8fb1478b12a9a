"""What a rig's YAML file may say: the pydantic models, with defaults, ranges and a line of help per key.

Paths are relative to the file; `emohost.config.load` resolves them. `emohost schema` prints this as JSON Schema: a
first line `# yaml-language-server: $schema=rig.schema.json` makes an editor complete and check a rig by it.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from emohost.config.bridge import Bridge
from emohost.config.section import Section, cross_field

ROLES = ("emotion", "melody", "harmony", "dynamics", "groove")
PARTS = ("melody", "chords", "bass", "drums", "accents")
Channel = Annotated[int, Field(ge=1, le=16, description="MIDI channel")]
Note = Annotated[int, Field(ge=0, le=127, description="MIDI note, 60 is middle C")]

PICTURES = (".png", ".svg", ".pdf")
PROGRAM = "General MIDI program to send at start, 0 to 127; null: none"


class PortAudio(Section):
    """A sound card, JACK or another device, through PortAudio."""

    backend: Literal["portaudio"] = Field(description="A sound card, JACK or another device")
    device: str | None = Field(
        None, description="Device name, exact or a unique part of it; absent: the default"
    )
    host_api: str | None = Field(
        None, description="PortAudio host API, exact or a unique part: 'JACK', 'ALSA' …"
    )
    sample_rate: float = Field(48000, ge=8000, le=192000, description="Hz")
    block_size: int = Field(256, ge=0, le=8192, description="Frames per block; 0: as the device likes")
    input_channels: int = Field(1, ge=1, le=64, description="Channels to listen to; they are mixed")
    output_channels: int = Field(0, ge=0, le=64, description="0: input only; more: full duplex")
    pass_through: bool = Field(False, description="Copy the input to the output")
    latency_s: float | None = Field(None, gt=0, le=2, description="Latency to ask the device for, seconds")

    @model_validator(mode="after")
    def _pass_through_needs_an_output(self) -> PortAudio:
        if self.pass_through and self.output_channels == 0:
            raise cross_field(
                "pass_through with output_channels 0",
                "output_channels of at least 1",
                ("pass_through",),
                ("output_channels",),
            )
        return self


class AudioFile(Section):
    """A WAV or FLAC file, played into the engine."""

    backend: Literal["file"] = Field(description="A WAV or FLAC file")
    path: Path = Field(description="WAV or FLAC file")
    paced: bool = Field(True, description="In real time; false: as fast as possible")
    loop: bool = Field(False, description="Start again at the end, for ever")
    block_size: int = Field(256, ge=1, le=8192, description="Frames per block")


class Dummy(Section):
    """No device: a clock with silence or noise."""

    backend: Literal["dummy"] = Field(description="No device: a clock with silence or noise")
    signal: Literal["silence", "noise"] = Field("silence", description="What is heard")
    level_db: float = Field(-20, ge=-120, le=0, description="RMS of the noise, dBFS")
    sample_rate: float = Field(48000, ge=8000, le=192000, description="Hz")
    block_size: int = Field(256, ge=1, le=8192, description="Frames per block")
    duration_s: float | None = Field(None, gt=0, description="Stop by itself after so many seconds")


Audio = Annotated[
    PortAudio | AudioFile | Dummy,
    Field(discriminator="backend", description="Where sound comes from, by 'backend'"),
]


class Network(Section):
    """One network's file. Relative names are looked for in the config's folder, $EMOHOST_MODELS, the user's data
    folder and the package, in that order."""

    file: Path | None = Field(None, description="Model file; absent: the standard name of the role")
    optional: bool = Field(False, description="Start without it if it cannot be loaded: its part is silent")
    activations: list[str] | None = Field(
        None, description="Activations by weighted layer, for files that do not name them"
    )
    dilations: list[int] | None = Field(
        None, description="Dilations by convolution, for files that do not name them (PyTorch state_dict)"
    )
    groups: list[int] | None = Field(
        None, description="Groups by convolution, for files that do not name them (PyTorch state_dict)"
    )


class Networks(Section):
    """The five networks, by role."""

    emotion: Network = Field(Network(), description="Features heard to emotion")
    melody: Network = Field(Network(), description="Emotion to melody notes")
    harmony: Network = Field(Network(), description="Emotion and what is heard to chords")
    dynamics: Network = Field(Network(), description="Emotion and level to velocities, gates and expression")
    groove: Network = Field(Network(), description="Emotion to emphasis and timing of sixteenths")


class Part(Section):
    enabled: bool = Field(True, description="Whether this part plays")
    channel: Channel = 1
    low: Note = Field(0, description="Lowest note it plays, 60 is middle C")
    high: Note = Field(127, description="Highest note it plays")
    program: int | None = Field(None, ge=0, le=127, description=PROGRAM)
    density: float = Field(1, ge=0, le=2, description="Factor on how many notes are played")
    velocity: float = Field(1, ge=0, le=2, description="Factor on velocities")

    @model_validator(mode="after")
    def _range_holds_an_octave(self) -> Part:
        if self.high - self.low < 11:
            raise cross_field(
                f"low {self.low} to high {self.high}", "at least an octave (12 notes)", ("low",), ("high",)
            )
        return self


class Melody(Part):
    channel: Channel = 1
    low: Note = Field(60, description="Lowest note it plays, 60 is middle C")
    high: Note = Field(84, description="Highest note it plays")
    program: int | None = Field(0, ge=0, le=127, description=PROGRAM)


class Chords(Part):
    channel: Channel = 2
    low: Note = Field(48, description="Lowest note it plays, 60 is middle C")
    high: Note = Field(76, description="Highest note it plays")
    program: int | None = Field(4, ge=0, le=127, description=PROGRAM)


class Bass(Part):
    channel: Channel = 3
    low: Note = Field(28, description="Lowest note it plays, 60 is middle C")
    high: Note = Field(52, description="Highest note it plays")
    program: int | None = Field(33, ge=0, le=127, description=PROGRAM)


class Drums(Part):
    channel: Channel = 10


class Accents(Part):
    """Answers each onset heard at once, on a chord tone."""

    enabled: bool = Field(False, description="Whether this part plays")
    channel: Channel = 5
    low: Note = Field(60, description="Lowest note it plays, 60 is middle C")
    high: Note = Field(96, description="Highest note it plays")
    program: int | None = Field(11, ge=0, le=127, description=PROGRAM)


class Parts(Section):
    """What plays, each part on a channel of its own."""

    melody: Melody = Field(Melody(), description="One voice, from the melody network")
    chords: Chords = Field(Chords(), description="Voiced chords, from the harmony network")
    bass: Bass = Field(Bass(), description="One low voice under the chords")
    drums: Drums = Field(Drums(), description="General MIDI drums on the groove")
    accents: Accents = Field(Accents(), description="Answers each onset heard at once, on a chord tone")

    @model_validator(mode="after")
    def _channels_of_their_own(self) -> Parts:
        seen: dict[int, str] = {}
        for name in PARTS:
            part: Part = getattr(self, name)
            if part.channel in seen:
                raise cross_field(
                    f"channel {part.channel}, which is that of {seen[part.channel]}",
                    "a channel of its own",
                    (name, "channel"),
                    (seen[part.channel], "channel"),
                )
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

    source: ControlSource = Field(description="What it follows")
    channel: Channel = 16
    controller: int = Field(ge=0, le=119, description="MIDI controller number")
    low: int = Field(0, ge=0, le=127, description="Value at the source's minimum")
    high: int = Field(127, ge=0, le=127, description="Value at the source's maximum")


class Music(Section):
    """How it plays."""

    tempo: float = Field(100, ge=20, le=300, description="Beats per minute")
    beats_per_bar: int = Field(4, ge=2, le=7, description="Beats in a bar")
    key: str = Field(
        "auto",
        pattern=r"^(auto|[A-G](#|b)? (major|minor))$",
        description="'auto' follows the key heard; or 'C minor', 'F# major' …",
    )
    play: Literal["when_heard", "always"] = Field(
        "when_heard", description="when_heard: rest while nothing sounds"
    )
    humanise: float = Field(
        1,
        ge=0,
        le=2,
        description="Spread of the parts' timing: 1 as human drummers', 0 exactly on the groove",
    )
    gate_db: float = Field(-60, ge=-120, le=0, description="Level below which nothing counts as heard, dBFS")
    reference_db: float | None = Field(
        None,
        ge=-80,
        lt=0,
        description="The player's usual level, dBFS, against which loud and soft are heard; absent: found "
        "by a slow calibration",
    )
    seed: int = Field(
        1, ge=0, le=2**63 - 1, description="The same audio, seed and configuration give the same MIDI"
    )
    parts: Parts = Field(Parts(), description="What plays, each part on a channel of its own")
    controls: list[Control] = Field(
        [
            Control(source=ControlSource.valence, controller=20),
            Control(source=ControlSource.arousal, controller=21),
        ],
        max_length=32,
        description="Control changes that follow what is heard, to automate a DAW or a synth by",
    )


class Midi(Section):
    """Where the notes go."""

    api: Literal["auto", "alsa", "jack", "coremidi", "windows", "none"] = Field(
        "auto", description="MIDI system; 'none': no port (the MIDI file alone)"
    )
    client: str = Field("emohost", min_length=1, max_length=63, description="Client name other programs see")
    port: str = Field("midi_out", min_length=1, max_length=63, description="Name of the virtual port")
    connect: str | None = Field(
        None,
        description="An existing port to play into instead, exact name or a unique part (needed on Windows)",
    )
    delay_ms: float = Field(
        10, ge=0, le=1000, description="Fixed delay that hides the quantisation to blocks"
    )
    active_sensing: bool = Field(
        False, description="Send 0xFE every 250 ms, so that synths notice a broken cable"
    )


class Output(Section):
    """Files that a run leaves behind."""

    midi_file: Path | None = Field(None, description="Write what was played as a Standard MIDI File")
    plot: Path | None = Field(
        None, description="Draw emotion, chords and piano roll as a picture (.png, .svg, .pdf)"
    )

    @model_validator(mode="after")
    def _picture_of_a_known_kind(self) -> Output:
        if self.plot is not None and self.plot.suffix.lower() not in PICTURES:
            raise cross_field(f"'{self.plot.name}'", f"a name that ends in {', '.join(PICTURES)}", ("plot",))
        return self


class Engine(Section):
    """How the networks are computed."""

    precision: Literal["auto", "float32", "float16", "int8"] = Field(
        "auto",
        description="Of the networks' weights; auto: for each the smallest that keeps its outputs within 0.005",
    )


class Supervision(Section):
    """When the engine counts as lost, and how it is brought back."""

    stall_s: float = Field(
        0.25, ge=0.1, le=10, description="No block for so long: notes off, restart the engine"
    )
    restart: bool = Field(True, description="false: stop with an error instead")
    retry_min_s: float = Field(0.1, ge=0.05, le=10, description="First pause before another try, seconds")
    retry_max_s: float = Field(1.0, ge=0.05, le=60, description="Longest pause between two tries, seconds")

    @model_validator(mode="after")
    def _shortest_before_longest(self) -> Supervision:
        if self.retry_min_s > self.retry_max_s:
            raise cross_field(
                f"retry_min_s {self.retry_min_s:g} above retry_max_s {self.retry_max_s:g}",
                "retry_min_s at most retry_max_s",
                ("retry_min_s",),
                ("retry_max_s",),
            )
        return self


class Rig(Section):
    """One rig: what comes in, what plays, where it goes."""

    name: str = Field("rig", min_length=1, max_length=63, description="Name of the rig, for people")
    audio: Audio
    networks: Networks = Field(
        Networks(), description="The five networks: absent, the standard names are searched for"
    )
    music: Music = Field(Music(), description="How it plays")
    midi: Midi = Field(Midi(), description="Where the notes go")
    output: Output = Field(Output(), description="Files that a run leaves behind")
    bridge: Bridge = Field(
        Bridge(), description="Side B: emotion from people and programs, beside what is heard"
    )
    engine: Engine = Field(Engine(), description="How the networks are computed")
    supervision: Supervision = Field(
        Supervision(), description="When the engine counts as lost, and how it is brought back"
    )
