"""`emohost service`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click

from emohost.cli.common.console import examples

Rig = click.argument("name", metavar="NAME")


@click.group(
    epilog=examples(
        "emohost service install rig.yaml",
        "emohost service status stage",
        "emohost service logs stage",
        "emohost service uninstall stage",
    )
)
def command() -> None:
    """Let the user's systemd start a rig with the session, watch it, and start it again.

    Its watchdog is fed by the audio callback's own progress: a host whose blocks no longer come is started anew. A rig
    that cannot be read, or a model file, is not tried again.

    On macOS it is a LaunchAgent, on Windows a task at log-on: started again when the host fails, without the watchdog.
    These two were written by their documentation and not run on such machines so far."""


@command.command(
    epilog=examples("emohost service install rig.yaml", "emohost service install rig.yaml --print")
)
@click.argument("config", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--pw-jack", is_flag=True, help="Start it through pw-jack: a rig for JACK on PipeWire.")
@click.option("--print", "only_print", is_flag=True, help="Print the definition and write nothing.")
def install(config: Path, pw_jack: bool, only_print: bool) -> None:
    """Make a service of the rig CONFIG, named after it; it begins with the next session, and now."""
    from emohost.config import load_rig
    from emohost.service.definition import RigService
    from emohost.service.manager import service_manager

    starter = [*(_pw_jack() if pw_jack else []), sys.executable, "-m", "emohost"]
    service = RigService(load_rig(config).rig.name, config.absolute(), tuple(starter))
    manager = service_manager()
    if only_print:
        click.echo(manager.text(service), nl=False)
        return
    file, known = manager.install(service)
    click.echo(f"{file}\n{known}")


@command.command(epilog=examples("emohost service uninstall stage"))
@Rig
def uninstall(name: str) -> None:
    """Stop the service of the rig NAME and remove it."""
    from emohost.service.manager import service_manager

    file, wrong = service_manager().uninstall(name)
    if wrong:
        click.echo(wrong, err=True)
    click.echo(f"removed {file}")


@command.command(epilog=examples("emohost service status", "emohost service status stage"))
@click.argument("name", metavar="[NAME]", required=False)
def status(name: str | None) -> None:
    """What the system says of the service of the rig NAME, or of all."""
    from emohost.service.manager import service_manager

    said = service_manager().status(name)
    if not said:
        click.echo("no services; emohost service install makes one")
    for each in said:
        click.echo(each, nl=False)


@command.command(epilog=examples("emohost service logs stage"))
@Rig
def logs(name: str) -> None:
    """Follow what the service of the rig NAME says, until Ctrl-C."""
    from emohost.service.commands import ServiceError
    from emohost.service.manager import service_manager

    command = service_manager().log_command(name)
    if shutil.which(command[0]) is None:
        raise ServiceError(f"there is no {command[0]} here, which shows the log of a service")
    if sys.platform == "win32":  # exec would leave the terminal to two programs there
        sys.exit(subprocess.call(command))
    os.execvp(command[0], command)


def _pw_jack() -> list[str]:
    found = shutil.which("pw-jack")
    if found is None:
        raise click.UsageError("--pw-jack: there is no pw-jack here (Debian: pipewire-jack)")
    return [found]
