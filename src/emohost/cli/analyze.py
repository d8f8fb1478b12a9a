"""`emohost analyze`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emohost.cli.files import Bar, outputs, rig_for_files, rig_options, say_untrained

if TYPE_CHECKING:
    from emohost.offline.performance import Performance


@click.command(context_settings={"max_content_width": 100})
@click.argument("audio", nargs=-1, required=True, metavar="IN...", type=click.Path(path_type=Path))
@rig_options
@click.option("--json", "form", flag_value="json", help="Print one JSON object per file and line.")
@click.option("--csv", "form", flag_value="csv", help="Print one row per hop.")
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
    form: str | None,
    plot: bool,
    out: Path,
) -> None:
    """Tell what the host hears in audio files: emotion, key and chords over time.

    \b
    JSON: file, duration, hop_s, valence and arousal per hop, key and chords as [start, end, label] in
    seconds ('C:min', 'G:7', 'N' for none), tempo (null: not tracked yet).
    """
    pictures: list[Path] | None = None
    if plot:
        pictures = outputs(audio, out, ".png")
        out.mkdir(parents=True, exist_ok=True)
    rig, base = rig_for_files(config, seed)

    from emohost.offline.analyze import AnalyzeJob, analyze, as_json, as_text, write_csv
    from emohost.offline.batch import run_batch

    work = [
        AnalyzeJob(path, pictures[number] if pictures else None, rig, base, block_size)
        for number, path in enumerate(audio)
    ]
    with Bar(audio, shown=not (form == "csv" and sys.stdout.isatty())) as bar:
        performances = told(run_batch(analyze, work, jobs, bar.done))
        if form == "csv":
            write_csv(performances, sys.stdout)
        for performance in performances:
            if form == "json":
                import orjson

                bar.echo(orjson.dumps(as_json(performance)))
            else:
                bar.echo(as_text(performance))


def told(performances: Iterator[Performance]) -> Iterator[Performance]:
    """The same, after a word on untrained networks, which are the same for all files."""
    for number, performance in enumerate(performances):
        if number == 0:
            say_untrained(performance.untrained)
        yield performance
