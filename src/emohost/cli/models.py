"""`emohost models`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emohost.cli.common.console import columns, examples
from emohost.cli.common.file_names import FILE_READ
from emohost.cli.evaluate import evaluate
from emohost.errors import ModelError
from emohost.vocabulary import ROLE_NAMES

if TYPE_CHECKING:
    from emohost.config import LoadedRig
    from emohost.config.schema import Networks
    from emohost.networks import Info, Network


LATENCY_STEPS = 200


@click.group(
    epilog=examples(
        "emohost models list", "emohost models inspect my_melody.json", "emohost models evaluate --data data"
    )
)
def command() -> None:
    """List, inspect and score model files."""


command.add_command(evaluate)


@command.command(
    "list", epilog=examples("emohost models list", "emohost models list --config rig.yaml --json")
)
@click.option("--config", type=click.Path(path_type=Path), help="Look for the networks of this rig.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def list_models(config: Path | None, as_json: bool) -> None:
    """Show which file each of the five networks would be loaded from, and where else emohost looks."""
    from emohost.config import load_rig
    from emohost.networks.find import search_folders
    from emohost.networks.sets import load_set, network_files

    loaded = load_rig(config) if config is not None else None
    networks, base = networks_of(loaded)
    found = load_set(network_files(networks), base, loaded.rig.engine.precision if loaded else "auto")
    folders = [{"what": what, "folder": str(folder)} for what, folder in search_folders(base)]
    if as_json:
        models = {role: record_of(each, role, measure=False) for role, each in found.items()}
        click.echo(json.dumps({"folders": folders, "models": models}, indent=2))
    else:
        click.echo("looked for, in this order, in")
        click.echo(columns([(entry["what"], entry["folder"]) for entry in folders]))
        click.echo("found")
        click.echo(columns([row(role, each) for role, each in found.items()]))
    failures = [each for each in found.values() if isinstance(each, ModelError)]
    if failures:
        raise click.exceptions.Exit(failures[0].exit_code)


@command.command(
    epilog=examples(
        "emohost models inspect my_melody.json", "emohost models inspect --role melody --json my_melody.json"
    )
)
@click.argument("file", type=FILE_READ)
@click.option(
    "--role", type=click.Choice(ROLE_NAMES), help="Check it for this role, and use the role's activations."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def inspect(file: Path, role: str | None, as_json: bool) -> None:
    """Load a model FILE of any layout and show what it holds: layout, architecture, parameters, memory, the time that
    one step takes here in float32, how far smaller weights would move its outputs (for a known role), its metadata,
    and what is odd about it."""
    from emohost.networks.load import parse_model
    from emohost.networks.precision import LIMIT, deviations

    parsed = parse_model(file, role)
    network = parsed.network()
    info = network.info
    known = role or (info.metadata.get("role") if info.metadata.get("role") in ROLE_NAMES else None)
    moved = deviations(parse_model(file, known)) if known else {}
    if as_json:
        click.echo(json.dumps({**record_of(network, role), "deviations": moved}, indent=2))
        return
    rows = [
        ("file", str(info.file)),
        ("layout", info.dialect),
        ("role", role or str(info.metadata.get("role", "not said"))),
        ("architecture", f"{info.inputs} -> {info.architecture}"),
        ("parameters", f"{info.parameters:,}"),
        ("memory", f"{info.memory_bytes / 1e6:.2f} MB"),
        ("latency", f"{latency_us(network):.1f} us a step ({info.isa}, median)"),
        ("status", info.status),
    ]
    if moved:
        alone = next(precision for precision, distance in moved.items() if distance <= LIMIT)
        distances = ", ".join(f"{precision} {moved[precision]:.1e}" for precision in moved)
        rows.append(
            ("precision", f"{alone} by itself (outputs move by up to {distances}; allowed {LIMIT:g})")
        )
    rows += [(f"metadata.{key}", short_json(value)) for key, value in info.metadata.items()]
    rows += [("warning", text) for text in info.warnings]
    click.echo(columns(rows, indent=""))


def networks_of(loaded: LoadedRig | None) -> tuple[Networks, Path | None]:
    """The `networks` of a rig, each optional so that every failure is seen, and the folder to search first."""
    from emohost.config.schema import Networks

    networks = Networks() if loaded is None else loaded.rig.networks
    optional = {role: getattr(networks, role).model_copy(update={"optional": True}) for role in ROLE_NAMES}
    return networks.model_copy(update=optional), None if loaded is None else loaded.base


def record_of(network: Network | ModelError, role: str | None, measure: bool = True) -> dict[str, Any]:
    """A network, or why it is not there, as values for JSON."""
    if isinstance(network, ModelError):
        return {"role": role, "error": str(network)}
    info = network.info
    record = {
        "file": str(info.file),
        "layout": info.dialect,
        "role": role,
        "architecture": info.architecture,
        "inputs": info.inputs,
        "outputs": info.outputs,
        "parameters": info.parameters,
        "memory_bytes": info.memory_bytes,
        "isa": info.isa,
        "precision": info.precision,
        "deviation": info.deviation,
        "status": info.status,
        "metadata": info.metadata,
        "warnings": list(info.warnings),
    }
    return {**record, "latency_us": round(latency_us(network), 2)} if measure else record


def precision_text(info: Info) -> str:
    """Such as 'float16 (auto, within 0.0003)'."""
    return info.precision + ("" if info.deviation is None else f" (auto, within {info.deviation:.1g})")


def row(role: str, network: Network | ModelError) -> tuple[str, str, str, str, str, str]:
    if isinstance(network, ModelError):
        return role, f"error: {network}", "", "", "", ""
    info = network.info
    memory = f"{info.memory_bytes / 1e6:.2f} MB"
    return (
        role,
        str(info.file),
        info.dialect,
        info.architecture,
        f"{info.parameters:,} parameters, {precision_text(info)}, {memory}",
        info.status,
    )


def latency_us(network: Network) -> float:
    from emohost.networks import measure_latency_us

    return measure_latency_us(network, LATENCY_STEPS)


def short_json(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 100 else f"{text[:99]}…"
