"""`emohost unmute`."""

from __future__ import annotations

import click

from emohost.cli.common.console import examples
from emohost.cli.remote.at_host import at_option, rig_option
from emohost.cli.remote.mute import parts_argument, switch


@click.command(epilog=examples("emohost unmute drums", "emohost unmute drums --at bar"))
@parts_argument
@at_option
@rig_option
def command(parts: tuple[str, ...], at: str, rig: str | None) -> None:
    """Let PARTS of the running host play again."""
    switch(parts, "on", at, rig)
