"""The click group: lazy commands, and the one place where an EmohostError becomes a message and an exit code."""

from __future__ import annotations

import importlib
from typing import Any

import click

from emohost import __version__
from emohost.cli.commands import COMMANDS
from emohost.cli.common.signals import ended_in_order
from emohost.cli.common.streams import STANDARD_OUTPUT, give_up_output
from emohost.errors import EmohostError

INTERRUPTED = 130

EPILOG = """\b
Exit codes:
  0    all is well (also when Ctrl-C ends `run`)
  1    another failure: a check that fails, a file that cannot be written
  2    a mistake in the configuration or on the command line
  3    a model file
  4    an audio device or file
  5    a MIDI port
  6    the engine could not be kept running
  7    a running host cannot be reached
  130  Ctrl-C ended a command other than `run`
  143  SIGTERM ended a command other than `run`

\b
Completion, for bash (zsh and fish likewise), in ~/.bashrc:
  eval "$(_EMOHOST_COMPLETE=bash_source emohost)"

\b
Examples:
  emohost init
  emohost run rig.yaml
  emohost render song.wav song.mid
"""


class LazyGroup(click.Group):
    """Imports a command's module when the command is called, not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[cmd_name][0]).command
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name][0]}.command is no click command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            import difflib

            close = difflib.get_close_matches(name, COMMANDS, n=1)
            meant = f" (did you mean '{close[0]}'?)" if close else ""
            ctx.fail(f"no command '{name}'; there are {', '.join(COMMANDS)}{meant}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with ended_in_order():
                return super().invoke(ctx)
        except EmohostError as error:
            click.echo(str(error), err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)
        except OSError as error:
            if error.filename is None:
                raise
            if (
                error.filename == STANDARD_OUTPUT
            ):  # with what is left of it, it would fail once more at the end
                give_up_output()
            click.echo(f"{error.filename}: {error.strerror}", err=True)
            ctx.exit(1)


@click.group(
    cls=LazyGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="emohost")
def cli() -> None:
    """A headless audio host for live rigs: audio in, five small networks on every block, MIDI out."""
