"""From a model file to a network that runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import ArrayLike

from emohost import _core
from emohost.networks.formats import plugin_export, rtneural, rtneural_json, state_dict
from emohost.networks.formats.activations import settle_activations
from emohost.networks.formats.doubts import doubts_about
from emohost.networks.formats.draft import Draft
from emohost.networks.formats.layers import architecture
from emohost.networks.formats.parse import read_document
from emohost.networks.formats.state_dict import Hints
from emohost.networks.formats.values import Float32, ModelPlace, as_text, describe
from emohost.networks.roles import Role, role_named

Status = Literal["trained", "untrained", "unknown"]
PRECISIONS = ("float32", "float16", "int8")


@dataclass(frozen=True)
class Info:
    """What `emohost models inspect` shows of a network."""

    file: Path
    dialect: str  # for people: 'RTNeural', 'plugin export "2.0"' ...
    role: str | None
    architecture: str  # such as "dense 512 tanh, dense 256 tanh, lstm 128, dense 64 tanh"
    inputs: int
    outputs: int
    parameters: int  # as PyTorch counts them
    memory_bytes: int  # weights, state and scratch
    isa: str  # instruction set in use
    precision: str  # one of PRECISIONS
    deviation: (
        float | None
    )  # where 'auto' chose it: largest distance of an output from float32's, see precision.py
    metadata: dict[str, Any]
    status: Status
    warnings: tuple[str, ...]  # each names the file


class Network:
    """A network and its streaming state. Not thread-safe: one thread at a time."""

    def __init__(self, native: _core.Model, info: Info) -> None:
        self.native = native
        self.info = info

    def process(self, x: ArrayLike) -> Float32:
        """Runs steps in order and keeps the state for the next call. x: finite numbers, (steps, inputs); returns
        float32 (steps, outputs). Raises ValueError for another shape or a value that is not finite."""
        try:
            steps = np.asarray(x, dtype=np.float32)
        except (TypeError, ValueError) as mistake:
            raise ValueError(f"x: expected numbers of shape (steps, {self.info.inputs}): {mistake}") from None
        if steps.ndim != 2 or steps.shape[1] != self.info.inputs:
            raise ValueError(f"x: expected shape (steps, {self.info.inputs}), found {steps.shape}")
        if not np.isfinite(steps).all():
            raise ValueError("x: expected finite numbers, found NaN or infinity")
        return self.native.process(steps)

    def reset(self) -> None:
        """Back to the state before the first step."""
        self.native.reset()

    def __repr__(self) -> str:
        return f"<Network {self.info.file.name}: {self.info.architecture}>"


@dataclass(frozen=True)
class Parsed:
    """A model file that was read and is sound; makes its network in any precision."""

    file: Path
    role: str | None
    draft: Draft

    def network(
        self, precision: str = "float32", isa: str = "automatic", deviation: float | None = None
    ) -> Network:
        """`precision`: one of PRECISIONS, of the weights of matrix products. `deviation` goes into the Info. Raises
        ModelError if the file's weights cannot be kept so, or its sizes are not the role's."""
        place = ModelPlace(self.file)
        layers = [layer.native() for layer in self.draft.layers]
        try:
            native = _core.Model(self.draft.inputs, layers, isa, precision)
        except ValueError as mistake:  # of the native model, which names the layer
            raise place.error(str(mistake)) from None
        except MemoryError:
            raise place.error("there is not enough memory to load it") from None
        wanted = None if self.role is None else role_named(self.role)
        if wanted is not None and (native.inputs, native.outputs) != (wanted.inputs, wanted.outputs):
            expected = f"{wanted.inputs} -> {wanted.outputs} for the role {wanted.name}"
            raise place.wrong("inputs -> outputs", expected, f"{native.inputs} -> {native.outputs}")
        info = Info(
            file=self.file,
            dialect=self.draft.dialect,
            role=self.role,
            architecture=architecture(self.draft.layers),
            inputs=native.inputs,
            outputs=native.outputs,
            parameters=native.parameters,
            memory_bytes=native.memory_bytes,
            isa=native.isa,
            precision=precision,
            deviation=deviation,
            metadata=self.draft.metadata,
            status=_status(self.draft.metadata, place),
            warnings=tuple(self.draft.warnings),
        )
        return Network(native, info)


def parse_model(
    path: str | PathLike[str],
    role: str | None = None,
    activations: Sequence[str] | None = None,
    *,
    dilations: Sequence[int] | None = None,
    groups: Sequence[int] | None = None,
) -> Parsed:
    """Reads a model file; the parameters are those of load_model(). Raises ModelError, ValueError."""
    file = Path(path)
    place = ModelPlace(file)
    wanted = None if role is None else role_named(role)
    try:
        draft = _read(file, wanted, Hints(dilations, groups), place)
        settle_activations(draft, wanted, activations, place)
    except ValueError as mistake:
        raise place.error(str(mistake)) from None
    except MemoryError:
        raise place.error("there is not enough memory to load it") from None
    return Parsed(file, role, draft)


def load_model(
    path: str | PathLike[str],
    role: str | None = None,
    activations: Sequence[str] | None = None,
    *,
    dilations: Sequence[int] | None = None,
    groups: Sequence[int] | None = None,
    isa: str = "automatic",
    precision: str = "float32",
) -> Network:
    """Loads a model file in any of the four layouts, which is recognised by its keys.

    `role` (emotion, melody, harmony, dynamics or groove) fixes the sizes and gives the activations where the file
    names none. `activations` replaces them: one for each layer with weights ('' for recurrent ones). `dilations` and
    `groups`, one for each convolution, say what a PyTorch state_dict does not. `isa`: 'automatic' or one of
    `_core.available_isas()`. `precision`: float32, float16 or int8 weights in matrix products.

    Raises ModelError for a bad file, also for weights too large for the precision; ValueError for a role, `isa` or
    `precision` that does not exist.
    """
    if isa != "automatic" and isa not in _core.available_isas():
        raise ValueError(
            f"isa: expected automatic or one of {', '.join(_core.available_isas())}, found {isa!r}"
        )
    if precision not in PRECISIONS:
        raise ValueError(f"precision: expected one of {', '.join(PRECISIONS)}, found {precision!r}")
    parsed = parse_model(path, role, activations, dilations=dilations, groups=groups)
    return parsed.network(precision, isa)


def _read(file: Path, role: Role | None, hints: Hints, place: ModelPlace) -> Draft:
    document = read_document(file)
    top = document.top
    if "in_shape" in top:
        draft = rtneural.read(top, place)
    elif top.get("format") == "rtneural-json":
        draft = rtneural_json.read(top, place)
    elif "layers" in top and isinstance(top.get("metadata"), dict):
        draft = plugin_export.read(top, place)
    elif state_dict.looks_like(top):
        draft = state_dict.read(top, place, role.inputs if role else None, hints)
    else:
        keys = ", ".join(describe(key) for key in list(top)[:12]) or "none"
        raise place.error(
            "none of the layouts that emohost reads: expected the keys in_shape and layers (RTNeural), metadata and "
            "layers (plugin export), format 'rtneural-json', or tensors of a PyTorch state_dict such as "
            f"'dense.weight'; found the keys {keys}"
        )
    if document.refusal:
        raise document.refusal
    doubts = [*([document.twice] if document.twice else []), *doubts_about(draft.layers)]
    draft.warnings += [f"{file}: {doubt}" for doubt in doubts]
    return draft


def _status(metadata: dict[str, Any], place: ModelPlace) -> Status:
    status = metadata.get("status", "unknown")
    if as_text(status, "metadata.status", place) in ("trained", "untrained"):
        return cast(Status, status)
    return "unknown"
