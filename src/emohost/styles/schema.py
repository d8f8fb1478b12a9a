"""What a style's YAML file may say: the pydantic models (docs/styles.md tells it with an example)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import Field, create_model, model_validator

from emohost import vocabulary
from emohost.config.section import Section, cross_field
from emohost.styles import notation
from emohost.styles.notation import NotationError

# General MIDI percussion that a style can name.
PERCUSSION = {
    "kick": 36,
    "snare": 38,
    "rim": 37,
    "clap": 39,
    "hat": 42,
    "pedal_hat": 44,
    "open_hat": 46,
    "ride": 51,
    "bell": 53,
    "crash": 49,
    "splash": 55,
    "high_tom": 48,
    "low_tom": 45,
    "floor_tom": 41,
    "tambourine": 54,
    "cowbell": 56,
    "shaker": 70,
    "cabasa": 69,
    "high_conga": 63,
    "low_conga": 64,
    "claves": 75,
    "triangle": 81,
}
MOST_DRUM_LINES, MOST_FILLS, MOST_FILL_LINES, MOST_LINES = 20, 6, 6, 8  # ext/core/music/styles/style.h
SMALLEST_RANGE = 11  # semitones

Share = Annotated[float, Field(ge=0, le=1)]
Signed = Annotated[float, Field(ge=-1, le=1)]
Onsets = Annotated[float, Field(ge=0, le=40)]
BeatsPerMinute = Annotated[float, Field(ge=vocabulary.TEMPO.low, le=vocabulary.TEMPO.high)]
Note = Annotated[int, Field(ge=0, le=127)]


class Line(Section):
    """What one voice plays in a bar or two."""

    steps: str = Field(
        min_length=1,
        max_length=200,
        description="A character a sixteenth, '|' between beats: X...|....|X.x.|....",
    )
    from_: float = Field(0, alias="from", ge=0, le=1, description="Activity from which on it is played")
    to: float = Field(1, ge=0, le=1, description="Activity up to which it is played")
    level: float = Field(0, ge=-1, le=1, description="Louder or softer than usual")
    section: Literal["any", "A", "B"] = Field("any", description="Sections of the form in which it is played")
    source: str | None = Field(None, max_length=100, description="The drummer's take that it is from")

    @model_validator(mode="after")
    def _from_before_to(self) -> Line:
        if self.from_ >= self.to:
            raise cross_field(
                f"from {self.from_:g} to {self.to:g}", "a 'to' above 'from'", ("from",), ("to",)
            )
        return self


def _read(lines: list[Line], marks: dict[str, str], *path: str) -> None:
    """Raises for the first line that is not written in these marks; `path`: of the list."""
    for index, line in enumerate(lines):
        try:
            notation.read(line.steps, marks)
        except NotationError as error:
            raise cross_field(error.found, error.expected, (*path, index, "steps"), path) from None


class Voices(Section):
    """Lines of percussion, by voice."""

    @model_validator(mode="after")
    def _lines_can_be_read(self) -> Voices:
        for voice, lines in self:
            _read(lines, notation.DRUMS, voice)
        return self


def _voices(name: str, doc: str, most: int) -> Any:
    fields: dict[str, Any] = {
        voice: (list[Line], Field([], max_length=most, description=f"General MIDI percussion {note}"))
        for voice, note in PERCUSSION.items()
    }
    return create_model(name, __base__=Voices, __module__=__name__, __doc__=doc, **fields)


if TYPE_CHECKING:
    Drums: TypeAlias = Voices
    FillLines: TypeAlias = Voices
    Percussion: TypeAlias = str
else:
    Drums = _voices("Drums", "Lines of a bar or two, by voice.", MOST_DRUM_LINES)
    FillLines = _voices("FillLines", "Lines of a fill, by voice; all as long as it lasts.", MOST_FILL_LINES)
    Percussion = Literal[tuple(PERCUSSION)]


class Fill(Section):
    """How a bar ends."""

    at: Literal["section", "phrase"] = Field(
        "section", description="It ends a section, or now and then a phrase inside of one"
    )
    from_: float = Field(0, alias="from", ge=0, le=1, description="Activity from which on it is played")
    to: float = Field(1, ge=0, le=1, description="Activity up to which it is played")
    source: str | None = Field(None, max_length=100, description="The drummer's take that it is from")
    lines: FillLines = Field(description="By voice; the last character is the bar's last sixteenth")

    @property
    def length(self) -> set[int]:
        """Of its lines, in sixteenths: one number where they are as long as each other."""
        return {len(notation.read(line.steps, notation.DRUMS)) for _, lines in self.lines for line in lines}

    @model_validator(mode="after")
    def _can_be_played(self) -> Fill:
        if self.from_ >= self.to:
            raise cross_field(
                f"from {self.from_:g} to {self.to:g}", "a 'to' above 'from'", ("from",), ("to",)
            )
        count = sum(len(lines) for _, lines in self.lines)
        if not 1 <= count <= MOST_FILL_LINES:
            raise cross_field(f"{count} lines", f"1 to {MOST_FILL_LINES}", ("lines",))
        return self


class Begins(Section):
    """What marks the first beat of a section."""

    voice: Percussion | None = Field("crash", description="Percussion; null: nothing")
    calm: Percussion | None = Field("bell", description="The same while it is calm (activity below 0.35)")


class Feel(Section):
    """How time divides."""

    swing: float = Field(
        0.5,
        ge=0.5,
        le=0.75,
        description="Share of a pair that its first half takes: 0.5 straight, 0.67 triplets",
    )
    of: Literal["eighths", "sixteenths"] = Field("eighths", description="What swings")


class Suits(Section):
    """What it is chosen for by 'auto', beside tempo and metre: [from, to]."""

    valence: list[Signed] = Field([-1, 1], min_length=2, max_length=2, description="Valence")
    activity: list[Share] = Field([0, 1], min_length=2, max_length=2, description="Arousal, as 0 to 1")
    density: list[Onsets] = Field([0, 12], min_length=2, max_length=2, description="Onsets heard, a second")
    handicap: Share = Field(
        0, description="By so much it must fit better than others: for idioms that few songs ask for"
    )


class Chords(Section):
    """Comping: when chords are struck, and how they lie."""

    lines: list[Line] = Field([], max_length=MOST_LINES, description="The first that strikes counts")
    voices: list[Annotated[int, Field(ge=1, le=4)]] = Field(
        [3, 4], min_length=2, max_length=2, description="Fewest and most voices"
    )
    position: Literal["any", "close", "open"] = Field("any", description="How voices lie")
    extensions: list[Literal["sixth", "seventh", "ninth", "sus"]] = Field(
        [], max_length=4, description="What is added where the key holds it and nothing heard contradicts"
    )
    range: list[Note] = Field(
        [0, 127], min_length=2, max_length=2, description="Lowest and highest note, within the part's own"
    )

    @model_validator(mode="after")
    def _lines_can_be_read(self) -> Chords:
        _read(self.lines, notation.CHORDS, "lines")
        return self


class Bass(Section):
    """The bass line."""

    lines: list[Line] = Field([], max_length=MOST_LINES, description="The first that strikes counts")
    range: list[Note] = Field(
        [0, 127], min_length=2, max_length=2, description="Lowest and highest note, within the part's own"
    )
    approach: Literal["scale", "chromatic"] = Field(
        "scale", description="What leads to the next root: tones of the scale, or semitones, too"
    )

    @model_validator(mode="after")
    def _lines_can_be_read(self) -> Bass:
        _read(self.lines, notation.BASS, "lines")
        return self


class Style(Section):
    """A style: what drums, comping and bass play, and when the band would choose it."""

    name: str = Field(min_length=1, max_length=63, description="For people")
    source: str = Field(
        min_length=1, max_length=500, description="Where the patterns are from: written by hand, or the data"
    )
    metre: int = Field(
        4,
        ge=int(vocabulary.BEATS_PER_BAR.low),
        le=int(vocabulary.BEATS_PER_BAR.high),
        description="Beats in a bar",
    )
    tempo: list[BeatsPerMinute] = Field(
        [40, 240], min_length=2, max_length=2, description="Beats per minute that it suits: [from, to]"
    )
    feel: Feel = Field(Feel(), description="How time divides")
    suits: Suits = Field(Suits(), description="What 'auto' chooses it for")
    begins: Begins = Field(Begins(), description="What marks the first beat of a section")
    drums: Drums = Field(Drums(), description="The drums' lines")
    fills: list[Fill] = Field([], max_length=MOST_FILLS, description="How sections and phrases end")
    chords: Chords = Field(Chords(), description="Comping and voicing")
    bass: Bass = Field(Bass(), description="The bass line")

    @model_validator(mode="after")
    def _ranges_rise(self) -> Style:
        suits = self.suits
        for path, found, least in (
            (("tempo",), self.tempo, 0.0),
            (("suits", "valence"), suits.valence, 0.0),
            (("suits", "activity"), suits.activity, 0.0),
            (("suits", "density"), suits.density, 0.0),
            (("chords", "voices"), self.chords.voices, 0.0),
            (("chords", "range"), self.chords.range, SMALLEST_RANGE),
            (("bass", "range"), self.bass.range, SMALLEST_RANGE),
        ):
            low, high = found
            if high - low < least:
                wanted = "at least an octave (12 notes)" if least else "the lower one first"
                raise cross_field(f"{low:g} to {high:g}", wanted, path)
        return self

    @model_validator(mode="after")
    def _lines_are_bars(self) -> Style:
        for path, line, marks in lines_of(self):
            try:
                notation.read_bars(line.steps, marks, self.metre)
            except NotationError as error:
                raise cross_field(error.found, error.expected, (*path, "steps"), path[:-1]) from None
        count = sum(len(lines) for _, lines in self.drums)
        if count > MOST_DRUM_LINES:
            raise cross_field(f"{count} lines", f"at most {MOST_DRUM_LINES} in all", ("drums",))
        return self

    @model_validator(mode="after")
    def _fills_fit(self) -> Style:
        bar = self.metre * notation.STEPS_PER_BEAT
        for number, fill in enumerate(self.fills):
            if len(fill.length) != 1 or max(fill.length) > bar:
                found = " and ".join(map(str, sorted(fill.length))) or "no"
                expected = f"lines of one length, at most a bar ({bar})"
                raise cross_field(f"{found} sixteenths", expected, ("fills", number, "lines"), ("fills",))
        return self


def lines_of(style: Style) -> list[tuple[tuple[Any, ...], Line, dict[str, str]]]:
    """(path, line, its notation's marks) of all lines of a bar."""
    found: list[tuple[tuple[Any, ...], Line, dict[str, str]]] = []
    for voice, lines in style.drums:
        found += [(("drums", voice, i), line, notation.DRUMS) for i, line in enumerate(lines)]
    found += [(("chords", "lines", i), line, notation.CHORDS) for i, line in enumerate(style.chords.lines)]
    found += [(("bass", "lines", i), line, notation.BASS) for i, line in enumerate(style.bass.lines)]
    return found
