"""`emohost run`."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from emohost.config import LoadedRig
    from emohost.host.status import Status, Summary

LEVELS = ["debug", "info", "warning", "error"]


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Instead of the rig's music.seed.")
@click.option("--midi-file", type=click.Path(path_type=Path), help="Instead of the rig's output.midi_file.")
@click.option(
    "--plot", type=click.Path(path_type=Path), help="Instead of the rig's output.plot (.png, .svg, .pdf)."
)
@click.option(
    "--duration", type=click.FloatRange(0, min_open=True), help="Stop after so many seconds of playing."
)
@click.option("--quiet", "-q", is_flag=True, help="No status line and no summary.")
@click.option(
    "--log-level", type=click.Choice(LEVELS), default="info", show_default=True, help="On standard error."
)
def command(
    config: Path,
    seed: int | None,
    midi_file: Path | None,
    plot: Path | None,
    duration: float | None,
    quiet: bool,
    log_level: str,
) -> None:
    """Play the rig that CONFIG (a YAML file) describes.

    It plays until Ctrl-C, SIGTERM or the end of its file or --duration; each ends every note and writes the files. The
    status line shows emotion, key, chord, notes, the load of the audio callback in % of the block's deadline and how
    late MIDI was sent.
    """
    stop = threading.Event()
    stop_on_signals(stop)
    from emohost.host.ahead import engine_ahead

    with engine_ahead() as engine:
        from emohost.cli.status import StatusLine
        from emohost.config import load_rig

        loaded = overridden(load_rig(config), seed, midi_file, plot)
        make_folders(loaded)
        with StatusLine(quiet) as line:
            log_to_stderr("warning" if quiet else log_level)

            def on_status(status: Status) -> None:
                if duration is not None and status.seconds >= duration:
                    stop.set()
                line.update(status)

            from emohost.host.host import Host

            summary = Host(loaded, engine).run(stop, on_status)
    picture = loaded.rig.output.plot
    if picture is not None:
        draw(picture, loaded, summary)
    if not quiet:
        click.echo(report(summary, picture))


def overridden(loaded: LoadedRig, seed: int | None, midi_file: Path | None, plot: Path | None) -> LoadedRig:
    """The rig with what the command line says instead; its paths are relative to the working directory."""
    import dataclasses

    from emohost.config.schema import PICTURES

    if plot is not None and plot.suffix.lower() not in PICTURES:
        raise click.BadParameter(
            f"found '{plot}'; expected a name that ends in {', '.join(PICTURES)}", param_hint="--plot"
        )
    rig = loaded.rig
    music = rig.music if seed is None else rig.music.model_copy(update={"seed": seed})
    files = {"midi_file": midi_file, "plot": plot}
    output = rig.output.model_copy(
        update={key: path.absolute() for key, path in files.items() if path is not None}
    )
    return dataclasses.replace(loaded, rig=rig.model_copy(update={"music": music, "output": output}))


def make_folders(loaded: LoadedRig) -> None:
    """The folders of the files to be written, before anything plays. Raises OSError."""
    for _, path in loaded.rig.output:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)


def stop_on_signals(stop: threading.Event) -> None:
    """SIGINT, SIGTERM and the end of the terminal end the run, cleanly; a second one at once."""

    def handle(number: int, frame: Any) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle)
    if (
        sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN
    ):  # it is, under nohup
        signal.signal(signal.SIGHUP, handle)


def log_to_stderr(level: str) -> None:
    """Inside the StatusLine, which keeps what is written to sys.stderr above itself."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        logging.Formatter("%(message)s" if level != "debug" else "%(asctime)s %(name)s: %(message)s")
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


def draw(path: Path, loaded: LoadedRig, summary: Summary) -> None:
    from emohost.plot import draw_run, track_of_reports

    track = track_of_reports(summary.reports, summary.sample_rate)
    draw_run(path, title=loaded.rig.name, track=track, events=summary.events)


def report(summary: Summary, picture: Path | None) -> str:
    """The last word: how long, how much, how well, and the files."""
    from emohost.cli.status import clock, flags, spread

    last = summary.last
    lines = [
        f"played {clock(last.seconds)}, {summary.blocks} blocks, {last.notes} notes",
        f"load {spread(last.load, ' %')} of the deadline; MIDI late {spread(last.lateness_ms, ' ms')}",
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
    written = [*summary.files, *([picture] if picture is not None else [])]
    lines += [f"wrote {path}" for path in written]
    return "\n".join(lines)
