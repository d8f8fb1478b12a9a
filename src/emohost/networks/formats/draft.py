"""What a dialect's reader makes of a file, before activations are settled and the native model is built."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from emohost.networks.formats.layers import Layer
from emohost.networks.formats.values import ModelPlace, as_list, as_object, as_text, member

MAX_LAYERS = 1024  # as kMaxLayers in ext/core/nn/model.h


@dataclass
class Draft:
    dialect: str  # for people
    inputs: int
    layers: list[Layer]
    metadata: dict[str, Any]
    names_activations: bool  # the layout names them, or this file does
    warnings: list[str] = field(default_factory=list)


def each_layer(top: dict[str, Any], place: ModelPlace) -> Iterator[tuple[str, dict[str, Any], ModelPlace]]:
    """(type, record, place) of each entry of `layers`."""
    records = as_list(member(top, "layers", place), "layers", place)
    if not 1 <= len(records) <= MAX_LAYERS:
        raise place.wrong("layers", f"1 to {MAX_LAYERS} layers", str(len(records)))
    for index, record in enumerate(records):
        here = place.at_layer(
            index, record.get("type", "no type") if isinstance(record, dict) else "no object"
        )
        record = as_object(record, "the layer", here)
        yield as_text(member(record, "type", here), "type", here), record, here


def metadata_of(top: dict[str, Any], place: ModelPlace) -> dict[str, Any]:
    return as_object(top.get("metadata", {}), "metadata", place)
