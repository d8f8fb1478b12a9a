"""`emohost reload`."""

from __future__ import annotations

import click

from emohost.cli.common.console import examples
from emohost.cli.remote.at_host import ask, rig_option


@click.command(epilog=examples("emohost reload", "emohost reload --rig stage"))
@rig_option
def command(rig: str | None) -> None:
    """Read the running host's rig again.

    What can change while it plays does; the rest is named, and holds from the next start on. With a mistake in the
    file nothing changes."""
    answer = ask("reload", rig)
    live, restart = answer["live"], answer["restart"]
    if live:
        click.echo(f"changed now: {', '.join(live)}")
    if restart:
        click.echo(f"from the next start on: {', '.join(restart)}")
    if not (live or restart):
        click.echo("nothing has changed")
