"""`emohost get`."""

from __future__ import annotations

import json

import click

from emohost.cli.common.console import columns, examples
from emohost.cli.remote.at_host import ask, rig_option
from emohost.errors import ControlError


@click.command(epilog=examples("emohost get", "emohost get density", "emohost get --json --rig stage"))
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@rig_option
def command(name: str | None, as_json: bool, rig: str | None) -> None:
    """What the live parameters of the running host are set to, and who set them last."""
    from emohost.control.parameters import checked, shown

    answer = ask("get", rig)
    values, set_by = answer["parameters"], answer["set_by"]
    if name is not None:
        if name not in values:
            checked(name, 0)  # says what there is
            raise ControlError(f"the host does not know {name!r}")
        click.echo(json.dumps(values[name]) if as_json else shown(name, values[name]))
        return
    if as_json:
        click.echo(json.dumps({each: {"value": values[each], "set_by": set_by.get(each)} for each in values}))
        return
    click.echo(
        columns([(each, shown(each, value), set_by.get(each, "")) for each, value in values.items()], "")
    )
