"""What a rig's `audio` may say: where sound comes from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from emohost import vocabulary
from emohost.config.section import FilePath, Section, cross_field

LARGEST_BLOCK = int(vocabulary.BLOCK.high)
MOST_CHANNELS = 64
SampleRate = Annotated[float, Field(ge=vocabulary.SAMPLE_RATE.low, le=vocabulary.SAMPLE_RATE.high)]
PortNames = Annotated[
    list[Annotated[str, Field(min_length=1)]], Field(min_length=1, max_length=MOST_CHANNELS)
]
Channels = Annotated[
    list[Annotated[int, Field(ge=1, le=MOST_CHANNELS)]], Field(min_length=1, max_length=MOST_CHANNELS)
]


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
