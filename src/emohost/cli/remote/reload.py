"""`emohost reload`."""

from __future__ import annotations

import click

from emohost.cli.common.console import examples
from emohost.cli.remote.at_host import ask, rig_option

TOLD = {"live": "changed now", "swap": "exchanged", "restart": "from the next start on"}


@click.command(epilog=examples("emohost reload", "emohost reload --rig stage"))
@rig_option
def command(rig: str | None) -> None:
    """Read the running host's rig again.

    What can change while it plays does; networks and a style of yours are exchanged without a gap, also where only
    their files were written again; the rest is named, and holds from the next start on. With a mistake in the rig, a
    network or a style nothing changes. SIGHUP does the same."""
    answer = ask("reload", rig)
    for kind, what in TOLD.items():
        if answer[kind]:
            click.echo(f"{what}: {', '.join(answer[kind])}")
    if not any(answer[kind] for kind in TOLD):
        click.echo("nothing has changed")
