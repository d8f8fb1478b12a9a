"""The files that a run of a rig leaves: which they are, what they must not be, and the names held for them."""

from __future__ import annotations

from pathlib import Path

from emohost.config.audio import AudioFile, PortAudio
from emohost.config.loaded import LoadedRig
from emohost.config.schema import Rig
from emohost.errors import ConfigError, ModelError, OutputError
from emohost.networks.find import find_model
from emohost.outputs import MIDI_FILES, PICTURES, NamedFile, Output, check_output, check_outputs
from emohost.recording.takes import Takes, is_held, take
from emohost.styles.load import own_file
from emohost.vocabulary import ROLE_NAMES

MIDI_FILE, PLOT = "output.midi_file", "output.plot"


def outputs_of(rig: Rig) -> list[Output]:
    """As the rig names them, without the numbers of takes."""
    named = ((MIDI_FILE, rig.output.midi_file, MIDI_FILES), (PLOT, rig.output.plot, PICTURES))
    return [Output(what, path, endings) for what, path, endings in named if path is not None]


def rig_files(rig: Rig, base: Path) -> list[NamedFile]:
    """The networks' files, a style, and Side B's: what any command that goes by the rig reads, beside audio."""
    files = []
    for role in ROLE_NAMES:
        try:
            path = find_model(role, getattr(rig.networks, role).file, base)
        except ModelError:  # told by whoever loads it
            continue
        files.append(NamedFile(f"networks.{role}.file", path))
    if rig.bridge.script is not None:
        files.append(NamedFile("bridge.script", rig.bridge.script))
    if (style := own_file(rig.music.style)) is not None:
        files.append(NamedFile("music.style", base / style))
    if (tls := rig.bridge.field.tls) is not None:
        files += [
            NamedFile(f"bridge.field.tls.{name}", getattr(tls, name))
            for name in ("authority", "certificate", "key")
        ]
    return files


def inputs_of(loaded: LoadedRig) -> list[NamedFile]:
    """All files that a run reads."""
    files = [NamedFile("the rig", loaded.path)]
    if isinstance(loaded.rig.audio, AudioFile):
        files.append(NamedFile("audio.path", loaded.rig.audio.path))
    return files + rig_files(loaded.rig, loaded.base)


def numbers_takes(rig: Rig) -> bool:
    """Whether each run gets files of its own."""
    if rig.output.takes is not None:
        return rig.output.takes == "number"
    return isinstance(rig.audio, PortAudio)


def check_one(loaded: LoadedRig, output: Output) -> None:
    """Against all inputs and the other outputs. Raises ConfigError, OutputError. Nothing is changed."""
    others = [other for other in outputs_of(loaded.rig) if other.what != output.what]
    check_output(output, (*inputs_of(loaded), *others))
    if not numbers_takes(loaded.rig) and is_held(output.path):
        raise OutputError(f"{output.what}: {output.path}: a host that runs is writing it")


def hold(loaded: LoadedRig) -> Takes:
    """Checks all outputs and holds their names, to be released after the last is written. Raises ConfigError,
    OutputError."""
    outputs = outputs_of(loaded.rig)
    try:
        check_outputs(outputs, inputs_of(loaded))
    except (ConfigError, OutputError) as error:
        raise type(error)("\n".join(f"{loaded.path}: {line}" for line in str(error).splitlines())) from None
    return take({output.what: output.path for output in outputs}, numbers_takes(loaded.rig))
