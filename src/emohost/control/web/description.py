"""What can be asked of the page's server, made of emohost.vocabulary: the surface for the page, OpenAPI for programs.

The requests stand here as models for their description and to tell a request that is none (400) from one that the
host refuses as things are (409). What a value may be the host alone decides, and says.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError, create_model

from emohost import __version__, vocabulary
from emohost.control.controls import LONGEST_GLIDE_S, WHENS
from emohost.control.parameters import FELT, SWITCH
from emohost.control.snapshots import NAME

LONGEST = 4096  # bytes of a request
COMMANDS = frozenset(
    {"set", "snapshot", "clock", "transport", "tap", "downbeat", "feel", "panic", "reload", "learn", "side_b"}
)
"""What of the control socket's the page may ask for."""


class _Request(BaseModel):
    model_config = ConfigDict(strict=True)
    id: Any = Field(None, description="Given back with the answer")


def _literal(names: Iterable[str]) -> Any:
    return Literal[tuple(names)]


def _union(*kinds: Any) -> Any:
    return functools.reduce(operator.or_, kinds)


def _one_of(models: Iterable[Any], by: str) -> Any:
    return Annotated[_union(*models), Field(discriminator=by)]


_OVER: tuple[Any, Any] = (
    float,
    Field(0.0, ge=0, le=LONGEST_GLIDE_S, description="Seconds that it takes to come"),
)
_AT: tuple[Any, Any] = (_literal(WHENS), Field("now", description="Or with the next beat or bar"))


def _as_whole(value: object) -> object:
    """JSON knows one kind of number: 11.0 is the same as 11."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _model(model: str, command: str, **fields: Any) -> type[_Request]:
    return create_model(model, __base__=_Request, command=(_literal([command]), ...), **fields)


def _set(parameter: vocabulary.Parameter) -> type[_Request]:
    number = Annotated[float, Field(ge=parameter.low, le=parameter.high)]
    whole = Annotated[int, Field(ge=parameter.low, le=parameter.high), BeforeValidator(_as_whole)]
    value = {
        "number": number,
        "whole": whole,
        "switch": _union(_literal(SWITCH), bool, number),
        "choice": _union(_literal(parameter.choices or ("",)), whole),
    }[parameter.kind]
    meaning = f"{parameter.help} {f'({parameter.unit})' if parameter.unit else ''}".strip()
    return _model(
        "Set" + parameter.name.title().replace("_", ""),
        "set",
        name=(_literal([parameter.name]), ...),
        value=(value, Field(..., description=meaning)),
        at=_AT,
        over_s=_OVER,
    )


def _snapshot(action: str, **fields: Any) -> type[_Request]:
    return _model(f"Snapshot{action.title()}", "snapshot", action=(_literal([action]), ...), **fields)


def _requests() -> dict[str, Any]:
    """By command. Made when they are asked for first: a host need not wait for it."""
    name = _literal(each.name for each in vocabulary.PARAMETERS)
    clocks = _literal(each.name for each in vocabulary.CLOCK_SOURCES)
    felt: dict[str, Any] = {each: (float, Field(..., ge=low, le=high)) for each, (low, high) in FELT.items()}
    begins = Field(None, description="Begins to learn it; absent: tells how that goes")
    return {
        "set": _one_of(map(_set, vocabulary.PARAMETERS), by="name"),
        "snapshot": _one_of(
            [
                _snapshot("save", name=(str, Field(..., pattern=f"^{NAME}$"))),
                _snapshot("recall", name=(str, ...), at=_AT, over_s=_OVER),
                _snapshot("delete", name=(str, ...)),
                _snapshot("list"),
            ],
            by="action",
        ),
        "clock": _model("Clock", "clock", source=(clocks, ...)),
        "transport": _model("Transport", "transport", action=(_literal(["start", "stop"]), ...)),
        "feel": _model("Feel", "feel", **felt),
        "learn": _model("Learn", "learn", parameter=(name, begins)),
        "side_b": _model("SideB", "side_b", on=(bool, ...)),
        **{each: _model(each.title(), each) for each in ("tap", "downbeat", "panic", "reload")},
    }


@functools.cache
def _adapter() -> TypeAdapter[Any]:
    return TypeAdapter(_one_of(_requests().values(), by="command"))


def fits(body: bytes) -> bool:
    """Whether it is a request as described, whatever the host makes of it."""
    try:
        _adapter().validate_json(body)
    except ValidationError:
        return False
    return True


def surface() -> dict[str, Any]:
    """What there is to turn."""
    return {
        "version": __version__,
        "parameters": [each._asdict() for each in vocabulary.PARAMETERS],
        "actions": [each._asdict() for each in vocabulary.ACTIONS],
        "clocks": [each._asdict() for each in vocabulary.CLOCK_SOURCES],
        "parts": [each.name for each in vocabulary.PARTS],
    }


@functools.cache
def openapi() -> dict[str, Any]:
    """OpenAPI 3.1."""
    schema = _adapter().json_schema(ref_template="#/components/schemas/{model}")
    models = schema.pop("$defs")
    bad = {"description": "Why it is refused", "content": _json({"$ref": "#/components/schemas/Refusal"})}
    stranger = {"description": "The token is missing or wrong, or it comes from another page"}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "emohost",
            "version": __version__,
            "description": "Steering a host while it plays. Live: the WebSocket /api/live takes the same requests.",
        },
        "paths": {
            "/api/surface": _get("What there is to turn", {"type": "object"}, stranger),
            "/api/state": _get("The host's state", {"$ref": "#/components/schemas/State"}, stranger),
            "/api/openapi.json": _get("This", {"type": "object"}, stranger),
            "/api/request": {
                "post": {
                    "summary": "Asks the host for something",
                    "requestBody": {
                        "required": True,
                        "content": _json({"$ref": "#/components/schemas/Request"}),
                    },
                    "responses": {
                        "200": {
                            "description": "Done",
                            "content": _json({"$ref": "#/components/schemas/Answer"}),
                        },
                        "400": bad,
                        "403": stranger,
                        "408": bad,
                        "409": {**bad, "description": "Why the host does not do it as things are"},
                        "413": bad,
                        "415": bad,
                    },
                }
            },
        },
        "components": {"schemas": {**models, "Request": {"oneOf": _variants(schema)}, **_ANSWERS}},
    }


def _variants(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """References to all that it may be. pydantic nests them by its discriminators, which OpenAPI cannot say."""
    if "oneOf" not in schema:
        return [schema]
    return [variant for each in schema["oneOf"] for variant in _variants(each)]


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _get(summary: str, schema: dict[str, Any], stranger: dict[str, Any]) -> dict[str, Any]:
    told = {"description": summary, "content": _json(schema)}
    return {"get": {"summary": summary, "responses": {"200": told, "403": stranger}}}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*properties]}


_VALUES: dict[str, Any] = {
    each.name: {"type": "number", "minimum": each.low, "maximum": each.high} for each in vocabulary.PARAMETERS
}
_ANSWERS = {
    "Answer": _object(ok={"const": True}, id={}),
    "Refusal": _object(ok={"const": False}, id={}, error={"type": "string"}),
    "State": _object(
        status=_object(state={"type": "string"}),
        parameters=_object(**_VALUES),
        set_by={"type": "object", "additionalProperties": {"type": "string"}},
        snapshots={"type": "array", "items": {"type": "string"}},
        learn={"type": "object"},
    ),
}
