"""`emohost analyze`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emohost.cli.common.console import examples
from emohost.cli.common.file_names import FILE_READ, check_files
from emohost.cli.common.files import (
    ProgressBar,
    files_read,
    outputs,
    processes,
    rig_for_files,
    rig_options,
    say_untrained,
)
from emohost.outputs import PICTURES, Output

if TYPE_CHECKING:
    from emohost.offline.performance import Performance


@click.command(
    context_settings={"max_content_width": 100},
    epilog=examples(
        "emohost analyze song.wav",
        "emohost analyze --json *.flac",
        "emohost analyze --csv song.wav | head",
        "emohost analyze --plot --out pictures song.wav",
    ),
)
@click.argument("audio", nargs=-1, required=True, metavar="IN...", type=FILE_READ)
@rig_options
@click.option("--json", "to_json", is_flag=True, help="Print one JSON object per file and line.")
@click.option("--csv", "to_csv", is_flag=True, help="Print one row per hop.")
@click.option("--plot", is_flag=True, help="Also draw a picture of each file, in the folder of --out.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Folder for the pictures; absent: the current one.",
)
def command(
    audio: tuple[Path, ...],
    config: Path | None,
    seed: int | None,
    block_size: int,
    jobs: int,
    to_json: bool,
    to_csv: bool,
    plot: bool,
    out: Path,
) -> None:
    """Tell what the host hears in audio files: emotion, kind of sound, key, chords and beat over time.

    \b
    JSON: file, duration, hop_s, valence and arousal per hop, key and chords as [start, end, label] in
    seconds ('C:min', 'G:7', 'N' for none), sound as [start, end, kind, confidence], tempo as
    [[seconds, beats per minute, confidence]], beats and downbeats in seconds, warnings. IN may be '-', the
    standard input.
    """
    if to_json and to_csv:
        raise click.UsageError("found --json and --csv; expected one of them")
    pictures: list[Path] | None = None
    if plot:
        pictures = outputs(audio, out, ".png")
    rig, base = rig_for_files(config, seed)
    if pictures is not None:
        check_files(
            [Output("--plot", path, PICTURES) for path in pictures], files_read(audio, config, rig, base)
        )
        out.mkdir(parents=True, exist_ok=True)

    from emohost.audio.pipes import is_pipe
    from emohost.offline.analyze import AnalyzeJob, analyze, as_json, as_text, write_csv
    from emohost.offline.batch import run_batch

    work = [
        AnalyzeJob(path, pictures[number] if pictures else None, rig, base, block_size)
        for number, path in enumerate(audio)
    ]
    with ProgressBar(
        audio, shown=not (to_csv and sys.stdout.isatty()) and not any(map(is_pipe, audio))
    ) as bar:
        performances = with_warnings(run_batch(analyze, work, processes(audio, jobs), bar.done))
        if to_csv:
            write_csv(performances, sys.stdout)
        for performance in performances:
            if to_json:
                import orjson

                bar.echo(orjson.dumps(as_json(performance)))
            else:
                bar.echo(as_text(performance))


def with_warnings(performances: Iterator[Performance]) -> Iterator[Performance]:
    """The same, after a word on untrained networks, which are the same for all, and on what is strange in each."""
    for number, performance in enumerate(performances):
        if number == 0:
            say_untrained(performance.untrained)
        for remark in performance.remarks:
            click.echo(f"warning: {remark}", err=True)
        yield performance
