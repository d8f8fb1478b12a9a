"""One soak: the rig's processes, and what is seen of them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import mido
import system
from asked import Asked
from blame import Reading, judge
from figures import Figures, Memory
from jack_words import blamed
from notes import NoteCounter, Notes

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "helpers"))
from jack_rig import RATE, Jackd  # noqa: E402

from emohost.control.local import send_command  # noqa: E402
from emohost.errors import ControlError  # noqa: E402
from emohost.process.flag import Flag  # noqa: E402

SERVER = "emohost-soak"
SOUND = ROOT / "configs" / "demo.flac"
LOOK_S = 0.5
READINGS = 8  # looks whose readings are kept
START_S = 30.0
RIG = """
name: soak
audio: {{backend: portaudio, device: system, host_api: JACK, sample_rate: {rate}, block_size: {block}}}
midi: {{api: jack}}
music: {{seed: 1}}
output: {{midi_file: soak.mid, takes: overwrite}}
"""
# Also empties the caches that both cores share.
BUSY = "import numpy; a = numpy.ones(1 << 21); b = a * 0.5\nwhile True: numpy.add(a, b, a); numpy.fmod(a, 3.0, a)"


class Soak:
    """Inside `rig`. One thread."""

    def __init__(self, folder: Path, block: int) -> None:
        self.folder, self.block = folder, block
        self.figures = Figures()
        self.audio_thread = ""
        self.notes = Notes()  # at the MIDI port, so far
        self.xruns = 0
        self.slowest = 1.0
        self._slow_readings = self._readings_taken = 0
        self._late = 0
        self._pending: list[tuple[int, int]] = []
        self._told: list[Sequence[dict[str, Any]]] = []
        self._threads: dict[int, str] = {}

    @contextlib.contextmanager
    def rig(self) -> Iterator[None]:
        """The whole rig plays; it has ended afterwards."""
        os.environ.update(JACK_DEFAULT_SERVER=SERVER, JACK_NO_START_SERVER="1")
        os.environ["EMOHOST_RUNTIME"] = str(self.folder / "run")
        self._server = server = Jackd(SERVER)
        if server.running():
            sys.exit(f"a JACK server {SERVER!r} runs already: is that another soak?")
        with contextlib.ExitStack() as ends:
            ends.callback(server.end)
            server.start(block=self.block)
            self._start_helpers(ends)
            self._start_host(ends)
            yield

    def watch(self, seconds: float, stop: Flag) -> Iterator[float]:
        """Looks twice a second and yields the seconds passed, until it is over, `stop` is set, or the host ends."""
        self._started = time.monotonic()
        while (passed := time.monotonic() - self._started) < seconds and self._host.poll() is None:
            if stop.wait(min(LOOK_S, seconds - passed)):
                return
            self._look()
            yield passed

    def _start_helpers(self, ends: contextlib.ExitStack) -> None:
        self._peer = Asked("peer.py", SOUND)
        ends.callback(self._peer.end)
        cores = sorted(os.sched_getaffinity(0))
        self._canaries = [Asked("canary.py", core) for core in cores]
        for canary in self._canaries:
            ends.callback(canary.end)
        busy = subprocess.Popen([sys.executable, "-c", BUSY], start_new_session=True)
        ends.callback(busy.kill)
        os.sched_setaffinity(busy.pid, {cores[-1]})

    def _start_host(self, ends: contextlib.ExitStack) -> None:
        config = self.folder / "rig.yaml"
        config.write_text(RIG.format(rate=RATE, block=self.block))
        (self.folder / "soak.mid").unlink(missing_ok=True)
        log = ends.enter_context((self.folder / "host.log").open("w"))
        self._host = subprocess.Popen(
            [sys.executable, "-m", "emohost", "run", str(config)],
            stdout=log,
            stderr=log,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).with_name("disturbance"))},
            start_new_session=True,
        )
        ends.callback(self._end_host)
        deadline = time.monotonic() + START_S
        while not ((answer := _ask_host()) and answer["status"]["blocks"]):
            if self._host.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"the host does not play:\n{(self.folder / 'host.log').read_text()}")
            time.sleep(0.1)

    def _end_host(self) -> None:
        """As on Ctrl-C; then the peer tells what it heard to the last."""
        if self._host.poll() is None:
            self._look()
            time.sleep(LOOK_S)
            self._look()  # blames what the last one found
            self._host.send_signal(signal.SIGTERM)
        try:
            self.figures.exit_code = self._host.wait(20)
        except subprocess.TimeoutExpired:
            self._host.kill()
            self.figures.exit_code = self._host.wait()
        self._hear()
        self.figures.port = self.notes

    @property
    def xruns_by(self) -> dict[str, int]:
        """Whom jackd blames, most often first."""
        return dict(blamed(self._server.said()).most_common())

    @property
    def slow_share(self) -> float:
        """Of the canaries' readings, those that were slow."""
        return self._slow_readings / max(1, self._readings_taken)

    def _hear(self) -> None:
        if heard := self._peer.ask():
            self.notes, self.xruns = Notes(**heard["notes"]), heard["xruns"]

    def _look(self) -> None:
        self._hear()
        first, *rest = self._canaries
        said = [first.ask(" ".join(map(str, self._threads))), *(canary.ask() for canary in rest)]
        answer = _ask_host()
        if answer is None:
            return
        status = answer["status"]
        self.figures.blocks, self.figures.restarts = status["blocks"], status["restarts"]
        self._look_at_late(status, said)
        with contextlib.suppress(OSError):  # a process just went
            self._look_at_processes(answer["pid"], answer["engine_pid"])

    def _look_at_late(self, status: dict[str, Any], said: Sequence[dict[str, Any]]) -> None:
        """Blames those that were late before the last look: by now the canaries have told all about them."""
        slow = [core.get("slow", []) for core in said]
        self._readings_taken += sum(core.get("readings", 0) for core in said)
        self._slow_readings += sum(map(len, slow))
        self.slowest = max([self.slowest, *(times for core in slow for _, times in core)])
        self._told = [*self._told[-READINGS:], said]
        slow_cores, gone = self._readings("slow"), self._readings("gone")
        waits = self._readings("waited")[0]
        self.figures.late.verdicts += [
            judge(block, self.block / RATE * 1e9, slow_cores, waits, gone) for block in self._pending
        ]
        new = status["late_blocks"] - self._late
        self._late = status["late_blocks"]
        self._pending = status["latest_late"][-new:] if new else []
        self.figures.late.unlisted += new - len(self._pending)

    def _readings(self, kind: str) -> list[list[Reading]]:
        """For each core, of the last few looks."""
        return [
            [reading for said in self._told for reading in said[core].get(kind, [])]
            for core in range(len(self._canaries))
        ]

    def _look_at_processes(self, host: int, engine: int) -> None:
        passed = time.monotonic() - self._started
        for pid in [host, *system.children(host)]:
            if not (name := system.module(pid)):  # it has just ended
                continue
            if name == "engine" and pid != engine:
                name = "spare engine"
            memory = self.figures.memory.setdefault(name, Memory())
            memory.samples.append((passed, system.resident_mb(pid)))
        self._threads = system.real_time_threads(engine)
        self.audio_thread = ", ".join(self._threads.values()) or "no real-time priority"

    def read_file(self) -> None:
        """What was written, as another program reads it."""
        path, counter = self.folder / "soak.mid", NoteCounter()
        with contextlib.suppress(OSError, ValueError, EOFError):
            for message in mido.MidiFile(path):
                if not message.is_meta:
                    counter.enter(bytes(message.bytes()))
            self.figures.file, self.figures.file_mb = counter.notes, path.stat().st_size / 1e6


def _ask_host() -> dict[str, Any] | None:
    try:
        return send_command("status")
    except ControlError:
        return None
