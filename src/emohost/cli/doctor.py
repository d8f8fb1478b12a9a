"""`emohost doctor`."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emohost.cli.common.console import examples

if TYPE_CHECKING:
    from emohost.doctor.findings import Finding

SIGNS = {"good": "good", "doubtful": "look", "bad": "BAD ", "unknown": "?   "}


@click.command(epilog=examples("emohost doctor", "emohost doctor --json", "emohost doctor --fix"))
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
@click.option("--fix", is_flag=True, help="Offer to run what mends it, one by one; nothing is run unasked.")
def command(as_json: bool, fix: bool) -> None:
    """Look for what makes audio drop out on this machine: each with what was found, why it matters and what mends it.

    Nothing is changed without --fix, which asks. Exit code 1 if something is bad. Linux.
    """
    if as_json and fix:
        raise click.UsageError("--json and --fix: expected one of them")
    if sys.platform != "linux":
        raise click.UsageError(f"it knows Linux alone, this is {sys.platform}")
    found = look(Path.cwd())
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(each) for each in found], indent=2))
    else:
        for each in found:
            click.echo(told(each))
    if fix:
        mend([each for each in found if each.mend])
    if any(each.state == "bad" for each in found):
        raise click.exceptions.Exit(1)


def look(folder: Path) -> list[Finding]:
    from emohost.doctor import machine, sound_server

    return [check() for check in [*machine.checks(folder), sound_server.jack, sound_server.pipewire]]


def told(finding: Finding) -> str:
    line = f"{SIGNS[finding.state]}  {finding.name}: {finding.found}"
    if not finding.mend:
        return line
    return f"{line}\n        {finding.why}\n        {'mend: ' if finding.runs else 'to do: '}{finding.mend}"


def mend(found: list[Finding]) -> None:
    """Asks for each command; what is no command is told."""
    for each in found:
        if not each.runs:
            click.echo(f"{each.name}: by hand: {each.mend}")
        elif click.confirm(f"{each.name}: run '{each.mend}'?", default=False):
            done = subprocess.run(each.mend, shell=True, check=False)
            click.echo("done" if done.returncode == 0 else f"it failed (status {done.returncode})")
