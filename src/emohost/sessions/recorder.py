"""Keeps a run while it plays. All that touches the disk is done by a thread of its own; a disk that is slow or full
costs the recording something, never the music."""

from __future__ import annotations

import dataclasses
import logging
import os
import platform
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

import emohost
from emohost._core import RecordMemory, monotonic_ns
from emohost.audio.backend import AudioFormat
from emohost.config.loaded import LoadedRig
from emohost.engine.request import NetworksRequest, Start
from emohost.errors import OutputError
from emohost.files import write_whole
from emohost.process.locks import lock_file
from emohost.process.shared_memory import SharedMemory
from emohost.sessions.keeper import EngineKeeper, Event
from emohost.sessions.layout import (
    ASKED,
    FORMAT,
    LOG,
    RIG,
    SESSION,
    SUMS,
    TRACK,
    TRACK_ROW,
    TRACK_S,
    Growing,
    engine_folder,
    line,
    sha256,
    sync_folder,
)

RING_BYTES: Final = 1 << 24  # a minute and a half of one channel at 48 kHz
DRAIN_S: Final = 0.1
SYNC_S: Final = 0.4
CLOSE_S: Final = 60.0  # for what is left to be written

Rows = NDArray[np.void]
Set_by = Callable[[], Mapping[str, str]]
Say = Callable[[str, int], None]


class Recorder:
    """Any thread, save where it says otherwise; no call waits for the disk but the first and `close`."""

    def __init__(self, folder: Path, loaded: LoadedRig, say: Say, set_by: Set_by = dict) -> None:
        """folder: made here; it may be there if it is empty. say: a text and its level. Raises OutputError."""
        self.folder = folder
        self._say, self._set_by = say, set_by
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._memory: SharedMemory | None = None
        self._start: Start | None = None
        self._ring: RecordMemory | None = None
        self._number = 0
        self._track = _Track()
        self._keeper: EngineKeeper | None = None  # from here on: its thread's
        self._lost = 0
        self._kept = 0  # number of the keeper's engine
        self._withheld: set[int] = set()  # engines to which something came that is not to be kept
        self._failed = threading.Event()
        try:
            _new_folder(folder)
            write_whole(folder / SESSION, line(_about(loaded)))
            self._held = os.open(folder / SESSION, os.O_RDWR)  # nobody removes it meanwhile
            lock_file(self._held)
            if loaded.path.is_file():
                write_whole(folder / RIG, loaded.path.read_bytes())
            self._asked, self._log = Growing(folder / ASKED), Growing(folder / LOG)
            self._rows = Growing(folder / TRACK)
            sync_folder(folder)
        except OSError as error:
            raise OutputError(f"--record: {folder}: {error.strerror or error}") from None
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    # --- the host's thread ------------------------------------------------------------------------------------------

    def memory(self) -> str | None:
        """The path of the memory in which the next engine is to keep its run; None where nothing is recorded any more,
        or there is no room in memory."""
        self._forget_memory()
        if self._failed.is_set():
            return None
        try:
            self._memory = SharedMemory(RING_BYTES)
        except OSError as error:
            self._fail(error)
            return None
        self._ring = RecordMemory(self._memory.buffer, create=True)
        return str(self._memory.path)

    def engine_starts(self, start: Start) -> None:
        """With the memory that was asked for last."""
        self._start = start

    def engine_plays(self, form: Mapping[str, Any], networks: Sequence[Mapping[str, Any]]) -> None:
        """`form`: the fields of its AudioFormat. `networks`: those that it began with."""
        if self._failed.is_set() or self._start is None or self._ring is None:
            return
        self._number += 1
        number, start, ring = self._number, self._start, self._ring
        self._do(lambda: self._begin(number, start, ring, form, networks))

    def engine_ended(self, last_events: list[Event] | None = None) -> None:
        """It was lost or stopped; or it came to its end, with these `last_events`."""
        self._do(lambda: self._end_engine(last_events))

    def swapped(self, networks: NetworksRequest | None, told: list[dict[str, Any]], style: Any) -> None:
        """The engine has exchanged these networks (`told` of them), the user's own style, or both."""

        def do() -> None:
            if self._keeper is not None:
                asked = None if networks is None else networks.as_json()
                self._keeper.swapped({"networks": asked, "told": _hashed(told), "style": style})

        self._do(do)

    def reports(self, reports: NDArray[np.void], sample_rate: float) -> None:
        """Of the engine that plays, in order."""
        number = self._number
        rows, alone = self._track.of(reports, sample_rate, number)
        if len(rows):
            self._do(lambda: self._rows.append((alone if number in self._withheld else rows).tobytes()))

    def close(self) -> None:
        """Writes what is left, and the hashes of all files. Returns after a minute at the latest."""
        self._jobs.put(None)
        self._thread.join(CLOSE_S)
        self._forget_memory()
        os.close(self._held)

    # --- any thread -------------------------------------------------------------------------------------------------

    def said(self, text: str, level: int) -> None:
        """What the host has told people."""
        row = {"time": time.time(), "at_ns": monotonic_ns(), "level": logging.getLevelName(level).lower()}
        row |= {"engine": self._number, "text": text}
        self._do(lambda: self._log.append(line(row)))

    def asked(self, request: Mapping[str, Any], frame: int | None) -> None:
        """Somebody asked something of the host, `frame` being the newest of its engine."""
        if _changes_nothing(request):
            return
        row: dict[str, Any] = {"time": time.time(), "at_ns": monotonic_ns(), "engine": self._number}
        row |= {"frame": frame, "request": dict(request)}
        self._do(lambda: self._asked.append(_line_of(row)))

    def _do(self, job: Callable[[], None]) -> None:
        if not self._failed.is_set():
            self._jobs.put(job)

    # --- its own thread ---------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._work()
        except (OSError, MemoryError) as error:
            self._fail(error)
        except Exception as error:  # whatever it is: the music goes on
            logging.getLogger("emohost.sessions").exception("the recording failed")
            self._fail(error)

    def _work(self) -> None:
        next_sync = time.monotonic() + SYNC_S
        while True:
            job = self._next_job()
            if job is None:
                break
            # First, so that a job knows whether what was felt until then may be kept.
            if self._keeper is not None:
                self._keeper.drain()
                self._note(self._keeper)
            job()
            if time.monotonic() >= next_sync:
                self._sync()
                next_sync = time.monotonic() + SYNC_S
        self._end_engine(None)
        self._sync()
        for each in (self._asked, self._log, self._rows):
            each.close()
        write_whole(self.folder / SUMS, _sums(self.folder))

    def _next_job(self) -> Callable[[], None] | None:
        try:
            return self._jobs.get(timeout=DRAIN_S)
        except queue.Empty:
            return lambda: None

    def _begin(
        self,
        number: int,
        start: Start,
        ring: RecordMemory,
        form: Mapping[str, Any],
        networks: Sequence[Mapping[str, Any]],
    ) -> None:
        self._end_engine(None)
        audio = AudioFormat(**{**form, "heard": tuple(form["heard"])})
        channels = len(audio.heard) or audio.channels_in
        about = {
            "format": FORMAT,
            "engine": start.engine.as_json(),
            "form": dataclasses.asdict(audio),
            "channels": channels,
            "continuation": start.continuation,
            "writers": len(start.queues),
        }
        self._lost = 0
        folder = self.folder / engine_folder(number)
        self._keeper = EngineKeeper(folder, ring, about, audio.sample_rate, channels, self._set_by)
        self._kept = number
        self._keeper.networks(_hashed(networks))

    def _end_engine(self, last_events: list[Event] | None) -> None:
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.close(last_events)
            self._note(keeper)

    def _sync(self) -> None:
        if self._keeper is not None:
            self._keeper.sync()
        for each in (self._asked, self._log, self._rows):
            each.sync()

    def _note(self, keeper: EngineKeeper) -> None:
        """What it found in what it has just read."""
        if keeper.withheld:
            self._withheld.add(self._kept)
        self._tell_lost(keeper.lost)

    def _tell_lost(self, lost: int) -> None:
        if lost and not self._lost:
            self._say(
                f"{self.folder}: the disk is too slow for the recording: blocks are missing in it, the music goes on",
                logging.WARNING,
            )
        self._lost = lost

    def _fail(self, error: BaseException) -> None:
        if self._failed.is_set():
            return
        self._failed.set()
        if (ring := self._ring) is not None:
            ring.stop()
        reason = getattr(error, "strerror", None) or error
        self._say(f"{self.folder}: the recording has stopped: {reason}; the music goes on", logging.WARNING)

    def _forget_memory(self) -> None:
        if self._memory is not None:
            self._memory.remove()
            self._memory = None


class _Track:
    """Reports to rows of the track."""

    def __init__(self) -> None:
        self._row = np.zeros(1, TRACK_ROW)
        self._next, self._engine = 0, -1

    def of(self, reports: NDArray[np.void], sample_rate: float, engine: int) -> tuple[Rows, Rows]:
        """The rows, and the same with what is heard alone in the place of what is felt."""
        if engine != self._engine:
            self._engine, self._next = engine, 0
        rows, alone = [], []
        for report in reports:
            row, frames = self._row[0], max(1, int(report["frames"]))
            load = float(report["duration_ns"]) * 1e-9 * sample_rate / frames
            row["load"] = max(float(row["load"]), load)
            row["late"] = min(65535, int(row["late"]) + (load > 1.0))
            row["flags"] |= report["flags"]
            if int(report["frame"]) < self._next:
                continue
            self._next = int(report["frame"]) + round(TRACK_S * sample_rate)
            row["engine"] = engine
            for name in TRACK_ROW.names or ():
                if name in report.dtype.names and name != "flags":
                    row[name] = report[name]
            rows.append(self._row)
            alone.append(self._row.copy())
            for name in ("valence", "arousal"):
                alone[-1][name] = report[f"audio_{name}"]
            self._row = np.zeros(1, TRACK_ROW)
        nothing = np.zeros(0, TRACK_ROW)
        return np.concatenate([nothing, *rows]), np.concatenate([nothing, *alone])


def _new_folder(folder: Path) -> None:
    """Raises OutputError if anything is in it, OSError."""
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"--record: {folder}: found a file; expected a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise OutputError(f"--record: {folder}: found a folder that is not empty; expected a new one")


def _about(loaded: LoadedRig) -> dict[str, Any]:
    rig = loaded.rig
    return {
        "format": FORMAT,
        "emohost": emohost.__version__,
        "name": rig.name,
        "started": time.time(),
        "started_ns": monotonic_ns(),
        "seed": rig.music.seed,
        "rig": rig.model_dump(mode="json"),
        "rig_file": str(loaded.path),
        "base": str(loaded.base),
        "machine": {"system": platform.platform(), "processor": platform.machine()},
    }


def _hashed(networks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Raises OSError."""
    kept = []
    for network in networks:
        row: dict[str, Any] = {
            key: network[key] for key in ("role", "file", "precision", "isa", "error") if key in network
        }
        if "file" in row:
            row["sha256"] = sha256(Path(row["file"]))
        kept.append(row)
    return kept


def _changes_nothing(request: Mapping[str, Any]) -> bool:
    """It only asks how things are, as programs do all the time."""
    command = request.get("command")
    listing = command == "snapshot" and request.get("action") == "list"
    return command in ("status", "get") or listing or (command == "learn" and "parameter" not in request)


def _line_of(row: dict[str, Any]) -> bytes:
    try:
        return line(row)
    except TypeError:  # of another program, with something that is no JSON
        return line({**row, "request": repr(row["request"])})


def _sums(folder: Path) -> bytes:
    """As `sha256sum` writes them. Raises OSError."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    return "".join(f"{sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in files).encode()
