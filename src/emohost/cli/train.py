"""`emohost train`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from emohost.cli.common.console import examples
from emohost.cli.common.file_names import check_files
from emohost.cli.common.numbers import Number
from emohost.cli.common.training_progress import bars, table
from emohost.outputs import MODELS, TEXT_MODELS, NamedFile, Output
from emohost.vocabulary import ROLE_NAMES

TEXT = "text"  # Side B's regressor, no network: one closed solution, without a seed
SOUND = "sound"  # the core's classifier of sounds: a C++ header, not a file of the rig
KEY = "key"  # its filter over keys: likewise


@click.command(
    epilog=examples(
        "emohost train groove --data data",
        "emohost train melody --data data --minutes 30 --resume --out my_melody.json",
        "emohost train text --data data",
    )
)
@click.argument("role", type=click.Choice((*ROLE_NAMES, TEXT, SOUND, KEY)))
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder that holds the data sets, or your own of the same layout (models/README.md).",
)
@click.option(
    "--cache", type=click.Path(path_type=Path), help="Keep features and checkpoints in this folder."
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path, readable=False),
    help="The model file to write; default: its standard name.",
)
@click.option("--minutes", type=Number(0, min_open=True), help="Stop fitting after so long.")
@click.option(
    "--resume",
    is_flag=True,
    help="Go on where the last run with this role, seed and cache was ended. Without it, what that run had come to is "
    "kept as NAME.checkpoint.old in the cache.",
)
@click.option("--source", help="What the data is, to be told in the file; default: the published sets.")
@click.option("--licence", help="And the licence of the network; default: that of the one that ships.")
def command(
    role: str,
    data: Path,
    cache: Path | None,
    seed: int,
    out: Path | None,
    minutes: float | None,
    resume: bool,
    source: str | None,
    licence: str | None,
) -> None:
    """Train the network of ROLE, write its model file and print its scores on data it has not seen. Needs the extra
    `train`: pip install 'emohost[train]'.

    ROLE `text` fits Side B's text regressor instead, in seconds; it takes --data and --out alone and needs no extra.

    ROLE `sound` fits the weights by which the core tells music from other sound, and writes them as the C++ header
    that the core is built with; it takes --data, --cache, --seed and --out, and needs the program espeak-ng.

    ROLE `key` fits the weights by which the core hears the key, a header, too; it takes --data, --cache and --out."""
    if role == TEXT:
        train_text(data, out)
        return
    if role == SOUND:
        train_sound(data, cache, seed, out)
        return
    if role == KEY:
        train_key(data, cache, out)
        return
    from emohost.networks import ROLES
    from emohost.training.data_sets.folders import CACHE_VARIABLE, default_cache
    from emohost.training.run import train

    file = out if out is not None else Path(ROLES[role].file)
    check_out(file, MODELS, data)
    if cache is not None:
        os.environ[CACHE_VARIABLE] = str(cache)  # scoring looks there, too
    with bars() as progress:
        scores = train(role, data, default_cache(), seed, file, progress, minutes, resume, source, licence)
    click.echo(f"{file}")
    click.echo(table(scores))


def check_out(file: Path, endings: tuple[str, ...], data: Path) -> None:
    """Before hours of work. Raises ConfigError, OutputError."""
    inside = file.exists() and file.resolve().is_relative_to(data.resolve())
    read = [NamedFile(f"a file of the data in {data}", file)] if inside else []
    check_files([Output("--out", file, endings)], read)


def train_text(data: Path, out: Path | None) -> None:
    refuse(
        ("cache", "seed", "minutes", "resume", "source", "licence"),
        TEXT,
        "solved at once and without chance",
    )
    from emohost.bridge.text.regressor import FILE
    from emohost.training.text.training import train

    file = out if out is not None else Path(FILE)
    check_out(file, TEXT_MODELS, data)
    with bars() as progress:
        scores = train(data, file, progress)
    click.echo(f"{file}")
    click.echo(table(scores))


def train_sound(data: Path, cache: Path | None, seed: int, out: Path | None) -> None:
    refuse(
        ("minutes", "resume", "source", "licence"),
        SOUND,
        "fitted in a minute and ships with the core",
    )
    from emohost.training.data_sets.folders import default_cache
    from emohost.training.sounds.training import FILE, train

    file = out if out is not None else Path(FILE)
    check_out(file, (".h",), data)
    with bars() as progress:
        scores = train(data, cache or default_cache(), file, seed, progress)
    click.echo(f"{file}")
    click.echo(table(scores))


def train_key(data: Path, cache: Path | None, out: Path | None) -> None:
    refuse(("seed", "minutes", "resume", "source", "licence"), KEY, "fitted in minutes without chance")
    from emohost.training.data_sets.folders import default_cache
    from emohost.training.extra import needed

    needed("torch", "fitting keys")
    from emohost.training.keys.training import FILE, train

    file = out if out is not None else Path(FILE)
    check_out(file, (".h",), data)
    with bars() as progress:
        scores = train(data, cache or default_cache(), file, progress)
    click.echo(f"{file}")
    click.echo(table(scores))


def refuse(options: tuple[str, ...], role: str, why: str) -> None:
    """Raises UsageError for an option that was given and does not apply."""
    context = click.get_current_context()
    for name in options:
        if context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT:
            raise click.UsageError(f"--{name} does not apply to {role}, which is {why}")
