"""What a rig's `music` may say: how the band plays, in what time and in which parts."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import Field, model_validator

from emohost import vocabulary
from emohost.chart import ChartError, parse_chart
from emohost.config.keys import Key
from emohost.config.section import FilePath, Section, cross_field, made, sections

PARTS = vocabulary.PART_NAMES
Channel = Annotated[int, Field(ge=1, le=16, description="MIDI channel")]
Note = Annotated[int, Field(ge=0, le=127, description="MIDI note, 60 is middle C")]

PROGRAM = "General MIDI program to send at start, 0 to 127; null: none"


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
    section: type[Part] = made(__name__, part.name.capitalize(), Part, fields)
    return section


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

    class Parts(PartsBase):
        def __getattr__(self, part: str) -> Part: ...

    ControlSource: TypeAlias = str
    ClockSource: TypeAlias = str
    Fallback: TypeAlias = str
    EnterHow: TypeAlias = str
    Play: TypeAlias = str
    Listen: TypeAlias = str
else:
    Parts = sections(
        __name__,
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
    jack: bool = Field(
        False,
        description="Be a client of JACK's transport also where another clock leads, so that it can be made to lead",
    )
    jack_timebase: bool = Field(
        False,
        description="Say bars, beats and tempo for all of JACK's clients (timebase master), unless another one does",
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
    style: str = Field(
        "auto",
        min_length=1,
        max_length=4096,
        description="What it plays in: auto (by what is heard), "
        + ", ".join(style.name for style in vocabulary.STYLES[1:-1])
        + ", or a path to a style's YAML file (docs/styles.md)",
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
    def _style_is_known(self) -> Music:
        names = [style.name for style in vocabulary.STYLES[:-1]]
        if self.style not in names and not self.style.lower().endswith((".yaml", ".yml")):
            near = get_close_matches(self.style.lower(), names, n=1)
            meant = f" (did you mean '{near[0]}'?)" if near else ""
            expected = f"one of {', '.join(names)}, or a path that ends in .yaml{meant}"
            raise cross_field(f"'{self.style[:60]}'", expected, ("style",))
        return self

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
