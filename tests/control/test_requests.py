"""Whatever a request holds, the host answers it or says what is wrong with it; nothing in it makes the host fail."""

from __future__ import annotations

import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emohost.config.load import parse_rig
from emohost.config.loaded import LoadedRig
from emohost.errors import ControlError
from emohost.host.host import Host
from emohost.host.requests import Requests
from emohost.host.supervisor import EngineState

COMMANDS = [name.removeprefix("_do_") for name in vars(Requests) if name.startswith("_do_")]
KEYS = (
    "name",
    "value",
    "at",
    "over_s",
    "source",
    "action",
    "at_ns",
    "on",
    "parameter",
    "by",
    "valence",
    "seconds",
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.just(10**400),
    st.sampled_from(
        ["density", "tempo", "listen", "bar", "save", "recall", "delete", "list", "start", "follow"]
    ),
)
VALUES = st.one_of(
    SCALARS, st.lists(SCALARS, max_size=2), st.dictionaries(st.text(max_size=3), SCALARS, max_size=2)
)


@pytest.fixture
def requests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Requests:
    """Of a host that does not run."""
    monkeypatch.setenv("EMOHOST_RUNTIME", str(tmp_path / "run"))
    rig = tmp_path / "rig.yaml"
    rig.write_text("audio: {backend: dummy}\nmidi: {api: none, inputs: [{port: keys}]}\n")
    host: Any = Host(LoadedRig(parse_rig(rig.read_text()), rig, tmp_path))
    engine = SimpleNamespace(pid=1, memory_path="")
    host._supervisor = SimpleNamespace(state=EngineState.waiting, restarts=0, engine=engine)
    return Requests(host)


def answered(requests: Requests, request: dict[str, Any]) -> str:
    """The answer, or the error, as text."""
    try:
        return repr(dict(requests.answer(request)))
    except ControlError as error:
        return str(error)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    command=st.sampled_from(COMMANDS), arguments=st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4)
)
def test_every_request_is_answered(requests: Requests, command: str, arguments: dict[str, Any]) -> None:
    said = answered(requests, {**arguments, "command": command})
    assert said
    assert "the host failed" not in said


def test_an_unknown_command_names_all_that_there_are(requests: Requests) -> None:
    with pytest.raises(ControlError) as caught:
        requests.answer({"command": "dance"})
    for command in COMMANDS:
        assert command in str(caught.value)


def test_a_fault_of_the_host_is_told_and_logged(
    requests: Requests, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_request: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(requests, "_do_panic", broken)
    with (
        caplog.at_level(logging.ERROR, "emohost.control"),
        pytest.raises(ControlError, match="panic: the host failed: RuntimeError: a bug"),
    ):
        requests.answer({"command": "panic"})
    assert "a request failed: panic" in caplog.text
