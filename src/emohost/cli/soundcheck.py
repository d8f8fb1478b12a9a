"""`emohost soundcheck`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emohost.cli.common.console import examples
from emohost.cli.common.numbers import Number
from emohost.cli.common.rig_here import or_rig_here
from emohost.errors import AudioError
from emohost.process.flag import Flag

if TYPE_CHECKING:
    from emohost.config.loaded import LoadedRig
    from emohost.host.status import Status

SECONDS = 10.0
LEAST_SHARE = 0.2  # of the time that has to be above the gate


@click.command(epilog=examples("emohost soundcheck", "emohost soundcheck rig.yaml --seconds 20"))
@click.argument(
    "config", type=click.Path(path_type=Path), required=False, callback=or_rig_here, metavar="[CONFIG]"
)
@click.option(
    "--seconds", type=Number(2, 600), default=SECONDS, show_default=True, help="How long it listens."
)
def command(config: Path, seconds: float) -> None:
    """Listen to the rig's input while somebody plays as usual, and tell what music.reference_db is to be.

    The host finds the player's usual level by itself within a minute or two; with this level in the rig, loud and soft
    are heard rightly from the first note on. Nothing is played and nothing is written.
    """
    from emohost.config import load_rig

    levels = listen(silent_rig(load_rig(config)), seconds)
    usual, share = usual_level(levels, load_rig(config).rig.music.gate_db)
    click.echo(
        f"heard {max(levels):.0f} dBFS at most, {usual:.1f} usually, something {100 * share:.0f} % of the time"
    )
    click.echo(f"for the rig: music: {{reference_db: {round(usual)}}}")


def silent_rig(loaded: LoadedRig) -> LoadedRig:
    """The same rig without a MIDI port, files, and others who reach it."""
    import dataclasses

    rig = loaded.rig
    without = {
        "name": f"{rig.name}-soundcheck"[:63],
        "midi": rig.midi.model_copy(update={"api": "none", "inputs": []}),
        "output": type(rig.output)(),
        "bridge": type(rig.bridge)(),
        "control": type(rig.control)(),
    }
    return dataclasses.replace(loaded, rig=rig.model_copy(update=without))


def listen(loaded: LoadedRig, seconds: float) -> list[float]:
    """The level, dBFS RMS, ten times a second. Raises EmohostError."""
    from emohost.host.host import Host

    stop, levels = Flag(), list[float]()

    def on_status(status: Status) -> None:
        if status.blocks:
            levels.append(status.level_db)
        if status.seconds >= seconds:
            stop.set()

    click.echo(f"listening for {seconds:g} s: play as usual", err=True)
    Host(loaded).run(stop, on_status)
    if not levels:
        raise AudioError("the input gave no block")
    return levels


def usual_level(levels: Sequence[float], gate_db: float) -> tuple[float, float]:
    """Mean power, dBFS, of what is above the gate, and its share of the time. Raises AudioError if that is too
    little."""
    heard = [level for level in levels if level > gate_db]
    share = len(heard) / len(levels)
    if share < LEAST_SHARE:
        raise AudioError(
            f"found something above {gate_db:g} dBFS in {100 * share:.0f} % of the time, {max(levels):.0f} dBFS at "
            "most; expected somebody who plays"
        )
    return 10 * math.log10(sum(10 ** (level / 10) for level in heard) / len(heard)), share
