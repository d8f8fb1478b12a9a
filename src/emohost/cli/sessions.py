"""`emohost sessions`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emohost.cli.common.console import columns, examples
from emohost.cli.common.numbers import Number

if TYPE_CHECKING:
    from emohost.errors import SessionError
    from emohost.sessions.session import Session

DAY_S = 86400.0


class WithFolder(click.Group):
    """A group whose first word may be a folder: that is listed."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Without a command, `list` is meant."""
        if not args or (args[0] not in self.commands and not args[0].startswith("-")):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=WithFolder,
    epilog=examples(
        "emohost sessions list ~/sessions",
        "emohost sessions check ~/sessions/evening",
        "emohost sessions prune ~/sessions --older 30",
    ),
)
def command() -> None:
    """List sessions that `emohost run --record DIR` has kept, check them, remove old ones (docs/sessions.md).

    `emohost sessions DIR` lists those in DIR; without DIR, those in the current folder.
    """


@command.command("list", epilog=examples("emohost sessions list ~/sessions"))
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default=Path())
def list_sessions(folder: Path) -> None:
    """Show the sessions in DIR: when, how long, how many notes, how large, and what is special."""
    from emohost.sessions.session import sessions_in

    found, unreadable = sessions_in(folder)
    if found:
        click.echo(columns([_row(session) for session in found], indent=""))
    elif not unreadable:
        click.echo(f"{folder}: no session is here")
    _tell(unreadable)
    if unreadable:
        raise SystemExit(1)


@command.command(epilog=examples("emohost sessions check ~/sessions/evening"))
@click.argument("folders", nargs=-1, required=True, metavar="DIR...", type=click.Path(path_type=Path))
def check(folders: tuple[Path, ...]) -> None:
    """Compare each session's files with the hashes that were written at its end, and read all of it.

    Ends with status 1 where something has changed, is missing or cannot be read.
    """
    from emohost.errors import SessionError
    from emohost.sessions.session import sessions_in

    looked = [sessions_in(folder) for folder in folders]
    found = [session for sessions, _ in looked for session in sessions]
    unreadable = [error for _, errors in looked for error in errors]
    if not found and not unreadable:
        raise SessionError(f"{', '.join(map(str, folders))}: no session is here")
    _tell(unreadable)
    faulty = bool(unreadable)
    for session in found:
        faults = [*session.faults(), *session.unreadable()]
        faulty |= bool(faults)
        click.echo(
            "\n".join(faults)
            if faults
            else f"{session.folder}: {_clock(session.seconds)}, all as it was written"
        )
    if faulty:
        raise SystemExit(1)


@command.command(
    epilog=examples(
        "emohost sessions prune ~/sessions --older 30", "emohost sessions prune ~/sessions/rehearsal"
    )
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--older", type=Number(0), metavar="DAYS", help="Only those that began so many days ago.")
@click.option("--yes", is_flag=True, help="Without a question.")
def prune(folder: Path, older: float | None, yes: bool) -> None:
    """Remove the session DIR, or those in DIR, after a question.

    Of a folder with several, --older says which. What is no session, and what else lies in a session's folder, stays.
    """
    from emohost.sessions.layout import SESSION
    from emohost.sessions.session import sessions_in

    if older is None and not (folder / SESSION).is_file():
        raise click.UsageError(f"{folder} is no session itself; --older DAYS says which of those in it go")
    latest = time.time() - (older or 0) * DAY_S
    found, unreadable = sessions_in(folder)
    _tell(unreadable)  # they stay
    going = [each for each in found if older is None or float(each.about["started"]) < latest]
    if not going:
        click.echo("nothing to remove")
        return
    click.echo(columns([_row(session) for session in going], indent=""))
    if not yes and not click.confirm(f"Remove {len(going)} for good?", default=False):
        raise SystemExit(1)
    for session in going:
        for path in session.remove():
            click.echo(f"{path}: stays, it is not of the session", err=True)
        click.echo(f"removed {session.folder}")


def _tell(unreadable: list[SessionError]) -> None:
    """Why some sessions cannot be read."""
    for error in unreadable:
        click.echo(str(error), err=True)


def _row(session: Session) -> tuple[str, ...]:
    from emohost.errors import SessionError

    began = time.strftime("%Y-%m-%d %H:%M", time.localtime(float(session.about["started"])))
    start = (str(session.folder), session.name, began)
    try:
        return (*start, *_inside(session))
    except SessionError as error:
        return (*start, "", "", "", f"damaged: {error}")


def _inside(session: Session) -> tuple[str, ...]:
    engines = len(session.parts)
    remarks = [] if session.whole else ["not kept to its end"]
    remarks += [f"{engines} engines"] if engines > 1 else []
    return (
        _clock(session.seconds),
        f"{session.notes} notes",
        f"{session.bytes / 1e6:.1f} MB",
        ", ".join(remarks),
    )


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
