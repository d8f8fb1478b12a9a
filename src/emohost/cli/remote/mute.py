"""`emohost mute` and `emohost unmute`."""

from __future__ import annotations

import click

from emohost.cli.common.console import examples
from emohost.cli.remote.at_host import ask, at_option, rig_option
from emohost.vocabulary import PART_NAMES

parts_argument = click.argument("parts", nargs=-1, required=True, type=click.Choice(PART_NAMES))


@click.command(epilog=examples("emohost mute drums", "emohost mute melody chords --at bar"))
@parts_argument
@at_option
@rig_option
def command(parts: tuple[str, ...], at: str, rig: str | None) -> None:
    """Let PARTS of the running host rest."""
    switch(parts, "off", at, rig)


def switch(parts: tuple[str, ...], value: str, at: str, rig: str | None) -> None:
    for part in parts:
        ask("set", rig, name=f"{part}_enabled", value=value, at=at)
