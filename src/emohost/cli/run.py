"""`emohost run`."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emohost.cli.common.console import examples
from emohost.cli.common.file_names import OutputName
from emohost.cli.common.numbers import Number
from emohost.cli.common.rig_here import or_rig_here
from emohost.outputs import MIDI_FILES, PICTURES
from emohost.process.flag import Flag

if TYPE_CHECKING:
    from emohost.config import LoadedRig
    from emohost.host.status import Status, Summary

LEVELS = ["debug", "info", "warning", "error"]


@click.command(
    epilog=examples(
        "emohost run",
        "emohost run rig.yaml",
        "emohost run --record sessions/evening rig.yaml",
        "emohost run --duration 60 --midi-file take.mid rig.yaml",
        "emohost run -v --log-level debug rig.yaml",
        "pw-jack emohost run rig.yaml",
    )
)
@click.argument(
    "config", type=click.Path(path_type=Path), required=False, callback=or_rig_here, metavar="[CONFIG]"
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Instead of the rig's music.seed.")
@click.option(
    "--midi-file", type=OutputName(MIDI_FILES), help="Instead of the rig's output.midi_file (.mid, .midi)."
)
@click.option(
    "--plot", type=OutputName(PICTURES), help="Instead of the rig's output.plot (.png, .svg, .pdf)."
)
@click.option(
    "--record",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Keep the session in this new folder: input, messages, MIDI (docs/sessions.md).",
)
@click.option("--duration", type=Number(0, min_open=True), help="Stop after so many seconds of playing.")
@click.option("--quiet", "-q", is_flag=True, help="No status line and no summary.")
@click.option("--verbose", "-v", is_flag=True, help="All there is to tell in the status line.")
@click.option(
    "--log-level", type=click.Choice(LEVELS), default="info", show_default=True, help="On standard error."
)
def command(
    config: Path,
    seed: int | None,
    midi_file: Path | None,
    plot: Path | None,
    record: Path | None,
    duration: float | None,
    quiet: bool,
    verbose: bool,
    log_level: str,
) -> None:
    """Play the rig that CONFIG (a YAML file) describes; without CONFIG, the rig in the current folder.

    It plays until Ctrl-C, SIGTERM, the end of its terminal, of its file or of --duration; each ends every note and
    writes the files: under numbered names (take-001.mid) if a device is heard, unless the rig's output.takes says
    otherwise. SIGHUP reads the rig again, as `emohost reload` does. The
    status line shows time, level, key, chord, valence and arousal, notes, then the load of the audio callback in % of
    the block's deadline and how late MIDI was sent (99 of 100 below), in red what is bad; -v shows all of it.
    """
    if quiet and verbose:
        raise click.UsageError("found --quiet and --verbose; expected one of them")
    stop, reload = Flag(), Flag()
    stop_on_signals(stop)
    reload_on_hangup(stop, reload)
    from emohost.host.ahead import engine_ahead

    with contextlib.ExitStack() as ends:
        engine = ends.enter_context(engine_ahead())
        from emohost.cli.status import StatusLine
        from emohost.config import load_rig

        loaded = overridden(load_rig(config), seed, midi_file, plot)
        from emohost.host.outputs import hold

        takes = ends.enter_context(hold(loaded))
        with StatusLine(quiet, verbose) as line:
            log_to_stderr("warning" if quiet else log_level)

            def on_status(status: Status) -> None:
                manager.tell(status)
                if duration is not None and status.seconds >= duration:
                    stop.set()
                line.update(status)

            from emohost.host.host import Host
            from emohost.service.notify import Notifier

            manager = Notifier.of_environment()
            summary = Host(loaded, engine, takes, record).run(stop, on_status, reload)
        manager.ending()
        if summary.picture is not None:
            draw(summary.picture, loaded, summary)
    if not quiet:
        click.echo(report(summary))


def overridden(loaded: LoadedRig, seed: int | None, midi_file: Path | None, plot: Path | None) -> LoadedRig:
    """The rig with what the command line says instead; its paths are relative to the working directory."""
    import dataclasses

    rig = loaded.rig
    music = rig.music if seed is None else rig.music.model_copy(update={"seed": seed})
    files = {"midi_file": midi_file, "plot": plot}
    output = rig.output.model_copy(
        update={key: path.absolute() for key, path in files.items() if path is not None}
    )
    keys = {f"output.{key}" for key, path in files.items() if path is not None}
    keys |= set() if seed is None else {"music.seed"}
    changed = rig.model_copy(update={"music": music, "output": output})
    return dataclasses.replace(loaded, rig=changed, overridden=frozenset(keys))


def stop_on_signals(stop: Flag) -> None:
    """SIGINT and SIGTERM end the run, cleanly; a second one at once."""

    def handle(number: int, frame: Any) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle)


def reload_on_hangup(stop: Flag, reload: Flag) -> None:
    """SIGHUP reads the rig again; where it comes because the terminal is gone, it ends the run. Under nohup it does
    neither."""
    if sys.platform == "win32" or signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        return
    had_terminal = has_terminal()

    def handle(number: int, frame: Any) -> None:
        (stop if had_terminal and not has_terminal() else reload).set()

    signal.signal(signal.SIGHUP, handle)


def has_terminal() -> bool:
    """Whether there is one that this process belongs to. It is gone when its window is closed or its line broken."""
    if sys.platform == "win32":
        return False
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def log_to_stderr(level: str) -> None:
    """Inside the StatusLine, which keeps what is written to sys.stderr above itself. Each line has its time and level;
    a message of several lines is several of them. Of what other packages log, warnings and errors are shown."""
    handler = ToStandardError()
    handler.setFormatter(Lines(named=level == "debug"))
    logging.basicConfig(level="ERROR" if level == "error" else "WARNING", handlers=[handler], force=True)
    logging.getLogger("emohost").setLevel(level.upper())


class ToStandardError(logging.Handler):
    """Writes to what sys.stderr is at that moment: the status line takes its place, and gives it back."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
        except Exception:  # as every handler does: a record that cannot be formatted ends nothing
            self.handleError(record)


class Lines(logging.Formatter):
    """'18:49:57.123 warning  the engine was lost …'"""

    def __init__(self, named: bool) -> None:
        super().__init__("%(name)s: %(message)s" if named else "%(message)s")

    def format(self, record: logging.LogRecord) -> str:
        from emohost.cli.status import timestamp

        start = f"{timestamp(record.created)} {record.levelname.lower():8} "
        return "\n".join(start + line for line in super().format(record).splitlines())


def draw(path: Path, loaded: LoadedRig, summary: Summary) -> None:
    from emohost.plot import draw_run, track_of_reports

    track = track_of_reports(summary.reports, summary.sample_rate)
    draw_run(path, title=loaded.rig.name, track=track, events=summary.events)


def report(summary: Summary) -> str:
    """The last word: how long, how much, how well, and the files."""
    from emohost.cli.status import clock, flags, spread

    last = summary.last
    lines = [
        f"played {clock(last.seconds)}, {summary.blocks} blocks, {last.notes} notes",
        f"load {spread(last.load, ' %')} of the deadline; MIDI late {spread(last.lateness_ms, ' ms')}"
        + (f" (at {clock(last.worst_lateness.at_s)})" if last.worst_lateness.ms else ""),
    ]
    if last.flags:
        lines.append(flags(last))
    lines += [
        f"{count} {what}"
        for count, what in (
            (last.late_blocks, "blocks late: their callback took longer than they last"),
            (summary.stale, "notes left out: too late"),
            (summary.unsent, "notes left out: the MIDI port was not there"),
            (summary.port_losses, "losses of the MIDI port"),
            (last.restarts, "restarts of the engine"),
        )
        if count
    ]
    if last.dropped:
        lines.append(
            "no room for "
            + ", ".join(f"{count} {ring}" for ring, count in last.dropped.items())
            + " messages"
        )
    written = [*summary.files, *([summary.picture] if summary.picture is not None else [])]
    lines += [f"wrote {path}" for path in written]
    return "\n".join(lines)
