"""`emohost snapshot`."""

from __future__ import annotations

import click

from emohost.cli.common.console import columns, examples
from emohost.cli.remote.at_host import ask, at_option, over_option, rig_option


@click.group(
    epilog=examples(
        "emohost snapshot save verse",
        "emohost snapshot recall verse --over 4s",
        "emohost snapshot recall chorus --at bar",
        "emohost snapshot list",
    ),
)
def command() -> None:
    """Keep what the live parameters are set to under a name, and set them so again. Snapshots lie beside the rig, in
    RIG.snapshots.yaml."""


@command.command(epilog=examples("emohost snapshot save verse"))
@click.argument("name")
@rig_option
def save(name: str, rig: str | None) -> None:
    """Keep all parameters as they are set now; one of that name is replaced."""
    ask("snapshot", rig, action="save", name=name)


@command.command(epilog=examples("emohost snapshot recall verse --over 4s"))
@click.argument("name")
@at_option
@over_option
@rig_option
def recall(name: str, at: str, over_s: float, rig: str | None) -> None:
    """Set all parameters as they were kept."""
    ask("snapshot", rig, action="recall", name=name, at=at, over_s=over_s)


@command.command(epilog=examples("emohost snapshot delete verse"))
@click.argument("name")
@rig_option
def delete(name: str, rig: str | None) -> None:
    """Forget one."""
    ask("snapshot", rig, action="delete", name=name)


@command.command("list", epilog=examples("emohost snapshot list"))
@rig_option
def list_them(rig: str | None) -> None:
    """All that there are, with what differs from a parameter's default."""
    from emohost.control.parameters import BY_NAME, shown

    answer = ask("snapshot", rig, action="list")
    rows = [
        (
            name,
            ", ".join(
                f"{each} {shown(each, value)}"
                for each, value in values.items()
                if value != BY_NAME[each].default
            ),
        )
        for name, values in answer["snapshots"].items()
    ]
    click.echo(columns(rows, "") if rows else f"none yet in {answer['file']}")
