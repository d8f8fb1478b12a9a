"""From a file to a JSON object, with one clear error for whatever is in the way."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from emohost.errors import ModelError
from emohost.networks.formats.doubts import keys_given_twice
from emohost.networks.formats.values import ModelPlace, describe

MAX_FILE_BYTES = 256 * 1024 * 1024  # a network of 20 million parameters; no block has time for more
NOT_JSON_NUMBER = re.compile(rb"NaN|Infinity|[0-9][eE]\+?[0-9]{3}|[0-9]{300}")


@dataclass(frozen=True)
class ModelDocument:
    """The top-level object of a file. With `refusal` the file is not JSON, because of a NaN or an infinity: it was
    read leniently, for the one purpose of an error that names the layer, and must be refused in any case."""

    top: dict[str, Any]
    refusal: ModelError | None = None
    twice: str | None = None
    """Keys that an object has twice, as a line."""


def read_document(file: Path) -> ModelDocument:
    """Raises ModelError, nothing else."""
    place = ModelPlace(file)
    raw = _read_bytes(file, place)
    refusal = None
    try:
        top = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        reason = error.msg.split(":")[0]
        refusal = place.error(f"not JSON: line {error.lineno}, column {error.colno}: {reason}")
        top = _read_leniently(raw, refusal)
    if not isinstance(top, dict):
        raise place.wrong("top level", "an object", describe(top))
    return ModelDocument(top, refusal, None if refusal else keys_given_twice(raw))


def _read_leniently(raw: bytes, refusal: ModelError) -> Any:
    """What Python's json makes of NaN, Infinity and 1e999. Raises `refusal` if that is not what is wrong."""
    if not NOT_JSON_NUMBER.search(raw):
        raise refusal
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise refusal from None


def _read_bytes(file: Path, place: ModelPlace) -> bytes:
    try:
        if not file.exists():
            raise place.error("no such file")
        if not file.is_file():
            raise place.error("not a file")
        size = file.stat().st_size
        if size > MAX_FILE_BYTES:
            raise place.wrong("size", f"at most {MAX_FILE_BYTES:,} bytes", f"{size:,}")
        raw = file.read_bytes()
    except OSError as error:
        raise place.error(f"cannot be read: {error.strerror or error}") from None
    except ValueError:  # a path with a null byte
        raise place.error("not a possible file name") from None
    raw = raw.removeprefix(b"\xef\xbb\xbf")  # a byte order mark, as Windows writes it
    if not raw.strip():
        raise place.error("the file is empty")
    return raw
