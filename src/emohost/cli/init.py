"""`emohost init`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from emohost.cli.common.console import examples, quiet_libraries
from emohost.cli.common.numbers import Number
from emohost.daws import DAWS
from emohost.errors import AudioError, EmohostError

if TYPE_CHECKING:
    from emohost.config.starter import Destination, Source, Starter

SUFFIXES = (".yaml", ".yml")
VIRTUAL = {"jack", "alsa", "coremidi"}  # MIDI systems in which a program can have a port of its own
Choice = TypeVar("Choice", bound="Source | Destination")


@click.command(
    epilog=examples(
        "emohost init",
        "emohost init --yes",
        "emohost init --daw ardour studio.yaml",
        "emohost init stage.yaml && emohost run stage.yaml",
    )
)
@click.argument("file", type=click.Path(path_type=Path), default=Path("rig.yaml"), metavar="[FILE]")
@click.option("--yes", "-y", is_flag=True, help="Ask nothing: the first answer to every question.")
@click.option(
    "--daw", type=click.Choice(sorted(DAWS)), help="Channels, controls and clock for this DAW (docs/daw.md)."
)
def command(file: Path, yes: bool, daw: str | None) -> None:
    """Write a first rig to FILE (default: rig.yaml), with comments.

    Asks at most five questions, whose answers are made from the devices and ports that are there. A file that is there
    is never overwritten.
    """
    if file.suffix not in SUFFIXES:
        raise click.BadParameter(f"found '{file}'; expected a name that ends in {' or '.join(SUFFIXES)}")
    if file.exists() or file.is_symlink():
        raise EmohostError(
            f"{file}: is there already, and stays as it is; `emohost init OTHER.yaml` takes another"
        )
    sources, destinations, notes = found_here()
    starter = answers(file.absolute().parent.name or "rig", sources, destinations, notes, ask=not yes)
    starter = replace(starter, daw=DAWS[daw] if daw else None)
    write_new(file, starter.text())
    for note in notes:
        click.echo(note, err=True)
    click.echo(f"wrote {file}: sound from {starter.source.label}, notes to {starter.destination.label}")
    click.echo(f"next: emohost check {file}, emohost run {file}")


def found_here() -> tuple[list[Source], list[Destination], tuple[str, ...]]:
    """What this machine has, best first, and what it lacks."""
    from emohost.cli.devices import audio_devices, midi_ports
    from emohost.config import starter

    notes: list[str] = []
    devices: list[dict[str, Any]] = []
    with quiet_libraries():
        try:
            devices = [device for device in audio_devices() if device["inputs"]]
        except AudioError as error:
            notes.append(f"no audio device: {error}")
        ports = midi_ports()
    devices.sort(key=lambda device: ("JACK" not in device["host_api"], not device["default_input"]))
    sources = [starter.device(each["name"], each["host_api"], each["sample_rate"]) for each in devices]
    if not sources and not notes:
        notes.append("no audio input device was found: `emohost devices` lists what there is")
    working = {api: found for api, found in ports.items() if not found["error"]}
    destinations = [starter.own_port(api) for api in working if api in VIRTUAL]
    destinations += [
        starter.existing_port(api, port) for api, found in working.items() for port in found["ports"]
    ]
    if not destinations:
        notes.append("no MIDI system was found: notes go to a MIDI file alone")
    return [*sources, starter.NOISE], [*destinations, starter.NO_PORT], tuple(notes)


def answers(
    name: str, sources: list[Source], destinations: list[Destination], notes: tuple[str, ...], ask: bool
) -> Starter:
    """At most five questions: source, its file if it is one, destination, tempo, key."""
    from emohost.config import starter
    from emohost.config.keys import EXPECTED, canonical

    if not ask:
        return starter.Starter(name, sources[0], destinations[0], notes=notes)
    file = starter.Source("a sound file", ())
    source = chosen("Where does the sound come from?", [*sources, file])
    if source is file:
        source = starter.sound_file(asked("Which file? (relative to the rig's folder)", None, str))
    destination = chosen("Where do the notes go?", destinations)
    tempo = asked("Tempo, beats per minute?", 100.0, lambda text: Number(20, 300).convert(text, None, None))
    key = asked(f"Key? {EXPECTED}", "auto", canonical)
    return starter.Starter(name, source, destination, tempo, key, notes)


def chosen(question: str, choices: Sequence[Choice]) -> Choice:
    click.echo(question)
    for place, choice in enumerate(choices, 1):
        click.echo(f"  {place}  {choice.label}")
    numbers: click.ParamType[int] = click.IntRange(1, len(choices))
    number: int = asked("Number", 1, lambda text: numbers.convert(text, None, None))
    return choices[number - 1]


def asked(question: str, default: Any, read: Callable[[str], Any]) -> Any:
    """The answer, asked for again until `read` takes it."""

    def take(text: Any) -> Any:
        try:
            return read(str(text).strip())
        except ValueError as error:
            raise click.UsageError(str(error)) from None

    try:
        return click.prompt(question, default=default, value_proc=take)
    except click.Abort:
        if sys.stdin.isatty():
            raise
        raise EmohostError("found no answer; `emohost init --yes` asks nothing") from None


def write_new(file: Path, text: str) -> None:
    """Writes what must be a rig as a file that is not there yet. Raises OSError."""
    from emohost.config.load import parse_rig

    parse_rig(text, str(file))
    with file.open("x", encoding="utf-8") as stream:
        try:
            stream.write(text)
            stream.flush()
        except OSError:
            file.unlink()
            raise
