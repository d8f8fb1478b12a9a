"""`emohost schema`."""

from __future__ import annotations

import json

import click

from emohost.cli.common.console import examples


@click.command(epilog=examples("emohost schema > rig.schema.json"))
def command() -> None:
    """Print the JSON Schema of a rig's YAML file.

    \b
    For completion and checks in an editor, save it beside the rig and name it in the rig's first line:
      # yaml-language-server: $schema=rig.schema.json
    """
    from emohost.config.mistakes import rig_schema

    click.echo(json.dumps(rig_schema(), indent=2, ensure_ascii=False))
