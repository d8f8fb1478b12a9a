"""OSC's addresses as OSCQuery tells them: https://github.com/Vidvox/OSCQueryProposal, over the page's HTTP.

A path gives its node and all below it; `/PATH?VALUE` one attribute alone; `/?HOST_INFO` where OSC is listened to. Made
of emohost.vocabulary and the host's status.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from emohost.control.controls import LONGEST_GLIDE_S
from emohost.control.osc import FASTEST_HZ, FEEL
from emohost.control.parameters import BY_NAME, FELT, shown
from emohost.control.web.live import Answer, State, as_json
from emohost.vocabulary import ACTIONS, CLOCK_SOURCES, PARAMETERS, Parameter

NONE, READ, WRITE, BOTH = range(4)  # ACCESS
ATTRIBUTES = ("FULL_PATH", "CONTENTS", "TYPE", "ACCESS", "RANGE", "VALUE", "DESCRIPTION", "UNIT")
OPTIONAL = ("ACCESS", "VALUE", "RANGE", "DESCRIPTION", "UNIT")
TRANSPORT = ("start", "stop")

Node = dict[str, Any]


class OscQuery:
    """One event loop."""

    def __init__(self, answer: Answer, host: str, port: int) -> None:
        """`host`, `port`: where OSC is listened to."""
        self._state = State(answer)
        self._host_info = {
            "NAME": "emohost",
            "EXTENSIONS": dict.fromkeys(OPTIONAL, True),
            "OSC_IP": host,
            "OSC_PORT": port,
            "OSC_TRANSPORT": "UDP",
        }

    async def tell(self, request: Request) -> Response:
        """404: no such node. 204: it has no such attribute. 400: nothing has."""
        asked = request.url.query.partition("=")[0]
        if asked == "HOST_INFO":
            return _json(self._host_info)
        if asked and asked not in ATTRIBUTES:
            expected = ", ".join((*ATTRIBUTES, "HOST_INFO"))
            return PlainTextResponse(f"found {asked}; expected one of {expected}\n", 400)
        node = found(tree(await asyncio.to_thread(self._state.now)), request.url.path)
        if node is None:
            return PlainTextResponse(f"there is no {request.url.path}\n", 404)
        if not asked:
            return _json(node)
        return _json({asked: node[asked]}) if asked in node else Response(status_code=204)


def found(node: Node, path: str) -> Node | None:
    """The node of that path, if there is one."""
    for name in filter(None, path.split("/")):
        below = node.get("CONTENTS", {}).get(name)
        if below is None:
            return None
        node = below
    return node


def tree(state: Mapping[str, Any]) -> Node:
    """All that emohost.control.osc takes and sends, with the values of now (emohost.control.web.live.State)."""
    values, snapshots = state["parameters"], state["snapshots"]
    feel = [{"MIN": low, "MAX": high} for low, high in (FELT[name] for name in FEEL)]
    actions = {each.name: each.help for each in ACTIONS if each.name not in TRANSPORT}
    readings = {
        name: value for name, value in state["status"].items() if isinstance(value, (bool, int, float, str))
    }
    glide = f"a second value glides there, up to {LONGEST_GLIDE_S:g} s"
    contents = {
        "set": {each.name: _parameter(each, BOTH, f"{each.help}; {glide}", values) for each in PARAMETERS},
        "at": {
            when: {
                each.name: _parameter(each, WRITE, f"{each.help}, with the next {when}")
                for each in PARAMETERS
            }
            for when in ("beat", "bar")
        },
        "value": {
            each.name: _reading(float(values[each.name]), "Answers /emohost/get") for each in PARAMETERS
        },
        "get": {each.name: _method("N", "Asks for its value") for each in PARAMETERS},
        "snapshot": {
            "recall": _method("s", "Recalls the snapshot of that name", [{"VALS": snapshots}]),
            "save": _method("s", "Keeps what is set under that name"),
            "delete": _method("s", "Deletes it", [{"VALS": snapshots}]),
        },
        "transport": _choice("Starts or stops the transport", TRANSPORT),
        "clock": _choice("The clock that leads", [each.name for each in CLOCK_SOURCES]),
        "feel": _method("ffff", "Felt by this host alone: valence, arousal, weight, seconds", feel),
        **{name: _method("N", text) for name, text in actions.items()},
        "reload": _method("N", "Reads the edited rig"),
        "subscribe": _method(
            "f", "Readings so often a second, those named after it or all", [{"MIN": 0.0, "MAX": FASTEST_HZ}]
        ),
        "reading": {name: _reading(value) for name, value in readings.items()},
    }
    return _placed({"emohost": contents}, "/")


def _parameter(
    parameter: Parameter, access: int, text: str, values: Mapping[str, float] | None = None
) -> Node:
    kinds = {"number": "f", "whole": "i", "switch": "T", "choice": "s"}
    limits = {"MIN": parameter.low, "MAX": parameter.high}
    node: Node = {"TYPE": kinds[parameter.kind], "ACCESS": access, "DESCRIPTION": text}
    if parameter.kind == "choice":
        node["RANGE"] = [{"VALS": list(parameter.choices)}]
    elif parameter.kind != "switch":
        node["RANGE"] = [limits]
    if parameter.unit:
        node["UNIT"] = [parameter.unit]
    if values is not None:
        node["VALUE"] = [_value(parameter.name, values[parameter.name])]
    return node


def _value(name: str, value: float) -> bool | int | float | str:
    match BY_NAME[name].kind:
        case "switch":
            return value > 0
        case "choice":
            return shown(name, value)
        case "whole":
            return round(value)
        case _:
            return value


def _method(kind: str, text: str, ranges: Sequence[Mapping[str, Any]] = ()) -> Node:
    node: Node = {"TYPE": kind, "ACCESS": WRITE, "DESCRIPTION": text}
    return {**node, "RANGE": list(ranges)} if ranges else node


def _choice(text: str, names: Sequence[str]) -> Node:
    return _method("s", text, [{"VALS": list(names)}])


def _reading(value: bool | float | str, text: str = "Of the host's status; sent to who subscribes") -> Node:
    kind = "T" if isinstance(value, bool) else {int: "i", float: "f", str: "s"}[type(value)]
    return {"TYPE": kind, "ACCESS": READ, "VALUE": [value], "DESCRIPTION": text}


def _placed(contents: Mapping[str, Any], path: str) -> Node:
    """A container, with the paths of all in it."""
    inside = {}
    for name, each in contents.items():
        full = path.rstrip("/") + "/" + name
        inside[name] = {"FULL_PATH": full, **each} if "TYPE" in each else _placed(each, full)
    return {"FULL_PATH": path, "ACCESS": NONE, "CONTENTS": inside}


def _json(content: Any) -> Response:
    return Response(as_json(content), media_type="application/json")
