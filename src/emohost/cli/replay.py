"""`emohost replay`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emohost.cli.common.console import examples
from emohost.cli.common.file_names import OutputName, check_files
from emohost.outputs import MIDI_FILES, NamedFile, Output
from emohost.process.flag import Flag

if TYPE_CHECKING:
    from emohost.sessions.replay import Replay
    from emohost.sessions.session import Session


@click.command(
    context_settings={"max_content_width": 100},
    epilog=examples(
        "emohost replay sessions/evening",
        "emohost replay sessions/evening --out evening.mid",
        "emohost replay sessions/evening --with music.seed=8 --with music.style=bossa --out other.mid",
        "emohost replay --live sessions/evening",
    ),
)
@click.argument("session", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--out", type=OutputName(MIDI_FILES), help="Write what is played as this MIDI file.")
@click.option(
    "--with",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    help="Another value of the rig, for what would have been: music.seed=8, networks.melody.file=my.json.",
)
@click.option("--live", is_flag=True, help="Play it through the rig's MIDI port, in real time.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as a JSON object.")
def command(session: Path, out: Path | None, changes: tuple[str, ...], live: bool, as_json: bool) -> None:
    """Play a session that `emohost run --record DIR` has kept again, as fast as it goes.

    The same sound, messages and networks give the same bytes of MIDI; it says whether they did, and ends with status 1
    if not. With --with something else is played on purpose, and nothing is compared. What came in live (set, mute, MIDI
    …) comes in again at its frames, also over --with.
    """
    from emohost.sessions.replay import replay
    from emohost.sessions.session import Session

    kept = Session.open(session)
    wanted = dict(_change(each) for each in changes)
    if out is not None:
        read = [NamedFile("the session", path) for path in kept.folder.rglob("*") if path.is_file()]
        check_files([Output("--out", out, MIDI_FILES)], read)
    played = replay(kept, wanted)
    if out is not None:
        played.write(out)
    if live:
        _play_live(played)
    same = None if wanted else played.same
    _tell(kept, played, same, out, as_json)
    if same is False:
        raise SystemExit(1)


def _change(text: str) -> tuple[str, Any]:
    """Raises UsageError."""
    from emohost.config.document import DocumentError, read_document

    key, equals, value = text.partition("=")
    if not (equals and key and all(key.split("."))):
        raise click.UsageError(f"--with: found {text!r}; expected KEY=VALUE, as music.tempo=90")
    if key.endswith((".file", "_file")):
        return key, str(Path(value).absolute())  # as the command line's other paths
    try:
        return key, read_document(value).data
    except DocumentError as error:
        raise click.UsageError(f"--with: {text!r}: {error}") from None


def _tell(session: Session, played: Replay, same: bool | None, out: Path | None, as_json: bool) -> None:
    messages = sum(len(part.events) for part in played.parts)
    missing = [f"{part.part.folder}: {part.missing}" for part in played.parts if part.missing]
    if as_json:
        import orjson

        said = {"session": str(session.folder), "seconds": played.seconds, "messages": messages, "same": same}
        said |= {"missing": missing, "withheld": played.withheld, "midi": None if out is None else str(out)}
        click.echo(orjson.dumps(said))
        return
    if played.withheld:
        missing.append(
            f"{session.folder}: {played.withheld} emotions of Side B were not kept, for their consent does not cover "
            "'record': they are not felt again"
        )
    for text in missing:
        click.echo(f"warning: {text}", err=True)
    verdict = {None: "", True: ", all as they were played", False: ", which are not those that were played"}
    click.echo(f"{session.folder}: {played.seconds:.1f} s, {messages} MIDI messages{verdict[same]}")
    for part in played.parts:
        if same is False and (number := part.differs) is not None:
            before, now = part.part.played[number : number + 1], part.events[number : number + 1]
            played_before = f"frame {before[0][0]}, {before[0][1].hex(' ')}" if before else "nothing more"
            played_now = f"frame {now[0][0]}, {now[0][1].hex(' ')}" if now else "nothing more"
            click.echo(f"{part.part.folder}: message {number + 1}: was {played_before}; is {played_now}")
    if out is not None:
        click.echo(f"wrote {out}")


def _play_live(played: Replay) -> None:
    """Until its end, or Ctrl-C."""
    from emohost.cli.run import stop_on_signals
    from emohost.sessions.live import play_live

    stop = Flag()
    stop_on_signals(stop)
    play_live(played, stop)
