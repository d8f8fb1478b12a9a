"""`emohost run` as a program of its own, on the tests' JACK server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from jack_rig import ON_PIPEWIRE, JackPeer
from waiting import wait_for

from emohost.control.local import send_command
from emohost.errors import ControlError

PORT = "emohost:midi_out"
DEVICE_NAME = "mic" if ON_PIPEWIRE else "system"
DEVICE = f"audio: {{backend: portaudio, device: {DEVICE_NAME}, host_api: JACK, block_size: 128}}\n"
ALWAYS = "music: {play: always, clock: {source: internal}, tempo: 240, key: A minor}\n"
JACK_MIDI = "midi: {api: jack}\n"


class HostProcess:
    """`python -m emohost run`."""

    def __init__(
        self,
        folder: Path,
        text: str,
        under: Sequence[str] = (),
        options: Sequence[str] = (),
        **environment: str,
    ) -> None:
        """`under`: a command before it that becomes it, as 'pw-jack'. `options`: more of `emohost run`."""
        self.config = folder / "rig.yaml"
        self.config.write_text(text)
        self._log = (folder / "log.txt").open("w+")
        self.started = time.monotonic()
        run = [sys.executable, "-m", "emohost", "run", str(self.config), "--log-level", "debug"]
        self._process = subprocess.Popen(
            [*under, *run, *options],
            stdout=self._log,
            stderr=self._log,
            env={**os.environ, "PYTHONFAULTHANDLER": "1", **environment},
        )

    def status(self) -> dict[str, Any]:
        """What the control socket says; empty while it says nothing."""
        try:
            answer = send_command("status")
        except ControlError:
            return {}
        return {**answer["status"], "engine_pid": answer["engine_pid"], "memory": answer["memory"]}

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def engine_pid(self) -> int:
        return int(str(self.status()["engine_pid"]))

    @property
    def port_pid(self) -> int:
        return self.pid_of("emohost.midi.port_process")

    def pid_of(self, module: str) -> int:
        """Of the process of its own that runs that module."""
        (found,) = [each.pid for each in self.family() if module in each.cmdline()]
        return found

    def wait_playing(self) -> None:
        wait_for(lambda: self._alive() and self.status().get("blocks"), f"the first block\n{self.log}", 60)

    def memory_mb(self) -> float:
        """Resident in all processes, but for the JACK server's own segment, which every client maps."""
        maps = [each for process in self.family() for each in process.memory_maps()]
        return sum(each.rss for each in maps if not each.path.startswith("/dev/shm/jack")) / 1e6

    def family(self) -> list[psutil.Process]:
        whole = psutil.Process(self._process.pid)
        return [whole, *whole.children(recursive=True)]

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self._process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """For its end; the exit status. Where it does not end, what each of its threads does is in the failure."""
        try:
            return self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGABRT)
            self._process.wait()
            raise AssertionError(f"the host does not end:\n{self.log}") from None

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    @property
    def log(self) -> str:
        return Path(self._log.name).read_text()

    def _alive(self) -> bool:
        assert self._process.poll() is None, f"the host has ended:\n{self.log}"
        return True


def hear(peer: JackPeer) -> None:
    wait_for(lambda: peer.find(PORT) and _connected(peer), "the host's MIDI port")


def _connected(peer: JackPeer) -> bool:
    """False while the port is listed, but its client not active yet: JACK then refuses with -1."""
    try:
        peer.connect(PORT, "midi")
    except peer.error_code as error:
        if error.code != -1:
            raise
        return False
    return True


def play_into_host(peer: JackPeer, audio: np.ndarray) -> None:
    (capture,) = peer.find("emohost-audio:", is_audio=True, is_input=True)
    peer.connect("audio", capture)
    peer.play(audio)
    wait_for(lambda: peer.done, "the audio to be played", 60)
