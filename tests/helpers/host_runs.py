"""A host that plays in a thread of the tests, into a port that remembers; and music to play to it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile

from emohost.config import load_rig
from emohost.control.local import send_command
from emohost.host.host import Host
from emohost.host.status import Status, Summary
from emohost.midi.ledger import Ledger
from emohost.midi.ports import PortState
from emohost.offline.engine import build_engine
from emohost.process.flag import Flag

RATE = 48000
PATIENCE_S = 30.0


class RecordingPort:
    """In the place of the real port; the ledger knows what a synth at its other end would still play."""

    name, losses, memory, inputs_dropped = "test", 0, None, 0

    def __init__(self) -> None:
        self.sent: list[tuple[float, bytes]] = []
        self.ledger = Ledger()

    def wait_open(self) -> None: ...

    def upkeep(self) -> PortState:
        return PortState.open

    def send(self, data: bytes) -> bool:
        self.sent.append((time.monotonic(), data))
        self.ledger.enter(data)
        return True

    def pop_inputs(self) -> list[tuple[int, int, bytes, int]]:
        return []

    def described(self) -> dict[str, object]:
        return {"name": self.name, "open": True, "outputs": [], "inputs": []}

    def close(self) -> None: ...


@dataclass
class Run:
    """A host that plays in a thread."""

    config: Path
    port: RecordingPort = field(default_factory=RecordingPort)
    statuses: list[Status] = field(default_factory=list)
    summary: Summary | None = None
    error: BaseException | None = None
    record: Path | None = None

    def __post_init__(self) -> None:
        self.stop = Flag()
        self.host = Host(load_rig(self.config), record=self.record)
        self.host._start_port = lambda _ends: self.port  # type: ignore[method-assign, assignment, return-value]
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.summary = self.host.run(self.stop, self.statuses.append)
        except BaseException as error:
            self.error = error

    @property
    def status(self) -> Status:
        return self.statuses[-1]

    @property
    def engine_pid(self) -> int:
        return int(send_command("status")["engine_pid"])

    def wait_for(self, condition: Callable[..., object], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert self.thread.is_alive(), f"the run ended before {what}: {self.error!r}"
            assert time.monotonic() < deadline, f"not in time: {what}"
            time.sleep(0.005)

    def wait_playing(self) -> None:
        self.wait_for(lambda: self.statuses and self.status.blocks and self.port.ledger.sounding, "it plays")

    def finish(self) -> Summary:
        self.thread.join(PATIENCE_S)
        assert not self.thread.is_alive()
        if self.error is not None:
            raise self.error
        assert self.summary is not None
        return self.summary

    def end(self) -> None:
        self.stop.set()
        self.thread.join(PATIENCE_S)


def events_of_render(config: Path, audio: np.ndarray) -> list[tuple[int, bytes]]:
    """(frame, MIDI bytes) of what that rig plays to mono sound, offline."""
    loaded = load_rig(config)
    engine = build_engine(loaded.rig, loaded.base, RATE, 1, 512).engine
    return [(frame, data) for frame, data, _ in engine.render(np.ascontiguousarray(audio[:, None]), 512)]


def music(path: Path, seconds: float, rate: int = RATE) -> Path:
    """Chords of decaying partials, two a second."""
    t = np.arange(round(0.5 * rate)) / rate
    chords = [(57, 60, 64), (53, 57, 60), (48, 52, 55), (55, 59, 62)]
    tones = [
        sum(np.sin(2 * np.pi * 440 * 2 ** ((note - 69) / 12) * t) for note in chord) * np.exp(-3 * t)
        for chord in chords
    ]
    audio = 0.2 * np.concatenate([tones[i % 4] for i in range(round(2 * seconds))])
    soundfile.write(path, audio.astype(np.float32), rate)
    return path
