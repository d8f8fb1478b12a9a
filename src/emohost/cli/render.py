"""`emohost render`."""

from __future__ import annotations

from pathlib import Path

import click

from emohost.cli.files import Bar, outputs, rig_for_files, rig_options, say_untrained

MIDI_SUFFIXES = (".mid", ".midi")


@click.command(context_settings={"max_content_width": 100})
@click.argument("audio", nargs=-1, required=True, metavar="IN...", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
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
    configuration give the same MIDI, whatever the block size.
    """
    midi = _midi_files(audio, out)
    rig, base = rig_for_files(config, seed)

    from emohost.offline.batch import run_batch
    from emohost.offline.render import RenderJob, render

    work = [
        RenderJob(path, target, target.with_suffix(".png") if plot else None, rig, base, block_size)
        for path, target in zip(audio, midi, strict=True)
    ]
    with Bar(audio) as bar:
        for number, report in enumerate(run_batch(render, work, jobs, bar.done)):
            if number == 0:
                say_untrained(report["untrained"])
            if as_json:
                import orjson

                bar.echo(orjson.dumps(report))
            else:
                parts = ", ".join(f"{name} {count}" for name, count in report["notes"].items() if count)
                bar.echo(f"{report['midi']}: {report['duration']:.1f} s, {parts or 'no notes'}")


def _midi_files(audio: tuple[Path, ...], out: Path) -> list[Path]:
    """Where each file's MIDI goes. Raises UsageError; makes the folder if that is what OUT is."""
    if len(audio) == 1 and not out.is_dir() and out.suffix.lower() in MIDI_SUFFIXES:
        if not out.parent.is_dir():
            raise click.UsageError(f"OUT: found no folder {out.parent} for {out.name}")
        return [out]
    if out.suffix and not out.is_dir():
        expected = "a MIDI file (.mid) or a folder" if len(audio) == 1 else "a folder, for several files"
        raise click.UsageError(f"OUT: found {out}; expected {expected}")
    out.mkdir(parents=True, exist_ok=True)
    return outputs(audio, out, ".mid")
