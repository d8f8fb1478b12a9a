"""What the commands share that speak to a running host."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from emohost.cli.common.numbers import Number

if TYPE_CHECKING:
    from emohost.control.local import RunningHost

BY = "command line"
F = TypeVar("F", bound=Callable[..., Any])


class Seconds(Number):
    """'2', '2s' or '2 s'."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return super().convert(str(value).strip().removesuffix("s").strip(), param, ctx)


rig_option: Callable[[F], F] = click.option(
    "--rig", metavar="NAME", help="Only the running host of that name."
)
at_option: Callable[[F], F] = click.option(
    "--at",
    type=click.Choice(["now", "beat", "bar"]),
    default="now",
    show_default=True,
    help="When it begins: at once, or with the next beat or bar.",
)
over_option: Callable[[F], F] = click.option(
    "--over", "over_s", type=Seconds(0, 600), default=0.0, help="Glide there over so many seconds: 2s."
)


def ask(command: str, rig: str | None, **arguments: Any) -> dict[str, Any]:
    """One request of the host of that name, or of the only one. Raises ControlError."""
    from emohost.control.local import host_named, send_command

    host: RunningHost | None = host_named(rig) if rig is not None else None
    return send_command(command, host, by=BY, **arguments)
