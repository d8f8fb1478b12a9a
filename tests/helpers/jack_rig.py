"""A JACK server of the tests' own, with the dummy driver, and clients that play into and listen to the host."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from waiting import wait_for

RATE, BLOCK = 48000, 128
ON_PIPEWIRE = os.environ.get("EMOHOST_RIG") == "pipewire"
# JACK keeps eight servers in its register and gives the place of a dead one only to its own name: a name for each run
# would fill it up with the servers that the tests kill.
NAMES = ("emohost-test-1", "emohost-test-2")
LINK_S = 0.2  # a link of PipeWire's carries nothing for a few cycles
PATIENCE_S = 20.0  # for what comes within a moment on an idle machine
FINDS = 20  # tries to list the ports while they come and go


class Jackd:
    """jackd under a name of its own; `JACK_DEFAULT_SERVER` leads clients there."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._process: subprocess.Popen[bytes] | None = None
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  (not a pipe: nobody reads it while jackd runs)

    def start(self, block: int = BLOCK) -> None:
        command = ["jackd", "-n", self.name, "-R", "-S", "-d", "dummy", "-r", str(RATE), "-p", str(block)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=self._said)
        process = self._process
        wait_for(lambda: process.poll() is not None or self.running(), "jackd's ports")
        assert process.poll() is None, f"jackd ended: {self.said()}"

    def said(self) -> str:
        """All that it complained of."""
        size = os.fstat(self._said.fileno()).st_size
        return os.pread(self._said.fileno(), size, 0).decode(errors="replace")

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def end(self) -> None:
        """As somebody who shuts it down: it clears up behind itself."""
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
        self.kill()

    def running(self) -> bool:
        return "system:capture_1" in self.ports()

    def ports(self) -> str:
        environment = {**os.environ, "JACK_DEFAULT_SERVER": self.name, "JACK_NO_START_SERVER": "1"}
        return subprocess.run(
            ["jack_lsp"], env=environment, capture_output=True, text=True, check=False
        ).stdout


@contextlib.contextmanager
def running_jackd(monkeypatch: pytest.MonkeyPatch) -> Iterator[Jackd]:
    """Skips, with the reason, where there is no jackd."""
    for program in ("jackd", "jack_lsp"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed (Debian: jackd2)")
    try:
        import jack  # noqa: F401
    except (ImportError, OSError) as error:
        pytest.skip(f"JACK-Client cannot be loaded: {error}")
    server = next(server for server in map(Jackd, NAMES) if not server.running())
    monkeypatch.setenv("JACK_DEFAULT_SERVER", server.name)
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    server.start()
    try:
        yield server
    finally:
        server.end()
        for left in Path("/dev/shm").glob(f"jack*{server.name}*"):
            left.unlink(missing_ok=True)


class JackPeer:
    """A JACK client that plays audio into the host and records MIDI, frame by frame. Close it before the server ends:
    libjack does not survive that in a process that goes on."""

    def __init__(self, name: str = "peer") -> None:
        import jack

        sys.setswitchinterval(5e-4)  # a callback that waits for the interpreter lock is late, and loses MIDI
        self._error, self.error_code = jack.JackError, jack.JackErrorCode
        self._client = jack.Client(name, no_start_server=True)
        self._audio_out = self._client.outports.register("audio")
        self._audio_in = self._client.inports.register("input")
        self._midi_in = self._client.midi_inports.register("midi")
        self._midi_out = self._client.midi_outports.register("keys")
        self._to_send: list[bytes] = []
        self._timed: deque[tuple[int, bytes]] = deque()
        self.sent: list[tuple[int, bytes]] = []
        """(JACK frame, MIDI bytes)"""
        self.cycle = (0, 0)
        """JACK frame and time.monotonic_ns() of the latest cycle."""
        self.origin = 0
        """JACK frame of the first cycle."""
        self.block = 0
        """Frames of the latest cycle."""
        self._audio = np.zeros(0, np.float32)
        self._position = 0
        self.played_from: int | None = None
        """JACK frame of the first sample that was played last."""
        self.began = 0
        """JACK frame at which it would have been, by the latest cycle; a dropout moves it."""
        self._lock = threading.Lock()
        self.received: list[tuple[int, bytes]] = []
        """(JACK frame, MIDI bytes)"""
        self.received_at: list[float] = []
        """time.monotonic() of each."""
        self.on: set[tuple[int, int]] = set()
        """(channel, note) of what a synth in its place would play now."""
        self.silent_at = 0
        """Messages received when it last fell silent."""
        self.loudest = 0.0
        """Largest sample that came in."""
        self.dropouts = 0
        """Times JACK said that somebody was late."""
        self._client.set_process_callback(self._process)
        self._client.set_xrun_callback(self._count_dropout)
        self._client.activate()

    def _process(self, frames: int) -> None:
        now = time.monotonic()
        start = self._client.last_frame_time
        self.cycle, self.block = (start, time.monotonic_ns()), frames
        self.origin = self.origin or start
        self._send(start, frames)
        for offset, data in self._midi_in.incoming_midi_events():
            self.received.append((start + offset, bytes(data)))
            self.received_at.append(now)
            self._follow(bytes(data))
        with self._lock:
            chunk = self._audio[self._position : self._position + frames]
            if len(chunk) and self._position == 0:
                self.played_from = start
            self.began = start - self._position
            self._position += len(chunk)
        self.loudest = max(self.loudest, float(np.abs(self._audio_in.get_array()).max()))
        buffer = self._audio_out.get_array()
        buffer[: len(chunk)] = chunk
        buffer[len(chunk) :] = 0

    def _send(self, start: int, frames: int) -> None:
        self._midi_out.clear_buffer()
        with self._lock:
            if self._to_send:
                data = self._to_send.pop(0)
                offset = len(self.sent) * 37 % frames
                self._midi_out.write_midi_event(offset, data)
                self.sent.append((start + offset, data))
            while self._timed and self._timed[0][0] < start + frames:
                due, data = self._timed.popleft()
                self._midi_out.write_midi_event(max(0, due - start), data)

    def _follow(self, data: bytes) -> None:
        kind, channel = data[0] & 0xF0, data[0] & 15
        if kind == 0x90 and data[2]:
            self.on.add((channel, data[1]))
        elif kind in (0x80, 0x90):
            self.on.discard((channel, data[1]))
        elif kind == 0xB0 and data[1] in (120, 123):  # all sound off, all notes off
            self.on -= {key for key in self.on if key[0] == channel}
        if not self.on:
            self.silent_at = len(self.received)

    def _count_dropout(self, _delay: float) -> None:
        self.dropouts += 1

    def play(self, audio: np.ndarray) -> None:
        with self._lock:
            self._audio, self._position = np.asarray(audio, np.float32), 0

    def send(self, *messages: bytes) -> None:
        """One in each of the next cycles, somewhere in it; see `sent`."""
        with self._lock:
            self._to_send += messages

    def send_at(self, messages: Iterable[tuple[int, bytes]]) -> None:
        """Each at its JACK frame; in order. What was to be sent before, and is not yet, is not."""
        with self._lock:
            self._timed = deque(messages)

    @property
    def frame(self) -> int:
        """JACK's, about now, by the latest cycle: after a dropout JACK's own estimate is off by many milliseconds for
        seconds."""
        start, at_ns = self.cycle
        return start + round((time.monotonic_ns() - at_ns) * 1e-9 * RATE)

    @property
    def done(self) -> bool:
        return self._position >= len(self._audio)

    def connect(self, source: str, destination: str) -> None:
        """Ports whose names contain these parts; 'audio', 'input', 'midi' and 'keys' for the peer's own."""
        own = {
            "audio": self._audio_out.name,
            "input": self._audio_in.name,
            "midi": self._midi_in.name,
            "keys": self._midi_out.name,
        }
        source, destination = own.get(source, source), own.get(destination, destination)
        try:
            self._client.connect(source, destination)
            if ON_PIPEWIRE:
                time.sleep(LINK_S)
        except self.error_code as error:
            if error.code != errno.EEXIST:  # a port that came back connects itself again
                raise

    def disconnect(self, source: str, destination: str) -> None:
        """Full names."""
        self._client.disconnect(source, destination)

    @property
    def rate(self) -> int:
        """The server's, Hz."""
        return int(self._client.samplerate)

    @property
    def audio_port(self) -> str:
        return str(self._audio_out.name)

    def connected_to(self, port: str) -> list[str]:
        """Full names of the ports that the port of that full name is connected to."""
        return sorted(each.name for each in self._client.get_all_connections(port))

    def find(self, part: str, **kind: bool) -> list[str]:
        for _ in range(FINDS):
            with contextlib.suppress(self._error):  # a port that went after it was listed
                return [port.name for port in self._client.get_ports(**kind) if part in port.name]
        raise TimeoutError(f"JACK's ports changed {FINDS} times while they were listed")

    @property
    def messages(self) -> list[bytes]:
        return [data for _, data in self.received]

    def close(self) -> None:
        """May be called again."""
        self._client.close()


def sounding(messages: list[bytes]) -> set[tuple[int, int]]:
    """(channel, note) of what is still on after these messages."""
    on: set[tuple[int, int]] = set()
    for data in messages:
        kind, key = data[0] & 0xF0, (data[0] & 15, data[1] if len(data) > 1 else 0)
        if kind == 0x90 and data[2]:
            on.add(key)
        elif kind in (0x80, 0x90):
            on.discard(key)
    return on
