"""`emohost train`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from emohost.cli.training_progress import bars, table

ROLE_NAMES = ("emotion", "melody", "harmony", "dynamics", "groove")
TEXT = "text"  # Side B's regressor, no network: one closed solution, without a seed


@click.command()
@click.argument("role", type=click.Choice((*ROLE_NAMES, TEXT)))
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
    "--out", type=click.Path(path_type=Path), help="The model file to write; default: its standard name."
)
@click.option("--minutes", type=click.FloatRange(0, min_open=True), help="Stop fitting after so long.")
@click.option(
    "--resume", is_flag=True, help="Go on where the last run with this role, seed and cache was ended."
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

    ROLE `text` fits Side B's text regressor instead, in seconds; it takes --data and --out alone and needs no extra."""
    if role == TEXT:
        train_text(data, out)
        return
    from emohost.networks import ROLES
    from emohost.training.folders import CACHE_VARIABLE, default_cache
    from emohost.training.run import train

    file = out if out is not None else Path(ROLES[role].file)
    if cache is not None:
        os.environ[CACHE_VARIABLE] = str(cache)  # scoring looks there, too
    with bars() as progress:
        scores = train(role, data, default_cache(), seed, file, progress, minutes, resume, source, licence)
    click.echo(f"{file}")
    click.echo(table(scores))


def train_text(data: Path, out: Path | None) -> None:
    context = click.get_current_context()
    for name in ("cache", "seed", "minutes", "resume", "source", "licence"):
        if context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT:
            raise click.UsageError(
                f"--{name} does not apply to text, which is solved at once and without chance"
            )
    from emohost.bridge.text.regressor import FILE
    from emohost.training.text import train

    file = out if out is not None else Path(FILE)
    with bars() as progress:
        scores = train(data, file, progress)
    click.echo(f"{file}")
    click.echo(table(scores))
