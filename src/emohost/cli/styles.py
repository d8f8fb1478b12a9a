"""`emohost styles`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from emohost.cli.common.console import columns, examples
from emohost.cli.common.file_names import OutputName, check_files
from emohost.cli.common.numbers import Number
from emohost.errors import ConfigError
from emohost.outputs import MIDI_FILES, NamedFile, Output
from emohost.vocabulary import STYLES, TEMPO

if TYPE_CHECKING:
    from emohost.styles.schema import Style

WAVES = (".wav",)
LOOP = "C | Am | F | G"


@click.group(
    epilog=examples(
        "emohost styles list",
        "emohost styles check my_reggae.yaml",
        "emohost styles try bossa --out bossa.mid",
    )
)
def command() -> None:
    """List styles, check one of your own, hear one as MIDI (docs/styles.md)."""


@command.command("list", epilog=examples("emohost styles list"))
def list_styles() -> None:
    """Show the styles that come with emohost: metre, tempo, feel, and what they are for."""
    from emohost.styles.load import SHIPPED, shipped

    helps = {each.name: each.help for each in STYLES}
    click.echo(columns([(name, *described(shipped(name)), helps[name]) for name in SHIPPED], indent=""))


@command.command(epilog=examples("emohost styles check my_reggae.yaml"))
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Read the style FILE and say what is wrong with it, each mistake at its place."""
    from emohost.styles.load import load_style
    from emohost.styles.schema import lines_of

    style = load_style(file)
    lines, fills = len(lines_of(style)), len(style.fills)
    click.echo(f"{file}: {style.name}: {', '.join(described(style))}; {lines} lines, {fills} fills")


@command.command(
    "try",
    epilog=examples(
        "emohost styles try swing --out swing.mid",
        "emohost styles try my_reggae.yaml --out reggae.mid --wav reggae.wav --chords 'Am|G|F|E7'",
        "emohost styles try pop --arousal -0.6 --tempo 76 --out calm.mid",
    ),
)
@click.argument("style", metavar="NAME|FILE")
@click.option("--out", required=True, type=OutputName(MIDI_FILES), help="The MIDI file to write.")
@click.option("--wav", type=OutputName(WAVES), help="Also as sound, where fluidsynth is installed.")
@click.option("--chords", default=LOOP, show_default=True, help="The loop, a bar between bar lines.")
@click.option("--bars", type=click.IntRange(1, 256), default=8, show_default=True)
@click.option("--tempo", type=Number(TEMPO.low, TEMPO.high), help="Beats per minute; absent: what suits it.")
@click.option("--valence", type=Number(-1, 1), default=0.2, show_default=True, help="What it is to feel.")
@click.option("--arousal", type=Number(-1, 1), default=0.2, show_default=True, help="Likewise: how lively.")
def try_style(
    style: str,
    out: Path,
    wav: Path | None,
    chords: str,
    bars: int,
    tempo: float | None,
    valence: float,
    arousal: float,
) -> None:
    """Play bars of a chord loop in a style and write what the band played as a MIDI file."""
    from emohost.chart import ChartError
    from emohost.styles.load import SHIPPED

    if style not in SHIPPED and not (Path(style).is_file() and Path(style).suffix in (".yaml", ".yml")):
        raise click.UsageError(
            f"found {style!r}; expected one of {', '.join(SHIPPED)}, or a style's file (.yaml)"
        )
    read = [] if style in SHIPPED else [NamedFile("the style", Path(style))]
    written = [Output("--out", out, MIDI_FILES)] + ([Output("--wav", wav, WAVES)] if wav else [])
    check_files(written, read)

    from emohost.offline.audition import RATE, audition
    from emohost.recording.smf import channel_names, write_events

    try:
        played = audition(
            style, Path.cwd(), chords=chords, bars=bars, tempo=tempo, valence=valence, arousal=arousal
        )
    except ChartError as error:
        raise ConfigError(f"--chords: column {error.column}: {error}") from None
    music = played.music
    write_events(out, played.events, RATE, music.tempo, channel_names(music), music.beats_per_bar)
    click.echo(f"{out}: {bars} bars at {music.tempo:g}, {played.notes} notes")
    if wav is not None:
        write_sound(wav, out)


def write_sound(wav: Path, midi: Path) -> None:
    """Raises EmohostError where there is no fluidsynth."""
    import io

    import mido
    import soundfile

    from emohost.files import write_whole
    from emohost.recording.smf import named
    from emohost.training.rendering.fluidsynth import TEST_SOUNDFONT, TRAIN_SOUNDFONT, synthesize

    font = TRAIN_SOUNDFONT if TRAIN_SOUNDFONT.exists() else TEST_SOUNDFONT
    sound = synthesize(mido.MidiFile(midi), font, 44100)
    encoded = io.BytesIO()
    soundfile.write(encoded, sound, 44100, format="WAV", subtype="PCM_16")
    with named(wav):
        write_whole(wav, encoded.getvalue())
    click.echo(f"{wav}: {len(sound) / 44100:.1f} s")


def described(style: Style) -> tuple[str, str, str]:
    """Metre, tempo and feel."""
    swings = style.feel.swing > 0.5
    feel = f"swing {style.feel.swing:g} of {style.feel.of}" if swings else "straight"
    low, high = style.tempo
    return f"{style.metre}/4", f"{low:g} to {high:g} bpm", feel
