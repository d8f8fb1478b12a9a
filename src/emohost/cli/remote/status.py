"""`emohost status`."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import click

from emohost.cli.common.console import examples
from emohost.cli.remote.at_host import ask, rig_option

EVERY_S = 0.2


@click.command(
    epilog=examples("emohost status", "emohost status --watch", "emohost status --json | jq .tempo")
)
@click.option("--json", "as_json", is_flag=True, help="As JSON; with --watch a line each time.")
@click.option("--watch", is_flag=True, help="Again and again, until Ctrl-C or the end of the host.")
@rig_option
def command(as_json: bool, watch: bool, rig: str | None) -> None:
    """The state of the running host: time, level, what is heard, key, chord, beat, emotion, notes, load."""
    told = ask("status", rig)["status"]
    if not watch:
        click.echo(json.dumps(told) if as_json else _line(told))
        return
    if as_json or not sys.stdout.isatty():
        while told["state"] != "ending":
            click.echo(json.dumps(told) if as_json else _line(told))
            time.sleep(EVERY_S)
            told = ask("status", rig)["status"]
        return
    from emohost.cli.status import StatusLine

    with StatusLine(verbose=True) as line:
        while told["state"] != "ending":
            line.update(_status(told))
            time.sleep(EVERY_S)
            told = ask("status", rig)["status"]


def _line(told: dict[str, Any]) -> str:
    from emohost.cli.status import status_line

    return status_line(_status(told), verbose=True)


def _status(told: dict[str, Any]) -> Any:
    from emohost.host.status import Status

    return Status.from_json(told)
