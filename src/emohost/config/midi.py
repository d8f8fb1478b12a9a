"""What a rig's `midi` may say: where notes go and MIDI comes in."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from emohost.config.section import Section, cross_field

Use = Literal["control", "chord", "key", "ears"]


class MidiInput(Section):
    """Where MIDI comes in: a clock, pads, a keyboard."""

    port: str = Field("midi_in", min_length=1, max_length=63, description="Name of the virtual port")
    connect: str | None = Field(
        None,
        description="An existing port to listen to, exact name or a unique part; waited for if it is not there yet "
        "(needed on Windows)",
    )
    use: list[Use] = Field(
        ["control"],
        max_length=4,
        description="What for: control (control.midi, learned controllers, program changes), chord (notes that are "
        "held are the chord that the band plays), key (a note that is held is the tonic), ears (its notes are heard in "
        "place of the audio). A clock may come through any",
    )
    thru: bool = Field(
        False,
        description="Send notes, controllers and all else of channels on to midi.port at once, each on its own channel",
    )

    @model_validator(mode="after")
    def _each_use_once(self) -> MidiInput:
        for index, use in enumerate(self.use):
            if use in self.use[:index]:
                raise cross_field(f"'{use}' twice", "each use once", ("use", index))
        return self


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
                raise cross_field(f"'{name}' twice", "a name of its own for each port", place)
        return self
