"""`emohost learn`."""

from __future__ import annotations

import time

import click

from emohost.cli.common.console import examples
from emohost.cli.remote.at_host import ask, rig_option
from emohost.errors import ControlError

LOOK_S = 0.1


@click.command(epilog=examples("emohost learn density", "emohost learn drums_enabled --rig stage"))
@click.argument("parameter")
@rig_option
def command(parameter: str, rig: str | None) -> None:
    """Let the MIDI controller that moves next set PARAMETER of the running host, from now on and in later runs.

    Move a knob, fader or pedal at one of the rig's MIDI inputs within half a minute. It is kept beside the rig, in
    RIG.midi.yaml.
    """
    state = ask("learn", rig, parameter=parameter)
    click.echo(f"move the controller that is to set {parameter}", err=True)
    while state["waits"]:
        time.sleep(LOOK_S)
        state = ask("learn", rig)
    if state["found"] is None:
        raise ControlError("no controller has moved; nothing was learned")
    click.echo(f"{state['found']}, kept in {state['file']}")
