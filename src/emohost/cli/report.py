"""`emohost report`."""

from __future__ import annotations

from pathlib import Path

import click

from emohost.cli.common.console import examples
from emohost.cli.common.file_names import OutputName, check_files
from emohost.outputs import NamedFile, Output

PAGES = (".html",)


@click.command(
    epilog=examples("emohost report sessions/evening", "emohost report sessions/evening --out evening.html")
)
@click.argument("session", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--out", type=OutputName(PAGES), help="The page to write; report.html here if left out.")
def command(session: Path, out: Path | None) -> None:
    """Write one HTML page about a session that `emohost run --record DIR` has kept.

    Emotion, key, chords and parts over time, the load of the audio callback, what was asked of the host and what went
    wrong. The page holds its pictures, and needs no network.
    """
    from emohost.sessions.report import write_report
    from emohost.sessions.session import Session

    kept = Session.open(session)
    page = Path("report.html") if out is None else out
    read = [NamedFile("the session", path) for path in kept.folder.rglob("*") if path.is_file()]
    check_files([Output("--out", page, PAGES)], read)
    write_report(kept, page)
    click.echo(f"wrote {page}")
