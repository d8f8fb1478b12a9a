"""OSCQuery: what it tells of OSC's addresses is what OSC takes, with the values of now, and for nobody else."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="the page needs the extra `web`")

from fuzz_control import idle_requests
from starlette.testclient import TestClient

from emohost.control.osc import request_of
from emohost.control.web.access import Access
from emohost.control.web.app import make_app
from emohost.errors import ControlError
from emohost.host.requests import Requests
from emohost.vocabulary import ACTIONS, PARAMETERS

HERE = "http://127.0.0.1:8666"
EXAMPLES = {"f": 1.0, "i": 1, "s": "x", "T": True}


@pytest.fixture
def requests(tmp_path: Path) -> Requests:
    return idle_requests(tmp_path)


@pytest.fixture
def client(requests: Requests) -> TestClient:
    app = make_app(requests.answer, Access("127.0.0.1", 8666, None), ("127.0.0.1", 9000))
    return TestClient(app, base_url=HERE)


def methods(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "TYPE" in node:
        yield node
    for below in node.get("CONTENTS", {}).values():
        yield from methods(below)


def test_it_says_where_osc_is_and_what_it_tells(client: TestClient) -> None:
    told = client.get("/?HOST_INFO").json()
    assert (told["OSC_IP"], told["OSC_PORT"], told["OSC_TRANSPORT"]) == ("127.0.0.1", 9000, "UDP")
    assert told["NAME"] == "emohost"
    assert told["EXTENSIONS"]["RANGE"] is True


def test_each_node_has_its_path_and_is_found_there(client: TestClient) -> None:
    root = client.get("/").json()
    assert root["FULL_PATH"] == "/"
    found = [each["FULL_PATH"] for each in methods(root)]
    assert len(found) == len(set(found)) > 60
    for path in found[::7]:
        node = client.get(path).json()
        assert node["FULL_PATH"] == path
        assert {"TYPE", "ACCESS", "DESCRIPTION"} <= node.keys()


def test_what_it_says_can_be_sent_osc_takes(client: TestClient, requests: Requests) -> None:
    """Each method that can be written to, with values of its type, is a request that the host knows."""
    written = [each for each in methods(client.get("/").json()) if each["ACCESS"] & 2]
    assert len(written) > 3 * len(PARAMETERS)
    for node in written:
        _, *path = node["FULL_PATH"].strip("/").split("/")
        if path[0] == "subscribe":  # the server's own, no request
            continue
        values = [EXAMPLES[kind] for kind in node["TYPE"] if kind != "N"]
        for at, limits in enumerate(node.get("RANGE", [])):
            values[at] = limits.get("MIN", (limits.get("VALS") or [values[at]])[0])
        with contextlib.suppress(NotNowError):
            ask(requests, request_of(path, values, node["FULL_PATH"]))


class NotNowError(Exception):
    """The host takes such a request, but not now: nothing plays, or there is no such snapshot or clock."""


def ask(requests: Requests, request: dict[str, Any]) -> None:
    try:
        requests.answer(request)
    except ControlError as error:
        if any(text in str(error) for text in ("nothing plays", "there is no snapshot", "rig.yaml", "clock")):
            raise NotNowError from error
        raise


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda each: each.name)
def test_a_parameter_has_its_type_range_and_value(
    client: TestClient, requests: Requests, parameter: Any
) -> None:
    node = client.get(f"/emohost/set/{parameter.name}").json()
    assert node["ACCESS"] == 3
    if parameter.kind == "switch":
        assert node["TYPE"] == "T"
        assert node["VALUE"] == [bool(parameter.default)]
    elif parameter.kind == "choice":
        assert node["RANGE"] == [{"VALS": list(parameter.choices)}]
        assert node["VALUE"] == [parameter.choices[round(parameter.default)]]
    else:
        assert node["RANGE"] == [{"MIN": parameter.low, "MAX": parameter.high}]
    requests.answer({"command": "set", "name": parameter.name, "value": parameter.low})
    value = client.get(f"/emohost/set/{parameter.name}?VALUE").json()
    told = client.get(f"/emohost/value/{parameter.name}?VALUE").json()
    assert told == {"VALUE": [parameter.low]}
    if parameter.kind in ("number", "whole"):
        assert value == {"VALUE": [parameter.low]}


def test_each_action_is_there(client: TestClient) -> None:
    tree = client.get("/emohost").json()["CONTENTS"]
    transport = tree["transport"]["RANGE"][0]["VALS"]
    assert {*tree, *transport} >= {each.name for each in ACTIONS}


def test_what_is_not_there_is_said_by_its_number(client: TestClient) -> None:
    assert client.get("/emohost/nothing").status_code == 404
    assert client.get("/emohost/set/density?COLOUR").status_code == 400
    assert client.get("/emohost/tap?VALUE").status_code == 204
    assert client.get("/emohost/reading/tempo?VALUE").json() == {"VALUE": [0.0]}


def test_a_browser_gets_the_page_and_a_rig_without_osc_has_no_tree(
    client: TestClient, requests: Requests
) -> None:
    assert "<!doctype html>" in client.get("/", headers={"accept": "text/html,*/*"}).text
    without = TestClient(make_app(requests.answer, Access("127.0.0.1", 8666, None)), base_url=HERE)
    assert without.get("/emohost").status_code == 404
    assert "<!doctype html>" in without.get("/").text


def test_another_page_reads_nothing(client: TestClient) -> None:
    assert client.get("/?HOST_INFO", headers={"host": "evil.example:8666"}).status_code == 403
    assert client.get("/emohost", headers={"origin": "http://evil.example"}).status_code == 403
