"""`emohost render`."""

from __future__ import annotations

from pathlib import Path

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
from emohost.outputs import MIDI_FILES, PICTURES, Output


@click.command(
    context_settings={"max_content_width": 100},
    epilog=examples(
        "emohost render song.wav song.mid",
        "emohost render --plot --config rig.yaml song.wav song.mid",
        "emohost render --jobs 2 takes/*.flac midi",
    ),
)
@click.argument("audio", nargs=-1, required=True, metavar="IN...", type=FILE_READ)
@click.argument("out", type=click.Path(path_type=Path, readable=False))
@rig_options
@click.option("--plot", is_flag=True, help="Also draw emotion, chords and piano roll, as OUT.png.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per file.")
def command(
    audio: tuple[Path, ...],
    out: Path,
    config: Path | None,
    seed: int | None,
    block_size: int,
    jobs: int,
    plot: bool,
    as_json: bool,
) -> None:
    """Play audio files through the engine and write what it plays as MIDI files.

    OUT is a MIDI file (.mid) for one IN, or a folder, which gets a file per IN. The same audio, seed and
    configuration give the same MIDI, whatever the block size. IN may be '-', the standard input.
    """
    midi = _midi_files(audio, out)
    rig, base = rig_for_files(config, seed)
    pictures = [path.with_suffix(".png") if plot else None for path in midi]
    check_files(
        [Output("OUT", path, MIDI_FILES) for path in midi]
        + [Output("--plot", path, PICTURES) for path in pictures if path is not None],
        files_read(audio, config, rig, base),
    )
    for path in midi:
        path.parent.mkdir(parents=True, exist_ok=True)

    from emohost.audio.pipes import is_pipe
    from emohost.offline.batch import run_batch
    from emohost.offline.render import RenderJob, render

    work = [
        RenderJob(path, target, picture, rig, base, block_size)
        for path, target, picture in zip(audio, midi, pictures, strict=True)
    ]
    with ProgressBar(audio, shown=not any(map(is_pipe, audio))) as bar:
        for number, report in enumerate(run_batch(render, work, processes(audio, jobs), bar.done)):
            if number == 0:
                say_untrained(report["untrained"])
            for warning in report["warnings"]:
                click.echo(f"warning: {warning}", err=True)
            if as_json:
                import orjson

                bar.echo(orjson.dumps(report))
            else:
                parts = ", ".join(f"{name} {count}" for name, count in report["notes"].items() if count)
                bar.echo(f"{report['midi']}: {report['duration']:.1f} s, {parts or 'no notes'}")


def _midi_files(audio: tuple[Path, ...], out: Path) -> list[Path]:
    """Where each file's MIDI goes: OUT itself, or in the folder OUT. Raises UsageError."""
    if len(audio) == 1 and not out.is_dir() and out.suffix.lower() in MIDI_FILES:
        if not out.parent.is_dir():
            raise click.UsageError(f"OUT: found no folder {out.parent} for {out.name}")
        return [out]
    if out.suffix and not out.is_dir():
        expected = "a MIDI file (.mid) or a folder" if len(audio) == 1 else "a folder, for several files"
        raise click.UsageError(f"OUT: found {out}; expected {expected}")
    return outputs(audio, out, ".mid")
