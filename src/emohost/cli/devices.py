"""`emohost devices`."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from emohost.cli.common.console import columns, examples, quiet_libraries
from emohost.errors import AudioError, EmohostError, MidiError


@click.command(epilog=examples("emohost devices", "emohost devices --json"))
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def command(as_json: bool) -> None:
    """List audio devices and MIDI ports, by the names that a rig may use.

    A device is chosen by `audio.device` and `audio.host_api`, a port by `midi.connect`: the exact name or a unique
    part of it. Exit code 4 if there is no PortAudio to ask.
    """
    audio: list[dict[str, Any]] = []
    failure: AudioError | None = None
    with quiet_libraries():
        try:
            audio = audio_devices()
        except AudioError as error:
            failure = error
        ports = midi_ports()
    if as_json:
        click.echo(
            json.dumps({"audio": audio, "audio_error": failure and str(failure), "midi": ports}, indent=2)
        )
    else:
        click.echo("Audio devices")
        click.echo(_audio_table(audio) if audio else f"  none{f': {failure}' if failure else ''}")
        click.echo("MIDI")
        click.echo(columns([(api, _ports_line(found)) for api, found in ports.items()]) or "  no API at all")
    if failure is not None:
        raise click.exceptions.Exit(failure.exit_code)


def audio_devices() -> list[dict[str, Any]]:
    """PortAudio's devices as plain values. Raises AudioError."""
    from emohost.audio.portaudio import list_devices

    return [
        {
            "name": device.name,
            "host_api": device.host_api,
            "inputs": device.max_input_channels,
            "outputs": device.max_output_channels,
            "sample_rate": device.default_sample_rate,
            "default_input": device.is_default_input,
        }
        for device in list_devices()
    ]


def midi_ports() -> dict[str, dict[str, Any]]:
    """For each MIDI API of this system the ports that one can play into, or why there are none."""
    import rtmidi

    from emohost.midi.backend import missing
    from emohost.midi.jack import jack_ports
    from emohost.midi.rtmidi_inputs import RTMIDI_APIS

    found: dict[str, dict[str, Any]] = {}
    if sys.platform != "win32":
        try:
            found["jack"] = {"ports": jack_ports(sinks=True), "error": None}
        except MidiError as error:
            found["jack"] = {"ports": [], "error": str(error)}
    for name, number in RTMIDI_APIS.items():
        if number not in rtmidi.get_compiled_api():
            continue
        try:
            if (why_not := missing(name)) is not None:
                raise MidiError(why_not)
            output = rtmidi.MidiOut(rtapi=number, name="emohost-devices")
            found[name] = {"ports": output.get_ports(), "error": None}
            output.delete()
        except (EmohostError, rtmidi.RtMidiError, OSError) as error:
            found[name] = {"ports": [], "error": str(error)}
    return found


def _audio_table(devices: list[dict[str, Any]]) -> str:
    rows = [("name", "host API", "in", "out", "Hz", "")]
    for device in devices:
        default = "default input of its host API" if device["default_input"] else ""
        rows.append(
            (
                device["name"],
                device["host_api"],
                str(device["inputs"]),
                str(device["outputs"]),
                f"{device['sample_rate']:g}",
                default,
            )
        )
    return columns(rows)


def _ports_line(found: dict[str, Any]) -> str:
    return str(found["error"] or ", ".join(repr(port) for port in found["ports"]) or "no ports to play into")
