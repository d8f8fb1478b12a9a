"""`emohost check`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emohost.cli.common.console import columns, examples, quiet_libraries
from emohost.cli.common.rig_here import or_rig_here
from emohost.errors import EmohostError, ModelError, PortAbsentError

if TYPE_CHECKING:
    from emohost.config import LoadedRig
    from emohost.config.audio import PortAudio
    from emohost.outputs import Output


@dataclass(frozen=True)
class Finding:
    """One thing tried: what it found, or the error that it ended with."""

    what: str
    text: str
    error: EmohostError | None = None


@click.command(epilog=examples("emohost check", "emohost check rig.yaml"))
@click.argument(
    "config", type=click.Path(path_type=Path), required=False, callback=or_rig_here, metavar="[CONFIG]"
)
def command(config: Path) -> None:
    """Try everything that the rig CONFIG needs, short of playing it; without CONFIG, the rig in the current folder.

    Reads the configuration, finds and loads the networks, opens the audio file or finds the device and asks whether it
    can do what the rig wants, opens and closes the MIDI port, looks whether the output files can be written. Prints
    what was found; every failure is listed, and the exit code is that of the first one.
    """
    from emohost.config import load_rig

    loaded = load_rig(config)
    findings = [Finding("config", str(loaded.path)), *check_networks(loaded)]
    findings += check_style(loaded)
    with quiet_libraries():
        midi, delay_ms = try_midi(loaded)  # first: what it needs is part of the latency
        findings += [attempt("audio", lambda: check_audio(loaded, delay_ms)), midi]
    findings += check_clocks(loaded)
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


def try_midi(loaded: LoadedRig) -> tuple[Finding, float]:
    """The finding, and the delay that would be in force, in milliseconds."""
    found: list[float] = []
    midi = attempt("midi", lambda: check_midi(loaded, found))
    return midi, found[0] if found else loaded.rig.midi.delay_ms


def check_audio(loaded: LoadedRig, delay_ms: float) -> str:
    """What the rig would listen to. Raises AudioError."""
    from emohost.config.audio import AudioFile, PortAudio
    from emohost.host.latency import sound_to_note

    audio = loaded.rig.audio
    if isinstance(audio, AudioFile):
        from emohost.audio.sound_file import SoundFile, heard_channels

        with SoundFile(audio.path) as file:
            heard_channels(audio.channels, file)
            return f"{audio.path}: {file.duration_s:.1f} s, {file.sample_rate} Hz, {file.channels} channels"
    if isinstance(audio, PortAudio):
        return check_device(audio, delay_ms)
    block_s = audio.block_size / audio.sample_rate
    latency = sound_to_note(None, block_s, delay_ms)
    return f"no device: {audio.signal} at {audio.sample_rate:g} Hz; {latency}"


def check_device(audio: PortAudio, delay_ms: float) -> str:
    """The device that the rig would open, opened and closed. Raises AudioError."""
    from emohost.audio.portaudio import PortAudioBackend
    from emohost.host.latency import sound_to_note

    device, heard = PortAudioBackend(audio.model_dump()).probe()
    return f"{device}; {sound_to_note(heard.age_s, heard.block_s, delay_ms)}"


def check_networks(loaded: LoadedRig) -> list[Finding]:
    """Each network, loaded and timed; one that the rig makes optional may be missing."""
    from emohost.cli.models import latency_us, networks_of, precision_text
    from emohost.networks.sets import load_set, network_files

    networks, base = networks_of(loaded)
    findings = []
    for role, network in load_set(network_files(networks), base, loaded.rig.engine.precision).items():
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


def check_style(loaded: LoadedRig) -> list[Finding]:
    """The style that the rig names, and whether its metre is the rig's."""
    from emohost.styles.load import AUTO, load_style, own_file, shipped

    music = loaded.rig.music
    if music.style == AUTO:
        return []
    own = own_file(music.style)
    style = shipped(music.style) if own is None else load_style(own)
    findings = [Finding("style", f"{own or music.style}: {style.name}, {style.metre}/4")]
    if style.metre != music.beats_per_bar and music.clock.metre == "configured":
        bar = "its bar begins again" if style.metre < music.beats_per_bar else "its bar is cut"
        text = f"warning: {style.name} is in {style.metre}/4, music.beats_per_bar is {music.beats_per_bar}: {bar}"
        findings.append(Finding("style", text))
    return findings


def check_midi(loaded: LoadedRig, delay_ms: list[float]) -> str:
    """The port that the rig would play into, opened and closed. The delay that it would need is added to `delay_ms`.
    Raises MidiError."""
    midi = loaded.rig.midi
    if midi.api == "none":
        return "no port (midi.api is 'none')"
    from emohost.midi.ports import PortSettings, ProcessPort
    from emohost.midi.sender import delay_in_force_s

    port = ProcessPort(PortSettings.of(midi))
    try:
        port.wait_open()
        period_s = None if port.memory is None else port.memory.period_s
        delay_ms.append(1000 * delay_in_force_s(midi.delay_ms / 1000, period_s))
        return f"port {port.name} can be opened"
    except PortAbsentError as error:
        raise PortAbsentError(f"{error}; `emohost run` waits for it") from None
    finally:
        port.close()


def check_clocks(loaded: LoadedRig) -> list[Finding]:
    """The clocks outside that the rig follows or leads: whether they can be had."""
    clock = loaded.rig.music.clock
    findings = []
    if clock.link or clock.source == "link":
        findings.append(attempt("link", check_link))
    if clock.jack or clock.jack_timebase or clock.source == "jack":
        findings.append(attempt("jack", check_jack_clock))
    return findings


def check_link() -> str:
    """Raises ConfigError without the extra."""
    from emohost.host.link import import_link

    import_link()
    return "Ableton Link is installed"


def check_jack_clock() -> str:
    """Raises AudioError without a server."""
    from emohost.host.jack_clock import JackClock

    clock = JackClock("emohost-check", timebase=False, say=lambda _text, _level: None)
    try:
        clock.wait_open()
        return "JACK's transport can be followed"
    finally:
        clock.close()


def check_field(loaded: LoadedRig) -> str:
    """What the field between rigs would use; it is not joined. Raises FieldError."""
    from emohost.bridge.field.network import FieldSettings, check

    return check(FieldSettings.of(loaded.rig.bridge.field.model_dump(mode="json")))


def check_outputs(loaded: LoadedRig) -> list[Finding]:
    from emohost.host.outputs import outputs_of

    found = [
        attempt(output.what, lambda output=output: check_output(loaded, output))  # type: ignore[misc]
        for output in outputs_of(loaded.rig)
    ]
    return [replace(each, text=each.text.removeprefix(f"{each.what}: ")) for each in found]


def check_output(loaded: LoadedRig, output: Output) -> str:
    """The file that would be written. Raises ConfigError, OutputError."""
    from emohost.host.outputs import check_one, numbers_takes
    from emohost.recording.takes import numbered

    check_one(loaded, output)
    if numbers_takes(loaded.rig):
        return f"{numbered(output.path, 1)}, or the next number that is free, can be written"
    return f"{output.path} can be written"
