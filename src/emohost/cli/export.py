"""`emohost export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from emohost.cli.common.console import examples
from emohost.cli.common.file_names import FILE_READ, OutputName, check_files
from emohost.cli.common.numbers import Number
from emohost.outputs import PROJECTS, NamedFile, Output

if TYPE_CHECKING:
    from emohost.export.archive import Export
    from emohost.export.controls import ControlNames


@click.command(
    context_settings={"max_content_width": 100},
    epilog=examples(
        "emohost export song.mid --out song.dawproject",
        "emohost export evening-001.mid --audio evening.wav --out evening.dawproject",
        "emohost export evening-001.mid --audio evening.wav --audio-at -2.5 --out evening.dawproject",
    ),
)
@click.argument("midi", metavar="FILE.mid", type=FILE_READ)
@click.option(
    "--out",
    required=True,
    type=OutputName(PROJECTS),
    help="The project to write (.dawproject); replaced if there.",
)
@click.option(
    "--audio", type=FILE_READ, help="The sound that was heard: a track of its own, within the project."
)
@click.option(
    "--audio-at",
    type=Number(),
    default=0.0,
    show_default=True,
    metavar="SECONDS",
    help="When it begins, from the beginning of the MIDI file; negative: before.",
)
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The rig's YAML file, for what its control changes follow; absent: as in a rig without music.controls.",
)
def command(midi: Path, out: Path, audio: Path | None, audio_at: float, config: Path | None) -> None:
    """Write a recorded MIDI file, and the sound beside it, as a project for DAWs.

    DAWproject 1.0 is opened by Bitwig Studio, Studio One, Cubase and others. FILE.mid is what `run` and `render` leave,
    or any MIDI file: a track per part, tempo, time signatures, sections, chords and keys as markers, control
    changes as automation. The sound is not stretched: it begins where the recording began.
    """
    inputs = {"FILE.mid": midi, "--audio": audio, "--config": config}
    check_files(
        [Output("--out", out, PROJECTS)],
        [NamedFile(what, path) for what, path in inputs.items() if path is not None],
    )

    from fractions import Fraction

    from emohost.export.archive import export

    _tell(midi, out, export(midi, out, audio, Fraction(audio_at), _names(config)))


def _names(config: Path | None) -> ControlNames | None:
    """What each controller of the rig follows. Raises ConfigError."""
    if config is None:
        return None
    from emohost.config import load_rig
    from emohost.export.controls import names_of

    return names_of(load_rig(config).rig.music.controls)


def _tell(midi: Path, out: Path, done: Export) -> None:
    song, sound = done.song, done.sound
    if song.left_out:
        click.echo(
            f"warning: {midi}: left out {song.left_out} system messages; a project has no place for them",
            err=True,
        )
    if sound is not None and sound.remark:
        click.echo(f"warning: {sound.remark}", err=True)
    parts = ", ".join(f"{part.name} {len(part.notes)}" for part in song.parts if part.notes)
    heard = "" if sound is None else f"; {float(sound.seconds):.1f} s of audio"
    beats = song.end / song.ticks_per_beat
    click.echo(f"{out}: {beats:.0f} beats, {parts or 'no notes'}{heard}")
