"""`emohost set`."""

from __future__ import annotations

import click

from emohost.cli.common.console import columns, examples
from emohost.cli.remote.at_host import ask, at_option, over_option, rig_option
from emohost.errors import ControlError
from emohost.vocabulary import PARAMETERS, Parameter


def table() -> str:
    """What can be set, for the help."""
    return columns([(each.name, values(each), each.help) for each in PARAMETERS])


def values(parameter: Parameter) -> str:
    """Such as '0 to 2', 'off, on'."""
    if parameter.kind == "switch":
        return "off, on"
    if parameter.kind == "choice":
        return ", ".join(parameter.choices)
    unit = f" {parameter.unit}" if parameter.unit else ""
    return f"{parameter.low:g} to {parameter.high:g}{unit}"


def as_value(text: str) -> float | str:
    """A number where it is one."""
    try:
        return float(text)
    except ValueError:
        return text


@click.command(
    context_settings={"ignore_unknown_options": True},
    epilog="\b\nParameters:\n"
    + table()
    + "\n\n"
    + examples(
        "emohost set density 0.6",
        "emohost set tempo 92 --over 4s",
        "emohost set transpose -2 --at bar",
        "emohost set listen answer --rig stage",
    ),
)
@click.argument("name")
@click.argument("value")
@at_option
@over_option
@rig_option
def command(name: str, value: str, at: str, over_s: float, rig: str | None) -> None:
    """Set a live parameter of the running host: at once, with the next beat or bar, or gliding."""
    from emohost.control.parameters import checked

    try:
        checked(name, as_value(value))
    except ControlError as error:
        raise click.UsageError(str(error)) from None
    ask("set", rig, name=name, value=as_value(value), at=at, over_s=over_s)
