"""Children are heard whatever libraries print, die with their parent, and never hold it up."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from waiting import wait_for

from emohost.process.child import Child
from emohost.process.pids import is_alive

PATIENCE_S = 20.0
FOLDER = Path(__file__).parent


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> Iterator[Child]:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(FOLDER), os.environ.get("PYTHONPATH", "")]))
    child = Child("scripted_child", logging.getLogger("test"))
    assert child.messages.get(timeout=PATIENCE_S)["type"] == "hello"
    yield child
    child.kill()


def next_message(child: Child) -> dict[str, Any]:
    return child.messages.get(timeout=PATIENCE_S)


def test_what_is_said_arrives(child: Child) -> None:
    child.send({"type": "echo", "text": "Grüße\n"})
    assert next_message(child) == {"type": "echo", "text": "Grüße\n"}


def test_prints_of_libraries_do_not_mix_with_messages(child: Child) -> None:
    child.send({"type": "print"})
    assert next_message(child) == {"type": "printed"}
    wait_for(lambda: "straight to descriptor 1" in child.last_words)
    assert "a library prints" in child.last_words


def test_a_death_is_reported_with_the_last_words(child: Child) -> None:
    child.send({"type": "die"})
    assert next_message(child) == {"type": "ended"}
    assert child.how_it_ended() == "exit code 7"
    assert "these are my last words" in child.last_words


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_crash_is_reported_as_its_signal(child: Child) -> None:
    child.send({"type": "crash"})
    assert next_message(child) == {"type": "ended"}
    assert child.how_it_ended() == f"signal {int(signal.SIGSEGV)}"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("how", ["hang", "stop"])
def test_one_that_hangs_or_is_stopped_is_killed_without_waiting(child: Child, how: str) -> None:
    if how == "hang":
        child.send({"type": "hang"})
        assert next_message(child) == {"type": "hanging"}
    else:
        os.kill(child.pid, signal.SIGSTOP)
    before = time.monotonic()
    child.kill()
    assert time.monotonic() - before < 0.5
    assert next_message(child) == {"type": "ended"}


def test_the_end_of_its_input_ends_it(child: Child) -> None:
    child.close_input()
    assert child.wait(PATIENCE_S)
    assert child.how_it_ended() == "exit code 0"


def test_writing_to_a_dead_child_is_no_error(child: Child) -> None:
    child.kill()
    assert child.wait(PATIENCE_S)
    assert not child.send({"type": "echo", "text": ""})


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a child that hangs outlives its parent")
@pytest.mark.parametrize("state", ["idle", "hang"])
def test_a_child_dies_when_its_parent_is_killed(state: str) -> None:
    script = f"""
        import logging, time
        from emohost.process.child import Child
        child = Child("scripted_child", logging.getLogger())
        print(child.messages.get()["pid"], flush=True)
        if {state == "hang"}:
            child.send({{"type": "hang"}})
            child.messages.get()
        print("ready", flush=True)
        time.sleep(3600)
    """
    path = os.pathsep.join([str(FOLDER), os.environ.get("PYTHONPATH", "")])
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert parent.stdout.readline() == "ready\n"
    assert is_alive(pid)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_for(lambda: not is_alive(pid))
