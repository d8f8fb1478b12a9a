"""`emohost top` in a pseudo-terminal: everything fits, a key ends it, and a host that went is waited for."""

from __future__ import annotations

import dataclasses
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emohost.cli.board import Seen, board
from emohost.control.local import ControlServer
from emohost.host.status import Spread, Status

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals of POSIX")
PATIENCE_S = 30.0
PLAYING = Status(
    "playing",
    "system (JACK), 48000 Hz",
    83.0,
    level_db=-18,
    sound="music",
    sound_confidence=0.93,
    key="A minor",
    chord_heard="A:min",
    chord_played="A:min7",
    tempo=96.0,
    beat=1.2,
    clock="follow",
    clock_confidence=0.81,
    chart_bar=4,
    band="playing",
    style="swing",
    section=2,
    bar_in_section=5,
    notes=321,
    sounding=4,
    valence=-0.25,
    arousal=0.5,
    load=Spread(4.0, 71.5, 80.0),
    lateness_ms=Spread(0.1, 0.4, 2.0),
    messages=("playing from system", "density 0.6 (command line)"),
    audio={"inputs": [["system:capture_1"]], "outputs": []},
    midi={"name": "emohost:midi_out", "open": True, "outputs": ["synth:in"], "inputs": [["keys:out"]]},
)
PARAMETERS = {"tempo": 96.0, "density": 0.6, "melody_enabled": 1.0, "drums_enabled": 0.0, "listen": 1.0}
SEEN = Seen("stage", PLAYING, PARAMETERS, {"density": "command line"})
SHOWN = (
    "stage", "1:23", "playing", "-18 dB", "music 0.93", "A minor", "A:min → A:min7", "96.0 ○●○○ follow 0.81",
    "3, bar 6 chart 5", "swing", "-0.25", "+0.50", "321, 4 sounding", "melody", "(drums)", "p99 71.5", "p99 0.4",
    "system (JACK)", "system:capture_1", "emohost:midi_out", "synth:in", "keys:out", "density 0.6 (command line)",
    "listen answer", "playing from system",
)  # fmt: skip


@pytest.mark.parametrize("width", [40, 100])
def test_all_there_is_to_tell_is_there(width: int) -> None:
    text = "\n".join(line.plain for line in board(SEEN, width, 40))
    for each in SHOWN:
        assert each in text.replace("…", ""), (each, text)


def test_what_is_bad_is_red() -> None:
    load = next(line for line in board(SEEN, 40, 40) if line.plain.startswith("load"))
    late = next(line for line in board(SEEN, 40, 40) if line.plain.startswith("late"))
    assert "bold red" in {str(span.style) for span in load.spans}
    assert "bold red" not in {str(span.style) for span in late.spans}


@given(
    width=st.integers(1, 200),
    height=st.integers(1, 60),
    plain=st.booleans(),
    status=st.sampled_from([None, PLAYING, Status("waiting for the device", "…" * 300)]),
    away=st.sampled_from(["", "no host is running; waiting for it"]),
)
def test_it_fits_every_terminal(
    width: int, height: int, plain: bool, status: Status | None, away: str
) -> None:
    lines = board(dataclasses.replace(SEEN, status=status, away=away), width, height, plain)
    assert 1 <= len(lines) <= height
    assert all(line.cell_len <= width for line in lines)
    assert not plain or "".join(line.plain for line in lines).isascii()


# --- in a terminal --------------------------------------------------------------------------------------------------


class Terminal:
    """`emohost top` in a pseudo-terminal of that size."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns = columns
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(theirs)
        self._theirs = theirs
        self.process = subprocess.Popen(
            [sys.executable, "-m", "emohost", "top"],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm", "PYTHONIOENCODING": "utf-8"},
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        self._came = b""

    def wait_for(self, text: str) -> None:
        """What comes from here on shows it; what came before is forgotten."""
        deadline = time.monotonic() + PATIENCE_S
        while text not in self.text:
            assert time.monotonic() < deadline, f"not shown: {text!r} in {self.text[-3000:]!r}"
            self._read()
        self.last, self._came = self.text, b""

    def _read(self) -> None:
        if select.select([self._ours], [], [], 0.1)[0]:
            self._came += os.read(self._ours, 65536)

    @property
    def text(self) -> str:
        """What came, each picture from a line of its own on, without colours."""
        drawn = self._came.decode(errors="replace").replace("\x1b[H", "\n")
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", drawn)

    def type(self, keys: bytes) -> None:
        os.write(self._ours, keys)

    def wait(self) -> int:
        deadline = time.monotonic() + PATIENCE_S
        while self.process.poll() is None:
            assert time.monotonic() < deadline, "it does not end"
            self._read()
        return self.process.returncode

    @property
    def is_as_before(self) -> bool:
        return termios.tcgetattr(self._theirs) == self.before

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)
        os.close(self._theirs)


@pytest.fixture
def top(emohost: object) -> Iterator[Callable[[int, int], Terminal]]:
    made: list[Terminal] = []

    def start(columns: int, rows: int) -> Terminal:
        made.append(Terminal(columns, rows))
        return made[-1]

    yield start
    for each in made:
        each.close()


def serve(status: Status) -> ControlServer:
    def handle(request: Mapping[str, Any]) -> dict[str, Any]:
        if request["command"] == "status":
            return {"status": dataclasses.asdict(status)}
        return {"parameters": PARAMETERS, "set_by": {}}

    return ControlServer("stage", handle)


@pytest.mark.parametrize(("columns", "end"), [(40, b"q"), (100, b"\x03")])
def test_it_shows_the_host_until_a_key_ends_it_and_leaves_the_terminal_as_it_was(
    top: Callable[[int, int], Terminal], columns: int, end: bytes
) -> None:
    server = serve(PLAYING)
    try:
        terminal = top(columns, 30)
        terminal.wait_for("density 0.6 (command line)")  # of the log, at the end
        lines = terminal.last.replace("\r", "").split("\n")
        assert max(map(len, lines)) <= columns
        assert any("96.0 ○●○○ follow 0.81" in line for line in lines)
        terminal.type(end)
        assert terminal.wait() == 0
        assert terminal.is_as_before
    finally:
        server.close()


def test_a_host_that_goes_is_waited_for(top: Callable[[int, int], Terminal]) -> None:
    terminal = top(100, 30)
    terminal.wait_for("no host is running; waiting for it")
    server = serve(PLAYING)
    terminal.wait_for("A minor")
    server.close()
    terminal.wait_for("waiting for it")
    server = serve(dataclasses.replace(PLAYING, key="E major"))
    try:
        terminal.wait_for("E major")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.wait() == 0
    finally:
        server.close()


def test_without_a_terminal_it_says_what_does_without(emohost: Callable[..., Any]) -> None:
    done = emohost("top")
    assert done.exit_code == 2
    assert "status --watch" in done.output
