"""pydantic's errors as one line each: where, what was found, what is expected, what was probably meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic_core import ErrorDetails

from emohost.config.document import KeyPath, short
from emohost.config.schema import Rig

Schema = Mapping[str, Any]

BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "above",
    "maximum": "at most",
    "exclusiveMaximum": "below",
}

UNITS = ("", "hz", "bpm", "db", "dbfs", "ms", "s", "frames", "samples")
THOUSANDS = ("k", "khz")


@cache
def rig_schema() -> dict[str, Any]:
    """The JSON Schema of a rig (draft 2020-12): what `emohost schema` prints."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Rig.model_json_schema()}


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong, at the key it is about first; `about` holds every key it is about."""

    path: KeyPath
    message: str
    about: frozenset[KeyPath]


def explain(error: ErrorDetails, data: Any, root: Schema | None = None) -> Mistake:
    """A pydantic error on `data` as 'found X; expected Y (did you mean Z?)'. `root`: the JSON Schema of the
    whole; None: a rig's."""
    root = rig_schema() if root is None else root
    path, schema = _locate(error["loc"], root)
    context = error.get("ctx", {})
    if error["type"] == "cross_field":  # raised by the schema's own validators
        about = [(*path, *key) for key in context["keys"]]
        return Mistake(
            about[0], f"found {context['found']}; expected {context['expected']}", frozenset(about)
        )
    if error["type"].startswith("union_tag_"):
        path, schema = (*path, "backend"), {"enum": _backends(schema)}
    if error["type"] == "extra_forbidden":
        section = _locate(error["loc"][:-1], root)[1]
        message = _unknown_key(str(path[-1]), list(section.get("properties", {})))
    else:
        value = _at(data, path)
        meant = _meant(value, schema.get("enum", [])) or _meant_plainly(value, schema.get("type"))
        message = f"found {_shown(value)}; expected {_expected(schema, root)}{meant}"
    return Mistake(path, message, frozenset([path]))


def _locate(loc: tuple[int | str, ...], root: Schema) -> tuple[KeyPath, Schema]:
    """The key path of a pydantic location (which also names the member of a union) and the schema that holds there."""
    path: list[str | int] = []
    schema = _resolved(root, root)
    for step in loc:
        if "discriminator" in schema and step in schema["discriminator"]["mapping"]:
            schema = _resolved({"$ref": schema["discriminator"]["mapping"][step]}, root)
            continue
        path.append(step)
        inner = (
            schema["items"]
            if isinstance(step, int) and "items" in schema
            else schema.get("properties", {}).get(step, {})
        )
        schema = _resolved(inner, root)
    return tuple(path), schema


def _resolved(schema: Schema, root: Schema) -> Schema:
    """The schema with its reference followed and an optional value's null set aside (as 'nullable')."""
    own = {key: value for key, value in schema.items() if key not in {"$ref", "anyOf"}}
    if "$ref" in schema:
        return {**root["$defs"][schema["$ref"].rpartition("/")[2]], **own}
    if "anyOf" in schema:
        (inner,) = [each for each in schema["anyOf"] if each.get("type") != "null"]
        return {**_resolved(inner, root), **own, "nullable": True}
    return schema


def _backends(schema: Schema) -> list[str]:
    return list(schema["discriminator"]["mapping"])


def _expected(schema: Schema, root: Schema) -> str:
    """'a whole number from 1 to 16 (MIDI channel, 1 to 16)' and the like."""
    if "discriminator" in schema:
        return f"a mapping with 'backend' as {_choice(_backends(schema))}"
    if "patternErrorMessage" in schema:
        return str(schema["patternErrorMessage"]).removeprefix("expected ")
    text = _kind(schema, root)
    if schema.get("nullable"):
        text += ", or null"
    note = schema.get("description")
    return f"{text} ({note})" if note and _bounds(schema) else text


def _kind(schema: Schema, root: Schema) -> str:
    if "const" in schema:
        return f"'{schema['const']}'"
    if "enum" in schema:
        return _choice(schema["enum"])
    kind = schema.get("type")
    if kind == "object":
        return "a mapping with keys from " + ", ".join(schema["properties"])
    if kind == "array":
        return _list(schema, _resolved(schema["items"], root))
    if kind == "boolean":
        return "true or false"
    if kind == "string":
        return _text(schema)
    return ("a whole number" if kind == "integer" else "a number") + _bounds(schema)


def _list(schema: Schema, items: Schema) -> str:
    most = schema.get("maxItems")
    if most is not None and most == schema.get("minItems"):
        return f"a list of {most} {_plural(items)}"
    return f"a list of {_plural(items)}" + (f", at most {most}" if most is not None else "")


def _plural(items: Schema) -> str:
    if items.get("type") in ("number", "integer"):
        return "numbers"
    return "mappings" if items.get("type") == "object" else "names"


def _text(schema: Schema) -> str:
    if schema.get("format") == "path":
        return "a path"
    if "maxLength" in schema:
        return f"a text of {schema.get('minLength', 0)} to {schema['maxLength']} characters"
    return "a text"


def _bounds(schema: Schema) -> str:
    if "minimum" in schema and "maximum" in schema:
        return f" from {_number(schema['minimum'])} to {_number(schema['maximum'])}"
    ends = [f"{words} {_number(schema[key])}" for key, words in BOUNDS.items() if key in schema]
    return " " + " and ".join(ends) if ends else ""


def _number(value: float) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _choice(values: list[str]) -> str:
    *first, last = [f"'{value}'" for value in values]
    return f"{', '.join(first)} or {last}" if first else last


def _unknown_key(key: str, known: list[str]) -> str:
    # In `{tempo: 92,5}` the comma ends the number, and what follows it is a key.
    meant = " (a decimal comma? write a point, as in 92.5)" if key.isdigit() else _meant(key, known)
    return f"found an unknown key; expected one of {', '.join(known)}{meant}"


def _meant(value: Any, known: list[str]) -> str:
    close = (
        difflib.get_close_matches(str(value)[:80].lower(), known, n=1, cutoff=0.55)
        if isinstance(value, str)
        else []
    )
    return f" (did you mean '{close[0]}'?)" if close else ""


def _meant_plainly(value: Any, kind: object) -> str:
    """What a text says that stands where a number or a truth value belongs."""
    if not isinstance(value, str):
        return ""
    if kind == "boolean":
        truth = {"yes": "true", "on": "true", "no": "false", "off": "false"}
        meant = truth.get(value.lower(), value.lower() if value.lower() in ("true", "false") else "")
        return f" (did you mean {meant}?)" if meant else ""
    found = re.fullmatch(r"([-+]?\d+)(?:([.,])(\d+))?\s*([A-Za-z%]*)", value.strip()[:80])
    if kind not in ("number", "integer") or found is None:
        return ""
    whole, point, rest, unit = found.groups()
    number = f"{whole}.{rest}" if point else whole
    if unit.lower() in THOUSANDS:
        number = f"{float(number) * 1000:g}"
    elif unit.lower() not in UNITS:
        return ""
    why = "with a decimal point" if point == "," else "without a unit" if unit else "without quotes"
    return f" (did you mean {number}, {why}?)"


def _shown(value: Any) -> str:
    """A value as its file would show it, one short line."""
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "an empty list"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and abs(value) >= 10**20:
        return "a very large number"
    return f"'{short(value)}'" if isinstance(value, str) else f"{value}"


def _at(data: Any, path: KeyPath) -> Any:
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data
