"""PipeWire, as most Linux desktops have it, without sound card, session or screen: in the place of a JACK server.

Its clients need PipeWire's libjack in the place of JACK's, which is chosen when a process starts: so whatever plays
here runs under `pw-jack`, also the tests themselves where they are those of JACK (test_pipewire.py starts them so).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from jack_rig import RATE
from waiting import wait_for

PROGRAMS = ("pipewire", "wireplumber", "pw-cli", "pw-jack", "pw-metadata", "dbus-run-session", "jack_lsp")
DEVICE = "mic"
QUANTUM = 1024  # a player in Python that is late loses MIDI here
ADAPTER = (
    "{{ factory.name=support.null-audio-sink node.name={name} media.class={kind} object.linger=true "
    "audio.position=[MONO] }}"
)
NODES = {DEVICE: "Audio/Source/Virtual", "speaker": "Audio/Sink"}


class PipeWire:
    """A PipeWire of the tests' own, with a microphone and a loudspeaker that nobody hears."""

    name = "default"

    def __init__(self, folder: Path) -> None:
        """`folder`: its runtime folder, to which XDG_RUNTIME_DIR leads its clients."""
        self._folder = folder
        self._block = QUANTUM
        self._session: subprocess.Popen[bytes] | None = None
        self._said = (folder / "said.txt").open("wb+")

    def start(self, block: int = QUANTUM) -> None:
        socket = '"$PIPEWIRE_RUNTIME_DIR/pipewire-0"'  # wireplumber ends where it is not there
        daemons = f"pipewire & until [ -S {socket} ]; do sleep 0.02; done; wireplumber & wait"
        self._session = subprocess.Popen(
            ["dbus-run-session", "--", "sh", "-c", daemons],
            stdout=self._said,
            stderr=self._said,
            start_new_session=True,
        )
        wait_for(lambda: (self._folder / "pipewire-0").exists(), "PipeWire's socket")
        for name, kind in NODES.items():
            wait_for(lambda n=name, k=kind: self._make(n, k), f"the node {name}")
        self._block = block
        self.restore()
        wait_for(self.running, "PipeWire's ports")

    def restore(self) -> None:
        """Cycle and rate as they were at the start."""
        self.force(quantum=self._block, rate=RATE)

    def force(self, quantum: int | None = None, rate: int | None = None) -> None:
        """Frames of a cycle and Hz, while it runs; 0: as it likes."""
        for key, value in (("clock.force-quantum", quantum), ("clock.force-rate", rate)):
            if value is not None:
                self._run("pw-metadata", "-n", "settings", "0", key, str(value))

    @property
    def pid(self) -> int:
        assert self._session is not None
        return self._session.pid

    def kill(self) -> None:
        """All of it, at once."""
        if self._session is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._session.pid, signal.SIGKILL)
            self._session.wait()
            self._session = None
            for left in self._folder.glob("pipewire-0*"):
                left.unlink()

    def end(self) -> None:
        if self._session is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._session.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._session.wait(5)
        self.kill()

    def said(self) -> str:
        """All that it complained of."""
        return Path(self._said.name).read_text(errors="replace")

    def running(self) -> bool:
        return f"{DEVICE}:capture_MONO" in self.ports()

    def ports(self) -> str:
        return self._run("pw-jack", "jack_lsp")

    def _make(self, name: str, kind: str) -> bool:
        if f"{name}:" not in self.ports():
            self._run("pw-cli", "create-node", "adapter", ADAPTER.format(name=name, kind=kind))
            time.sleep(0.3)
        return f"{name}:" in self.ports()

    def _run(self, *command: str) -> str:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=20).stdout


def missing_program() -> str | None:
    """The first of those that it needs that is not installed."""
    return next((program for program in PROGRAMS if shutil.which(program) is None), None)


@contextlib.contextmanager
def running_pipewire(monkeypatch: pytest.MonkeyPatch) -> Iterator[PipeWire]:
    """Skips, with the reason, where it is not installed."""
    if (program := missing_program()) is not None:
        pytest.skip(f"{program} is not installed (tools/packages.sh installs what PipeWire's rig needs)")
    with tempfile.TemporaryDirectory(prefix="emohost-pw-") as folder:  # a socket's path is short
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        monkeypatch.setenv("PIPEWIRE_RUNTIME_DIR", folder)
        monkeypatch.delenv("JACK_DEFAULT_SERVER", raising=False)
        server = PipeWire(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.end()
