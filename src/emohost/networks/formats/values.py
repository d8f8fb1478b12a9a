"""Checked reading of JSON values: each wrong one is a ModelError that names file, layer, expected and found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from emohost.errors import ModelError

Float32: TypeAlias = NDArray[np.float32]

MAX_SIZE = 2**31 - 1
MAX_FLOAT = float(np.finfo(np.float32).max)
MAX_DOUBLE = float(np.finfo(np.float64).max)


@dataclass(frozen=True)
class ModelPlace:
    """Where in which file something is read."""

    file: Path
    layer: str = ""

    def at_layer(self, index: int, kind: object) -> ModelPlace:
        """`kind` is what the file says, a plain name if all is well."""
        plain = isinstance(kind, str) and kind.isprintable() and kind.isascii() and len(kind) < 60
        return replace(self, layer=f"layer {index} ({kind if plain else describe(kind)})")

    def error(self, text: str) -> ModelError:
        return ModelError(": ".join(part for part in (str(self.file), self.layer, text) if part))

    def wrong(self, what: str, expected: str, found: str) -> ModelError:
        return self.error(f"{what}: expected {expected}, found {found}")


def describe(value: object) -> str:
    """A short account of a JSON value, for errors."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return ascii(value if len(value) <= 40 else value[:37] + "...")
    if isinstance(value, list):
        return f"an array of {len(value)}"
    if isinstance(value, dict):
        return f"an object of {len(value)}"
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def member(record: dict[str, Any], key: str, place: ModelPlace) -> Any:
    """`record[key]`, which must be there."""
    if key not in record:
        keys = ", ".join(describe(found) for found in list(record)[:12])
        raise place.error(f"{key} is missing; found the keys {keys or 'none'}")
    return record[key]


def as_object(value: object, what: str, place: ModelPlace) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise place.wrong(what, "an object", describe(value))
    return value


def as_list(value: object, what: str, place: ModelPlace) -> list[Any]:
    if not isinstance(value, list):
        raise place.wrong(what, "an array", describe(value))
    return value


def as_text(value: object, what: str, place: ModelPlace) -> str:
    if not isinstance(value, str):
        raise place.wrong(what, "text", describe(value))
    return value


def as_size(value: object, what: str, place: ModelPlace) -> int:
    """A whole number of at least 1."""
    if type(value) is not int or not 1 <= value <= MAX_SIZE:
        raise place.wrong(what, "a whole number of at least 1", describe(value))
    return value


def as_number(value: object, what: str, place: ModelPlace) -> float:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise place.wrong(what, "a finite number", describe(value))
    if not -MAX_DOUBLE <= value <= MAX_DOUBLE:  # a NaN is nowhere
        raise place.wrong(what, "a finite number", describe(value))
    return float(value)


def expect_size(found: object, expected: int, what: str, place: ModelPlace) -> None:
    """A size that the file states must be what the rest of it says."""
    if as_size(found, what, place) != expected:
        raise place.wrong(what, str(expected), str(found))


def as_array(value: object, shape: Sequence[int | None], what: str, place: ModelPlace) -> Float32:
    """Nested lists of finite numbers as float32 in `shape`; None takes the size that is found, at least 1.

    Sizes are compared with what is there before anything of that size is made.
    """
    level: list[Any] = [value]
    sizes: list[int] = []
    for expected in shape:
        if set(map(type, level)) != {list}:
            raise _not_an_array(level, sizes, shape, what, place)
        lengths = set(map(len, level))
        size = len(level[0]) if expected is None else expected
        if lengths != {size} or size == 0:
            raise _wrong_length(level, sizes, size, shape, what, place)
        sizes.append(size)
        level = level[0] if len(level) == 1 else list(chain.from_iterable(level))
    if not set(map(type, level)) <= {float, int}:
        at = next(i for i, entry in enumerate(level) if type(entry) not in (float, int))
        raise place.wrong(_entry(what, at, sizes), "a number", describe(level[at]))
    try:
        with np.errstate(over="ignore"):
            array = np.array(level, dtype=np.float32)
    except OverflowError:  # a whole number beyond even float64
        raise _not_finite(level, sizes, what, place) from None
    if not np.isfinite(array).all():
        raise _not_finite(level, sizes, what, place)
    return array.reshape(sizes)


def shape_text(shape: Sequence[int | None]) -> str:
    return "".join("[n]" if size is None else f"[{size}]" for size in shape)


def _entry(what: str, flat: int, sizes: Sequence[int]) -> str:
    return what + "".join(f"[{index}]" for index in np.unravel_index(flat, sizes))


def _found_shape(value: object) -> str:
    sizes = ""
    while isinstance(value, list) and len(sizes) < 40:
        sizes += f"[{len(value)}]"
        value = value[0] if value else None
    return sizes or describe(value)


def _not_finite(level: list[Any], sizes: Sequence[int], what: str, place: ModelPlace) -> ModelError:
    at = next(i for i, entry in enumerate(level) if not -MAX_FLOAT <= entry <= MAX_FLOAT)
    expected = "a number that float32 can hold" if abs(level[at]) < float("inf") else "a finite number"
    return place.wrong(_entry(what, at, sizes), expected, describe(level[at]))


def _not_an_array(
    level: list[Any], sizes: Sequence[int], shape: Sequence[int | None], what: str, place: ModelPlace
) -> ModelError:
    at = next(i for i, entry in enumerate(level) if type(entry) is not list)
    where = _entry(what, at, sizes) if sizes else what
    return place.wrong(where, f"an array (of {what} {shape_text(shape)})", describe(level[at]))


def _wrong_length(
    level: list[Any],
    sizes: Sequence[int],
    size: int,
    shape: Sequence[int | None],
    what: str,
    place: ModelPlace,
) -> ModelError:
    if size == 0:
        return place.wrong(what, shape_text(shape), "an empty array")
    if len({len(entry) for entry in level}) > 1:
        at = next(i for i, entry in enumerate(level) if len(entry) != size)
        return place.wrong(
            _entry(what, at, sizes), f"{size} values as in {shape_text(shape)}", str(len(level[at]))
        )
    return place.wrong(what, shape_text(shape), "".join(f"[{n}]" for n in sizes) + _found_shape(level[0]))
