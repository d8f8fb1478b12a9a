"""What a rig's YAML file may say: the pydantic models, with defaults, ranges and a line of help per key.

Paths are relative to the file; `emohost.config.load` resolves them. `emohost schema` prints this as JSON Schema: a
first line `# yaml-language-server: $schema=rig.schema.json` makes an editor complete and check a rig by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from emohost import vocabulary
from emohost.config.audio import Audio
from emohost.config.bridge import Bridge
from emohost.config.control import Remote
from emohost.config.midi import Midi
from emohost.config.music import Music
from emohost.config.section import FilePath, Section, cross_field, sections
from emohost.outputs import MIDI_FILES, PICTURES, wrong_ending


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


if TYPE_CHECKING:

    class Networks(Section):
        def __init__(self, **networks: Network) -> None: ...
        def __getattr__(self, role: str) -> Network: ...

else:
    Networks = sections(
        __name__,
        "Networks",
        "The networks, by role.",
        Section,
        {role.name: (Network(optional=role.optional), role.help) for role in vocabulary.ROLES},
    )


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

    @model_validator(mode="after")
    def _mappings_have_their_inputs(self) -> Rig:
        names = [each.port for each in self.midi.inputs if "control" in each.use]
        for index, mapping in enumerate(self.control.midi):
            if mapping.input is not None and mapping.input not in names:
                raise cross_field(
                    f"'{mapping.input}', which is no input with the use control",
                    f"one of {', '.join(names)}" if names else "an input under midi.inputs",
                    ("control", "midi", index, "input"),
                )
        return self
