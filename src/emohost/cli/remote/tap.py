"""`emohost tap`."""

from __future__ import annotations

import sys

import click

from emohost.cli.common.console import examples

ENDS = ("q", "\x1b", "\x04")  # Escape and Ctrl-D besides


@click.command(epilog=examples("emohost tap", "emohost tap --once", "emohost tap --rig stage"))
@click.option("--once", is_flag=True, help="One tap, now: for a key or a pedal that starts this command.")
@click.option("--rig", metavar="NAME", help="Only the running host of that name.")
def command(once: bool, rig: str | None) -> None:
    """Tap tempo and beat of the running host, whose clock is 'internal'.

    On a terminal each key is a tap, 1 the downbeat, q the end. From the second tap in a row on, they set the tempo.
    """
    from emohost._core import monotonic_ns
    from emohost.control.local import host_named, send_command

    host = host_named(rig) if rig is not None else None
    if once or not sys.stdin.isatty():
        send_command("tap", host, at_ns=monotonic_ns())
        return
    click.echo("each key is a tap, 1 the downbeat, q the end", err=True)
    while (key := click.getchar()) not in ENDS:
        at_ns = monotonic_ns()
        send_command("tap", host, at_ns=at_ns)
        if key == "1":
            send_command("downbeat", host, at_ns=at_ns)
        tempo = send_command("status", host)["status"]["tempo"]
        click.echo(f"\r{tempo:5.1f} bpm ", err=True, nl=False)
    click.echo(err=True)
