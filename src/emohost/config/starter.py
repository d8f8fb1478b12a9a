"""A first rig, as text with a comment for what people change first."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from emohost.daws import Daw

LIVE_BLOCK = 256  # frames; on JACK it is the server's own that counts


@dataclass(frozen=True)
class Source:
    """Where sound comes from."""

    label: str
    """For people."""
    lines: tuple[str, ...]
    """The `audio` section."""
    play: str = "when_music # when_heard: to whatever sounds; always: in silence, too"
    """`music.play`."""


@dataclass(frozen=True)
class Destination:
    """Where notes go."""

    label: str
    lines: tuple[str, ...]
    """The `midi` section."""
    api: str = "none"
    """`midi.api`."""


NOISE = Source(
    "noise, without a device (to try the rest)",
    ("backend: dummy # no device: `emohost devices` lists what there is", "signal: noise"),
    play="when_heard # when_music: rest while it is noise; always: in silence, too",
)
NO_PORT = Destination(
    "no port, only a MIDI file",
    ("api: none # only the MIDI file below; auto: a port, where the system has MIDI",),
)
PARTS = (
    "parts: # each on a MIDI channel of its own: melody 1, chords 2, bass 3, drums 10",
    "  melody: {enabled: true}",
    "  chords: {enabled: true}",
    "  bass: {enabled: true}",
    "  drums: {enabled: true}",
    "  accents: {enabled: false} # answers each onset at once",
)


@dataclass(frozen=True)
class Starter:
    """What a first rig is made of."""

    name: str
    source: Source = NOISE
    destination: Destination = NO_PORT
    tempo: float = 100.0
    key: str = "auto"
    notes: tuple[str, ...] = field(default=())
    """Comments at the top."""
    daw: Daw | None = None
    """Into which it is to play."""

    def text(self) -> str:
        """The YAML file."""
        return "\n".join(
            [
                *(f"# {note}" for note in self.notes),
                f"name: {quoted(self.name)}",
                "",
                "# Where the sound comes from.",
                "audio:",
                *_indented(self.source.lines),
                "",
                "# How it plays.",
                "music:",
                f"  tempo: {self.tempo:g} # beats per minute",
                f"  key: {quoted(self.key)} # auto: the key that is heard; or C minor, F# major, Bbm",
                f"  play: {self.source.play}",
                *_indented(
                    PARTS if self.daw is None else self.daw.clock(self.destination.api) + self.daw.parts()
                ),
                "",
                "# Where the notes go.",
                "midi:",
                *_indented(self.destination.lines),
                *_indented(() if self.daw is None else self.daw.midi(self.destination.api)),
                "  delay_ms: 10 # part of the latency from a sound to its note; under JACK at least a block and 5 ms",
                "",
                "# What a run leaves behind.",
                "output:",
                "  midi_file: takes/take.mid # a device is heard: take-001.mid, take-002.mid ...",
                "",
            ]
        )


def device(name: str, host_api: str, sample_rate: float) -> Source:
    """An audio device as `emohost devices` lists it."""
    lines = (
        "backend: portaudio",
        f"device: {quoted(name)} # exact name, or a unique part of it; `emohost devices` lists them",
        f"host_api: {quoted(host_api)}",
        f"sample_rate: auto # Hz: the device's own, now {sample_rate:g}",
        f"block_size: {LIVE_BLOCK} # frames; smaller: sooner, and more load",
    )
    return Source(f"{name} ({host_api}, {sample_rate:g} Hz)", lines)


def sound_file(path: str) -> Source:
    """A sound file, relative to the rig's folder."""
    return Source(
        f"a sound file: {path}", ("backend: file", f"path: {quoted(path)} # plays once, in real time")
    )


def own_port(api: str, client: str = "emohost") -> Destination:
    """A virtual port."""
    lines = (
        f"api: {api}",
        "port: midi_out # connect a synth or a DAW to it; connect: NAME plays into an existing port instead",
    )
    return Destination(f"a port of its own, {client}:midi_out ({api}), to connect a synth to", lines, api)


def existing_port(api: str, name: str) -> Destination:
    """A port that is there."""
    lines = (f"api: {api}", f"connect: {quoted(name)} # exact name, or a unique part of it; waited for")
    return Destination(f"{name} ({api})", lines, api)


def quoted(text: str) -> str:
    """As a YAML text, plainly where that is safe."""
    plain = text.replace(" ", "").replace("_", "").isalnum() and text.isascii() and text[0].isalpha()
    reserved = text.lower() in ("true", "false", "null", "y", "n", "yes", "no", "on", "off")
    return text if plain and not reserved and text == text.strip() else json.dumps(text, ensure_ascii=False)


def _indented(lines: tuple[str, ...]) -> list[str]:
    return [f"  {line}" for line in lines]
