"""`emohost panic`."""

from __future__ import annotations

from pathlib import Path

import click

from emohost.errors import ControlError


@click.command()
@click.argument("config", type=click.Path(path_type=Path), required=False)
def command(config: Path | None) -> None:
    """All notes off, now.

    Asks the hosts that run on this machine. If there is none, and CONFIG names an existing port (midi.connect), sends
    note-offs for every note and All Notes Off, All Sound Off and a released sustain pedal on every channel there.
    """
    from emohost.control.local import panic

    reached = panic()
    if reached:
        click.echo(f"notes off in {', '.join(reached)}")
        return
    if config is None:
        raise ControlError(
            "no host is running; a rig that names an existing port may be given: emohost panic CONFIG"
        )
    from emohost.config import load_rig

    midi = load_rig(config).rig.midi
    if midi.connect is None:
        raise ControlError(f"no host is running, and {config} names no existing port (midi.connect)")
    from emohost.midi.ports import PortSettings, ProcessPort

    port = ProcessPort(PortSettings(midi.api, midi.client, midi.port, midi.connect))
    try:
        port.wait_open()
        for message in silence():
            port.send(message)
    finally:
        port.close()
    click.echo(f"notes off on {port.name}")


def silence() -> list[bytes]:
    """Sustain released, All Notes Off, All Sound Off (controllers 64, 123, 120) and every note-off, per channel."""
    messages = []
    for channel in range(16):
        messages += [bytes([0xB0 | channel, controller, 0]) for controller in (64, 123, 120)]
        messages += [bytes([0x80 | channel, note, 0]) for note in range(128)]
    return messages
