"""`emohost transport`."""

from __future__ import annotations

import click

from emohost.cli.common.console import examples


@click.command(
    epilog=examples(
        "emohost transport stop", "emohost transport downbeat", "emohost transport --clock follow"
    )
)
@click.argument("action", type=click.Choice(["start", "stop", "downbeat"]), required=False)
@click.option("--clock", metavar="SOURCE", help="This clock leads from now on: follow, internal …")
@click.option("--rig", metavar="NAME", help="Only the running host of that name.")
def command(action: str | None, clock: str | None, rig: str | None) -> None:
    """Start or stop the running host's transport, set its downbeat, or choose the clock that leads.

    `downbeat`: a bar begins with the beat that is next to now. Without an argument it tells tempo, beat and clock.
    """
    from emohost._core import monotonic_ns
    from emohost.control.local import host_named, send_command

    at_ns = monotonic_ns()
    host = host_named(rig) if rig is not None else None
    if clock is not None:
        send_command("clock", host, source=clock)
    if action == "downbeat":
        send_command("downbeat", host, at_ns=at_ns)
    elif action is not None:
        send_command("transport", host, action=action)
    if action is None and clock is None:
        now = send_command("status", host)["status"]
        click.echo(
            f"{now['clock']}: {now['tempo']:.1f} bpm, beat {int(now['beat']) + 1} of {now['beats_per_bar']}, "
            f"confidence {now['clock_confidence']:.2f}, {now['band'].replace('_', ' ')}"
        )
