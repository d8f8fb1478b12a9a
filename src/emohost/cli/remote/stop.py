"""`emohost stop`."""

from __future__ import annotations

import click

from emohost.cli.common.console import examples
from emohost.cli.remote.at_host import ask, rig_option


@click.command(epilog=examples("emohost stop", "emohost stop --rig stage"))
@rig_option
def command(rig: str | None) -> None:
    """End the running host, as Ctrl-C there does: every note off, the files written."""
    ask("stop", rig)
