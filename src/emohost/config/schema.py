"""What a rig's YAML file may say: the pydantic models, with defaults, ranges and a line of help per key.

Paths are relative to the file; `emohost.config.load` resolves them. `emohost schema` prints this as JSON Schema: a
first line `# yaml-language-server: $schema=rig.schema.json` makes an editor complete and check a rig by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import Field, create_model, model_validator

from emohost import vocabulary
from emohost.chart import ChartError, parse_chart
from emohost.config.bridge import Bridge
from emohost.config.control import Remote
from emohost.config.keys import Key
from emohost.config.section import FilePath, Section, cross_field
from emohost.outputs import MIDI_FILES, PICTURES, wrong_ending

ROLES, PARTS = vocabulary.ROLE_NAMES, vocabulary.PART_NAMES
LARGEST_BLOCK = int(vocabulary.BLOCK.high)
Channel = Annotated[int, Field(ge=1, le=16, description="MIDI channel")]
Note = Annotated[int, Field(ge=0, le=127, description="MIDI note, 60 is middle C")]

MOST_CHANNELS = 64
SampleRate = Annotated[float, Field(ge=vocabulary.SAMPLE_RATE.low, le=vocabulary.SAMPLE_RATE.high)]
PortNames = Annotated[
    list[Annotated[str, Field(min_length=1)]], Field(min_length=1, max_length=MOST_CHANNELS)
]
Channels = Annotated[
    list[Annotated[int, Field(ge=1, le=MOST_CHANNELS)]], Field(min_length=1, max_length=MOST_CHANNELS)
]

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
    client: str | None = Field(
        None,
        min_length=1,
        max_length=48,
        description="Name of its client under JACK; absent: that of the MIDI ports (where another host runs, the rig's "
        "name) and '-audio'",
    )
    connect: Literal["device", "none"] | PortNames = Field(
        "device",
        description="Under JACK, what its inputs are connected to at the start; device: the device's own ports, none: "
        "nothing, it is left to you; or names of ports, exact or a unique part, a name for each channel heard; each is "
        "waited for",
    )
    sample_rate: Literal["auto"] | SampleRate = Field("auto", description="Hz; auto: the device's own")
    block_size: int = Field(
        256, ge=0, le=LARGEST_BLOCK, description="Frames per block; 0: as the device likes"
    )
    input_channels: int | None = Field(
        None,
        ge=1,
        le=MOST_CHANNELS,
        description="Channels to open; absent: as many as 'channels' and 'connect' name, else 1",
    )
    channels: Channels | None = Field(
        None, description="Which of them are heard (mixed, if several), from 1; absent: all that are open"
    )
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

    @model_validator(mode="after")
    def _channels_are_open(self) -> PortAudio:
        heard = self.channels or list(range(1, (self.input_channels or MOST_CHANNELS) + 1))
        if self.input_channels is not None and max(heard) > self.input_channels:
            raise cross_field(
                f"channel {max(heard)} of {self.input_channels}",
                "channels up to input_channels",
                ("channels",),
                ("input_channels",),
            )
        if not isinstance(self.connect, str) and len(self.connect) > len(heard):
            raise cross_field(
                f"{len(self.connect)} ports for {len(heard)} channels",
                "a port for each channel that is heard, at most",
                ("connect",),
                ("channels",) if self.channels else ("input_channels",),
            )
        return self


class AudioFile(Section):
    """A sound file, played into the engine: WAV, FLAC, Ogg, MP3, AIFF, CAF, AU, W64 and others."""

    backend: Literal["file"] = Field(description="A sound file")
    path: FilePath = Field(description="WAV, FLAC, Ogg, MP3, AIFF, CAF, AU, W64 and others")
    paced: bool = Field(True, description="In real time; false: as fast as possible")
    loop: bool = Field(False, description="Start again at the end, for ever")
    channels: Channels | None = Field(
        None, description="Which of its channels are heard (mixed, if several), from 1; absent: all"
    )
    block_size: int = Field(256, ge=1, le=LARGEST_BLOCK, description="Frames per block")


class Dummy(Section):
    """No device: a clock with silence or noise."""

    backend: Literal["dummy"] = Field(description="No device: a clock with silence or noise")
    signal: Literal["silence", "noise"] = Field("silence", description="What is heard")
    level_db: float = Field(-20, ge=-120, le=0, description="RMS of the noise, dBFS")
    sample_rate: float = Field(
        48000, ge=vocabulary.SAMPLE_RATE.low, le=vocabulary.SAMPLE_RATE.high, description="Hz"
    )
    block_size: int = Field(256, ge=1, le=LARGEST_BLOCK, description="Frames per block")
    duration_s: float | None = Field(None, gt=0, description="Stop by itself after so many seconds")


Audio = Annotated[
    PortAudio | AudioFile | Dummy,
    Field(discriminator="backend", description="Where sound comes from, by 'backend'"),
]


class Network(Section):
    """One network's file. Relative names are looked for in the config's folder, $EMOHOST_MODELS, the user's data
    folder and the package, in that order."""

    file: FilePath | None = Field(None, description="Model file; absent: the standard name of the role")
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


def _sections(name: str, doc: str, base: type[Section], members: dict[str, tuple[Section, str]]) -> Any:
    """A section with a member for each name of a table: (its default, one line of help)."""
    fields: dict[str, Any] = {
        key: (type(default), Field(default, description=help)) for key, (default, help) in members.items()
    }
    return _made(name, base, fields, __doc__=doc)


def _made(name: str, base: type[Section], fields: dict[str, Any], **more: Any) -> Any:
    """A section of that name, also in this module: there pickle looks for it when a rig goes to another process."""
    assert name not in globals(), name
    globals()[name] = section = create_model(name, __base__=base, __module__=__name__, **more, **fields)
    return section


if TYPE_CHECKING:
    Networks: TypeAlias = Section
else:
    Networks = _sections(
        "Networks",
        "The networks, by role.",
        Section,
        {role.name: (Network(optional=role.optional), role.help) for role in vocabulary.ROLES},
    )


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


def _usual(part: vocabulary.Part) -> type[Part]:
    """The section of one part, with its usual settings."""
    fields: dict[str, Any] = {
        "enabled": (bool, Field(part.enabled, description="Whether this part plays")),
        "channel": (Channel, part.channel),
        "low": (Note, Field(part.low, description="Lowest note it plays, 60 is middle C")),
        "high": (Note, Field(part.high, description="Highest note it plays")),
        "program": (int | None, Field(part.program, ge=0, le=127, description=PROGRAM)),
    }
    made: type[Part] = _made(part.name.capitalize(), Part, fields)
    return made


class PartsBase(Section):
    """What plays, each part on a channel of its own."""

    @model_validator(mode="after")
    def _channels_of_their_own(self) -> PartsBase:
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


if TYPE_CHECKING:
    Parts: TypeAlias = PartsBase
    ControlSource: TypeAlias = str
    ClockSource: TypeAlias = str
    Fallback: TypeAlias = str
    EnterHow: TypeAlias = str
    Play: TypeAlias = str
    Listen: TypeAlias = str
else:
    Parts = _sections(
        "Parts",
        PartsBase.__doc__,
        PartsBase,
        {part.name: (_usual(part)(), part.help) for part in vocabulary.PARTS},
    )
    ControlSource = Literal[tuple(source.name for source in vocabulary.CONTROL_SOURCES)]
    ClockSource = Literal[tuple(source.name for source in vocabulary.CLOCK_SOURCES)]
    Fallback = Literal[tuple(fallback.name for fallback in vocabulary.FALLBACKS)]
    EnterHow = Literal[tuple(how.name for how in vocabulary.ENTER)]
    Play = Literal[tuple(play.name for play in vocabulary.PLAY)]
    Listen = Literal[tuple(how.name for how in vocabulary.LISTEN)]


class Control(Section):
    """A control change that follows what the host hears and feels, to automate a DAW or a synth by."""

    source: ControlSource = Field(description="What it follows")
    channel: Channel = 16
    controller: int = Field(ge=0, le=119, description="MIDI controller number")
    low: int = Field(0, ge=0, le=127, description="Value at the source's minimum")
    high: int = Field(127, ge=0, le=127, description="Value at the source's maximum")


class Clock(Section):
    """What leads in time. It can be changed while the host plays."""

    source: ClockSource = Field(
        "follow", description="What leads; follow: the beat heard, internal: music.tempo, and what is tapped"
    )
    fallback: Fallback = Field("hold", description="What holds when that clock is lost")
    link: bool = Field(
        False, description="Join the Ableton Link session also where another clock leads: the host leads it"
    )
    slowest: float = Field(
        48,
        ge=vocabulary.HEARD_TEMPO.low,
        le=vocabulary.HEARD_TEMPO.high,
        description="Beats per minute: a slower beat is not looked for in the audio",
    )
    fastest: float = Field(
        215,
        ge=vocabulary.HEARD_TEMPO.low,
        le=vocabulary.HEARD_TEMPO.high,
        description="Likewise a faster one. Less than twice the slowest: half and double tempo are no question",
    )
    metre: Literal["configured", "found"] = Field(
        "configured", description="configured: music.beats_per_bar; found: that of the clock, where it knows"
    )

    @model_validator(mode="after")
    def _range_has_room(self) -> Clock:
        if self.fastest < 1.25 * self.slowest:
            raise cross_field(
                f"slowest {self.slowest:g} with fastest {self.fastest:g}",
                "a fastest at least 1.25 times the slowest",
                ("slowest",),
                ("fastest",),
            )
        return self


class Enter(Section):
    """How the band comes in."""

    how: EnterHow | None = Field(
        None, description="Absent: it listens first where the beat is heard, else it enters at once"
    )
    bars: int | None = Field(
        None,
        ge=0,
        le=64,
        description="Bars that it listens to a beat it trusts, or counts in. Absent: 1 to listen, 2 to count in",
    )


class Music(Section):
    """How it plays."""

    tempo: float = Field(
        100,
        ge=vocabulary.TEMPO.low,
        le=vocabulary.TEMPO.high,
        description="Beats per minute",
    )
    beats_per_bar: int = Field(
        4,
        ge=int(vocabulary.BEATS_PER_BAR.low),
        le=int(vocabulary.BEATS_PER_BAR.high),
        description="Beats in a bar",
    )
    clock: Clock = Field(Clock(), description="What leads in time")
    enter: Enter = Field(Enter(), description="How the band comes in")
    key: Key = Field("auto", description="'auto' follows the key heard; or 'C minor', 'F# major', 'Bbm' …")
    chart: str | None = Field(
        None,
        max_length=64 * 1024,
        description="The chords, bar by bar, played from the first bar on: 'C | Am7 D7 | % | ||: F | G :||'",
    )
    chart_file: FilePath | None = Field(
        None, description="The same from a text file: bars, ChordPro's grids, or an irealbook:// link"
    )
    play: Play = Field(
        "when_music",
        description="when_music: rest while what is heard is no music; a rhythm without pitch gets drums, and bass "
        "once a key is known, a single tone its root and fifth. when_heard: rest while nothing sounds",
    )
    listen: Listen = Field(
        "follow",
        description="How it listens to the player: follow: as much as the player, answer: its melody in the player's "
        "gaps, lead: as it likes",
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
    usual_db: float = Field(
        -30,
        ge=-80,
        le=0,
        description="The level that a player is taken to have for the first minute or two, dBFS, until the calibration "
        "knows better",
    )
    seed: int = Field(
        1, ge=0, le=2**63 - 1, description="The same audio, seed and configuration give the same MIDI"
    )
    parts: Parts = Field(Parts(), description="What plays, each part on a channel of its own")
    controls: list[Control] = Field(
        [
            Control(source="valence", controller=20),
            Control(source="arousal", controller=21),
        ],
        max_length=32,
        description="Control changes that follow what is heard, to automate a DAW or a synth by",
    )

    @model_validator(mode="after")
    def _chart_can_be_read(self) -> Music:
        if self.chart is not None and self.chart_file is not None:
            raise cross_field("chart and chart_file", "one of the two", ("chart_file",), ("chart",))
        if self.chart is not None:
            try:
                parse_chart(self.chart, self.beats_per_bar)
            except ChartError as error:
                found, _, expected = str(error).removeprefix("found ").partition("; expected ")
                raise cross_field(
                    f"{found} (line {error.line}, column {error.column})", expected, ("chart",)
                ) from None
        return self


class MidiInput(Section):
    """Where MIDI comes in: a clock, pads, a keyboard."""

    port: str = Field("midi_in", min_length=1, max_length=63, description="Name of the virtual port")
    connect: str | None = Field(
        None,
        description="An existing port to listen to, exact name or a unique part; waited for if it is not there yet "
        "(needed on Windows)",
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
        description="An existing port to play into instead, exact name or a unique part; waited for if it is not there "
        "yet (needed on Windows)",
    )
    inputs: list[MidiInput] = Field(
        [], max_length=8, description="Ports that MIDI comes in through; a MIDI clock may lead (music.clock)"
    )
    delay_ms: float = Field(
        10,
        ge=0,
        le=1000,
        description="From sound to note, so that no note is late; under JACK at least a block and 5 ms",
    )
    clock_out: bool = Field(
        False, description="Send MIDI clock, start, stop and song position, for others to follow"
    )
    active_sensing: bool = Field(
        False, description="Send 0xFE every 250 ms, so that synths notice a broken cable"
    )

    @model_validator(mode="after")
    def _inputs_have_names_of_their_own(self) -> Midi:
        names = [each.port for each in self.inputs]
        for index, name in enumerate(names):
            if name in names[:index] or name == self.port:
                place = ("inputs", index, "port")
                raise cross_field(f"'{name}' twice", "a name of its own for each port", place)  # type: ignore[arg-type]
        return self


class Output(Section):
    """Files that a run leaves behind."""

    midi_file: FilePath | None = Field(
        None, description="Write what was played as a Standard MIDI File (.mid, .midi)"
    )
    plot: FilePath | None = Field(
        None, description="Draw emotion, chords and piano roll as a picture (.png, .svg, .pdf)"
    )

    takes: Literal["number", "overwrite"] | None = Field(
        None,
        description="number: take-001.mid, take-002.mid ... for take.mid, and the plot likewise; overwrite: replace "
        "the last one; absent: number where a device is heard, else overwrite",
    )

    @model_validator(mode="after")
    def _names_of_their_kinds(self) -> Output:
        for name, endings in (("midi_file", MIDI_FILES), ("plot", PICTURES)):
            path: FilePath | None = getattr(self, name)
            if path is not None and wrong_ending(path, endings):
                raise cross_field(f"'{path.name}'", f"a name that ends in {', '.join(endings)}", (name,))
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
    spare: bool = Field(
        True,
        description="Keep another engine loaded, to take a lost one's place at once; false saves its memory",
    )
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
        Networks(), description="The networks: absent, the standard names are searched for"
    )
    music: Music = Field(Music(), description="How it plays")
    midi: Midi = Field(Midi(), description="Where the notes go")
    output: Output = Field(Output(), description="Files that a run leaves behind")
    bridge: Bridge = Field(
        Bridge(), description="Side B: emotion from people and programs, beside what is heard"
    )
    control: Remote = Field(Remote(), description="How it is steered from outside, besides the command line")
    engine: Engine = Field(Engine(), description="How the networks are computed")
    supervision: Supervision = Field(
        Supervision(), description="When the engine counts as lost, and how it is brought back"
    )
