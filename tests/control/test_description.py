"""The page's OpenAPI description: it has all of the vocabulary, and the server does what it says, whatever is asked."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("starlette", reason="the page needs the extra `web`")
pytest.importorskip("schemathesis", reason="schemathesis makes requests of the description")

import json

import schemathesis
from fuzz_control import idle_requests
from hypothesis import HealthCheck, settings

from emohost import vocabulary
from emohost.control.web.access import Access
from emohost.control.web.app import make_app
from emohost.control.web.description import COMMANDS, fits, openapi

HERE = {"host": "localhost:8666"}


APP = make_app(idle_requests().answer, Access("127.0.0.1", 8666, None))
schema = schemathesis.openapi.from_asgi("/api/openapi.json", APP, headers=HERE)
# Nor is a request that is too long taken.
schema.config.checks.negative_data_rejection.expected_statuses = ["400", "409", "413", "415"]


@schema.parametrize()
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_server_does_what_the_description_says(case: Any) -> None:
    """Good requests are done, or refused as things are; bad ones are refused; answers are of the form described."""
    case.call_and_validate(headers=HERE)


def test_it_describes_each_command_parameter_action_and_clock() -> None:
    schemas = openapi()["components"]["schemas"]
    requests = [schemas[each["$ref"].split("/")[-1]]["properties"] for each in schemas["Request"]["oneOf"]]
    assert {each["command"]["const"] for each in requests} == COMMANDS
    names = {each["name"]["const"] for each in requests if each["command"]["const"] == "set"}
    assert names == {each.name for each in vocabulary.PARAMETERS}
    (clock,) = [each for each in requests if each["command"]["const"] == "clock"]
    assert clock["source"]["enum"] == [each.name for each in vocabulary.CLOCK_SOURCES]
    assert {each.name for each in vocabulary.ACTIONS} <= {*COMMANDS, "start", "stop"}


@pytest.mark.parametrize("parameter", vocabulary.PARAMETERS, ids=lambda each: each.name)
def test_the_limits_of_each_parameter_are_the_vocabularys(parameter: vocabulary.Parameter) -> None:
    def asks(value: object) -> bool:
        return fits(json.dumps({"command": "set", "name": parameter.name, "value": value}).encode())

    whole = parameter.kind in ("whole", "choice")
    for edge in (parameter.low, parameter.high):
        assert asks(int(edge) if whole else edge)
    assert not asks(parameter.low - 1)
    assert not asks(parameter.high + 1)
    assert asks(float(parameter.high))  # JSON knows one kind of number
    assert all(asks(choice) for choice in parameter.choices)
    assert not asks("nonsense")
    assert asks(True) == (parameter.kind == "switch")
