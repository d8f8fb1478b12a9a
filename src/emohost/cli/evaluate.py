"""`emohost models evaluate`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emohost.cli.common.console import examples
from emohost.cli.common.file_names import FILE_READ
from emohost.cli.common.training_progress import bars, table
from emohost.vocabulary import ROLE_NAMES

if TYPE_CHECKING:
    from emohost.networks import Network
    from emohost.training.score import Score


@click.command(
    "evaluate",
    epilog=examples(
        "emohost models evaluate --data data",
        "emohost models evaluate --data data --role melody --file my_melody.json",
    ),
)
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder that holds the data sets (models/README.md).",
)
@click.option(
    "--role", type=click.Choice((*ROLE_NAMES, "text")), help="This network only, or Side B's text regressor."
)
@click.option("--file", type=FILE_READ, help="This model file, for --role, not the one in use.")
@click.option("--cache", type=click.Path(path_type=Path), help="Keep features in this folder.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def evaluate(data: Path, role: str | None, file: Path | None, cache: Path | None, as_json: bool) -> None:
    """Score the networks on data they were not trained on, beside what simpler means reach on the same. Needs the data
    and the model files, nothing else. Status 1 if a target is missed."""
    if role == "text":
        evaluate_text(data, file, as_json)
        return
    from emohost.networks import find_model, load_model
    from emohost.training.data_sets.folders import CACHE_VARIABLE
    from emohost.training.registry import can_score, scorer

    if file is not None and role is None:
        raise click.UsageError("--file needs --role")
    if cache is not None:
        os.environ[CACHE_VARIABLE] = str(cache)
    roles = [role] if role is not None else [name for name in ROLE_NAMES if can_score(name)]
    found: dict[str, tuple[Network, list[Score]]] = {}
    for name in roles:
        scoring = scorer(name)
        network = load_model(file if file is not None else find_model(name, None, None), name)
        with bars() as progress:
            found[name] = network, scoring.evaluate(data, network, progress)
        if not as_json:
            click.echo(f"{name}  {network.info.file}  {network.info.status}")
            click.echo(table(found[name][1]))
    for name in ROLE_NAMES:
        if role is None and name not in found:
            click.echo(f"{name}: scoring is not in this version of emohost", err=True)
    if as_json:
        click.echo(json.dumps({name: record_of(*each) for name, each in found.items()}, indent=2))
    if any(score.reached is False for _, scores in found.values() for score in scores):
        raise click.exceptions.Exit(1)


def evaluate_text(data: Path, file: Path | None, as_json: bool) -> None:
    from emohost.bridge.text.regressor import packaged_file
    from emohost.training.text import scores as scores_text

    chosen = file if file is not None else packaged_file()
    with bars() as progress:
        scores = scores_text.evaluate(data, chosen, progress)
    if as_json:
        record = {"file": str(chosen), "status": "trained", "scores": [score.as_json() for score in scores]}
        click.echo(json.dumps({"text": record}, indent=2))
    else:
        click.echo(f"text  {chosen}")
        click.echo(table(scores))
    if any(score.reached is False for score in scores):
        raise click.exceptions.Exit(1)


def record_of(network: Network, scores: list[Score]) -> dict[str, Any]:
    return {
        "file": str(network.info.file),
        "status": network.info.status,
        "scores": [score.as_json() for score in scores],
    }
