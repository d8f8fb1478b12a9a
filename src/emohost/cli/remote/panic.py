"""`emohost panic`."""

from __future__ import annotations

from pathlib import Path

import click

from emohost.cli.common.console import examples
from emohost.errors import ControlError


@click.command(epilog=examples("emohost panic", "emohost panic --rig stage", "emohost panic rig.yaml"))
@click.argument("config", type=click.Path(path_type=Path), required=False)
@click.option("--rig", metavar="NAME", help="Only the running host of that name.")
def command(config: Path | None, rig: str | None) -> None:
    """All notes off, now.

    Asks the hosts that run on this machine. If there is none, and CONFIG names an existing port (midi.connect), sends
    note-offs for every note and All Notes Off, All Sound Off and a released sustain pedal on every channel there.
    """
    from emohost.control.local import panic

    if rig is not None and config is not None:
        raise click.UsageError("found CONFIG and --rig; expected one of them")
    reached = panic(rig)
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
    """What every panic sends, All Sound Off and every note-off, per channel: nobody knows what sounds there."""
    from emohost.midi.ledger import panic_messages
    from emohost.vocabulary import ALL_SOUND_OFF

    messages = []
    for channel in range(16):
        messages += [*panic_messages(channel), bytes([0xB0 | channel, ALL_SOUND_OFF.number, 0])]
        messages += [bytes([0x80 | channel, note, 0]) for note in range(128)]
    return messages
