"""`emohost check`."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emohost.cli.console import columns, quiet_libraries
from emohost.errors import EmohostError, ModelError

if TYPE_CHECKING:
    from emohost.config import LoadedRig
    from emohost.config.schema import PortAudio


@dataclass(frozen=True)
class Finding:
    """One thing tried: what it found, or the error that it ended with."""

    what: str
    text: str
    error: EmohostError | None = None


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
def command(config: Path) -> None:
    """Try everything that the rig CONFIG needs, short of playing it.

    Reads the configuration, finds and loads the networks, opens the audio file or finds the device and asks whether it
    can do what the rig wants, opens and closes the MIDI port, looks whether the output files can be written. Prints
    what was found; every failure is listed, and the exit code is that of the first one.
    """
    from emohost.config import load_rig

    loaded = load_rig(config)
    findings = [Finding("config", str(loaded.path)), *check_networks(loaded)]
    with quiet_libraries():
        findings.append(attempt("audio", lambda: check_audio(loaded)))
        findings.append(attempt("midi", lambda: check_midi(loaded)))
    if loaded.rig.bridge.field.enabled:
        findings.append(attempt("field", lambda: check_field(loaded)))
    findings += check_outputs(loaded)
    click.echo(
        columns([("FAIL" if each.error else "ok", each.what, each.text) for each in findings], indent="")
    )
    failures = [each.error for each in findings if each.error is not None]
    if failures:
        raise click.exceptions.Exit(failures[0].exit_code)


def attempt(what: str, try_it: Callable[[], str]) -> Finding:
    try:
        return Finding(what, try_it())
    except EmohostError as error:
        return Finding(what, str(error), error)


def check_audio(loaded: LoadedRig) -> str:
    """What the rig would listen to. Raises AudioError."""
    from emohost.config.schema import AudioFile, PortAudio

    audio = loaded.rig.audio
    if isinstance(audio, AudioFile):
        from emohost.audio.sound_file import SoundFile

        with SoundFile(audio.path) as file:
            return f"{audio.path}: {file.duration_s:.1f} s, {file.sample_rate} Hz, {file.channels} channels"
    if isinstance(audio, PortAudio):
        return check_device(audio)
    return f"no device: {audio.signal} at {audio.sample_rate:g} Hz"


def check_device(audio: PortAudio) -> str:
    """The device that the rig would open. Raises AudioError."""
    from emohost.audio.portaudio import PortAudioBackend

    return PortAudioBackend(audio.model_dump()).probe()


def check_networks(loaded: LoadedRig) -> list[Finding]:
    """Each network, loaded and timed; one that the rig makes optional may be missing."""
    from emohost.cli.models import latency_us, networks_of, precision_text
    from emohost.networks.sets import load_set

    networks, base = networks_of(loaded)
    findings = []
    for role, network in load_set(networks, base, loaded.rig.engine.precision).items():
        if isinstance(network, ModelError):
            optional = getattr(loaded.rig.networks, role).optional
            text = f"{network}" + (" (optional: its part is silent)" if optional else "")
            findings.append(Finding(role, text, None if optional else network))
            continue
        info = network.info
        text = f"{info.file}: {info.dialect}, {info.architecture}, {info.parameters:,} parameters, "
        text += (
            f"{precision_text(info)}, {info.memory_bytes / 1e6:.2f} MB, {latency_us(network):.1f} us a step, "
        )
        text += info.status
        findings.append(Finding(role, text))
        findings += [Finding(role, f"warning: {warning}") for warning in info.warnings]
    return findings


def check_midi(loaded: LoadedRig) -> str:
    """The port that the rig would play into, opened and closed. Raises MidiError."""
    midi = loaded.rig.midi
    if midi.api == "none":
        return "no port (midi.api is 'none')"
    from emohost.midi.ports import PortSettings, ProcessPort

    port = ProcessPort(PortSettings(midi.api, midi.client, midi.port, midi.connect))
    try:
        port.wait_open()
        return f"port {port.name} can be opened"
    finally:
        port.close()


def check_field(loaded: LoadedRig) -> str:
    """What the field between rigs would use; it is not joined. Raises FieldError."""
    from emohost.bridge.field.network import FieldSettings, check

    return check(FieldSettings.of(loaded.rig.bridge.field.model_dump(mode="json")))


def check_outputs(loaded: LoadedRig) -> list[Finding]:
    return [
        attempt(f"output.{name}", lambda path=path: check_writable(path))  # type: ignore[misc]
        for name, path in loaded.rig.output
        if path is not None
    ]


def check_writable(path: Path) -> str:
    """The file that would be written. Raises EmohostError."""
    if path.is_dir():
        raise EmohostError(f"{path}: found a folder; expected a file that can be written")
    folder = path.parent
    while not folder.exists():
        folder = folder.parent
    if not folder.is_dir() or not os.access(path if path.exists() else folder, os.W_OK):
        raise EmohostError(f"{path}: cannot be written")
    return f"{path} can be written"
