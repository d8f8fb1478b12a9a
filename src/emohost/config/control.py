"""The `control` section of a rig: how it is steered from outside, besides the command line."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from emohost.config.section import Section, cross_field
from emohost.vocabulary import ACTIONS, PARAMETERS

SOURCES = ("controller", "note", "program")
TARGETS = ("parameter", "action", "snapshot")
ParameterName: TypeAlias = Literal[tuple(each.name for each in PARAMETERS)]  # type: ignore[valid-type]
ActionName: TypeAlias = Literal[tuple(each.name for each in ACTIONS)]  # type: ignore[valid-type]


def _is_address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise cross_field(f"'{text}'", "an IP address such as 127.0.0.1", ()) from None


Address = Annotated[str, AfterValidator(_is_address)]


class Osc(Section):
    """Open Sound Control, over UDP."""

    port: int = Field(9000, ge=1, le=65535, description="UDP port that it listens at")
    host: Address = Field("127.0.0.1", description="Address that it listens at")
    allow: list[Address] = Field(
        [],
        max_length=64,
        description="Who may speak to it; needed where host is not this machine's own 127.0.0.1",
    )

    @model_validator(mode="after")
    def _others_are_named(self) -> Osc:
        if not self.allow and not ipaddress.ip_address(self.host).is_loopback:
            raise cross_field(
                f"host {self.host} and nobody allowed",
                "the addresses that may steer it under allow",
                ("allow",),
            )
        return self


class MidiMapping(Section):
    """What a knob, pedal, pad or program change does. It comes in through a port of midi.inputs."""

    controller: int | None = Field(None, ge=0, le=119, description="A control change of this number")
    note: int | None = Field(None, ge=0, le=127, description="A note-on of this number")
    program: int | None = Field(None, ge=0, le=127, description="A program change of this number, from 0")
    channel: int | None = Field(None, ge=1, le=16, description="Only on this MIDI channel; absent: on any")
    input: str | None = Field(
        None, min_length=1, description="Only from the input of that port name; absent: any"
    )
    parameter: ParameterName | None = Field(
        None, description="Set by a controller; a note or program turns a switch over, else sets high"
    )
    action: ActionName | None = Field(
        None, description="Done by a note, a program, or a controller that comes to 64 from below"
    )
    snapshot: str | None = Field(None, min_length=1, max_length=63, description="Recalled likewise")
    low: float | None = Field(None, description="The parameter's value at 0; absent: its least")
    high: float | None = Field(None, description="Its value at 127; absent: its largest")
    takeover: Literal["pickup", "jump"] = Field(
        "pickup",
        description="pickup: a knob moves the parameter once it has come to where that is; jump: at once",
    )
    relative: Literal["twos_complement", "offset", "sign_bit"] | None = Field(
        None, description="An endless encoder, and how it says up and down; a step is 1/127 of low to high"
    )
    fine: bool = Field(False, description="14 bits: the controller with that 32 above it")
    over_s: float = Field(
        0, ge=0, le=600, description="Seconds that a snapshot or a note's value takes to come"
    )

    @model_validator(mode="after")
    def _one_source_and_one_target(self) -> MidiMapping:
        for what, names in (("source", SOURCES), ("target", TARGETS)):
            given = [name for name in names if getattr(self, name) is not None]
            if len(given) != 1:
                raise cross_field(
                    f"{', '.join(given) or 'none'} as {what}",
                    f"one of {', '.join(names)}",
                    (*given, *names)[:1],
                )
        for name, why, right in (
            ("fine", "a controller from 0 to 31", self.controller is not None and self.controller < 32),
            (
                "relative",
                "a controller and a parameter",
                self.controller is not None and self.parameter is not None,
            ),
        ):
            if getattr(self, name) and not right:
                raise cross_field(f"{name}", f"{why} with {name}", (name,))
        return self._within_the_parameter()

    def _within_the_parameter(self) -> MidiMapping:
        for name in ("low", "high"):
            value = getattr(self, name)
            if value is None:
                continue
            if self.parameter is None:
                raise cross_field(f"{name} {value:g}", f"a parameter with {name}", (name,))
            parameter = next(each for each in PARAMETERS if each.name == self.parameter)
            if not parameter.low <= value <= parameter.high:
                raise cross_field(f"{name} {value:g}", f"{parameter.low:g} to {parameter.high:g}", (name,))
        return self


class Web(Section):
    """A page for a browser. Needs the extra `web`."""

    port: int = Field(8666, ge=1, le=65535, description="TCP port that it listens at")
    host: Address = Field(
        "127.0.0.1",
        description="Address that it listens at; another than this machine's own asks everybody for a token, which the "
        "host shows when it starts",
    )


class Remote(Section):
    """How the rig is steered from outside, besides the command line."""

    osc: Osc | None = Field(None, description="Open Sound Control; absent: none")
    web: Web | None = Field(None, description="A page for a browser; absent: none")
    midi: list[MidiMapping] = Field(
        [], max_length=256, description="What controllers, notes and program changes from midi.inputs do"
    )
    program_changes: bool = Field(
        True, description="A program change that no mapping takes recalls the snapshot at that place, from 0"
    )
