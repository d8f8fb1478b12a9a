"""The MIDI file of a live run, safe against whatever ends the run."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from emohost.files import write_whole
from emohost.recording import journal
from emohost.recording.smf import SmfFile, beat_us, belongs, named
from emohost.recording.takes import Claim

SAVE_S = 0.5
_NOTE_ON = 0x90
LATE_S = 2.0  # a beat's tempo is known when it is over
_WHOLE_RATE = 256_000  # bytes a second at most, of files written anew

log = logging.getLogger(__name__)


class SmfWriter:
    """Records a take. Every half second what came is appended to NAME.part, and the file itself is written anew (less
    often as it grows, to spare the disk), complete and in one step: after a crash or a loss of power all but the last
    second is there, and the next run with that output completes the file from its part (`takes`). The file
    appears, and replaces an older one, when there is a first message.

    `add` (as SmfFile's) and `conduct` (which may come up to LATE_S after the messages around it) may be called from any
    thread: they only append to memory. A thread of its own saves; `close` may be called from any thread.
    """

    def __init__(
        self,
        path: Path,
        tempo: float,
        names: Mapping[int, str] | None = None,
        beats_per_bar: int = 4,
        claim: Claim | None = None,
        save_s: float = SAVE_S,
    ) -> None:
        """path: the file to (re)place. claim: of that name, made if there is none. save_s: seconds between two
        savings. Raises OutputError."""
        self.path = Path(path)
        with named(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._claim = claim or Claim(self.path)
        self._file = SmfFile(tempo, names, beats_per_bar)
        self._unsaved = journal.head(tempo, dict(names or {}), beats_per_bar)
        self._calls: deque[journal.Call] = deque()
        self._save_s, self._next_whole, self._stale = save_s, 0.0, False
        self._heard_s = 0.0
        self._heard = deque[float](maxlen=round(LATE_S / save_s) + 2)  # at the last savings
        self._trouble = ""
        self._closing = threading.Event()
        self._one_close = threading.Lock()
        self.written = False
        """The file is there. Read it after `close`."""
        self._saver = threading.Thread(target=self._autosave, name="smf-save", daemon=True)
        self._saver.start()

    def add(self, time_s: float, data: bytes) -> None:
        if belongs(data):
            self._calls.append(("add", time_s, data))

    def conduct(self, time_s: float, method: str, *arguments: Any) -> None:
        """What the conductor track tells: a method of SmfFile, with what follows the time (`Conductor.of`)."""
        if method in ("set_tempo", "begin_bars"):
            beat_us(arguments[0])  # whoever is wrong is told, not the thread that saves
        self._calls.append((method, time_s, *arguments))

    def close(self) -> None:
        """Writes the file, if there was a message, and ends the saving thread. More calls wait for the first one, and
        do nothing. Raises OutputError; then the part stays, and the file is completed from it another time."""
        with self._one_close:
            if not self._closing.is_set():
                self._close()

    def __enter__(self) -> SmfWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _close(self) -> None:
        self._closing.set()
        self._saver.join()
        try:
            self._take_calls()
            if self._stale or self.written:
                with named(self.path):
                    write_whole(self.path, self._file.encode())
                self.written = True
        except BaseException:
            with contextlib.suppress(OSError):
                self._claim.append(self._unsaved)
                self._claim.sync()
            self._claim.release(keep=True)
            raise
        self._claim.release()

    def _take_calls(self) -> None:
        """What came since: into the file in memory, and among the bytes that are to be appended."""
        calls = [self._calls.popleft() for _ in range(len(self._calls))]
        for method, time_s, *arguments in calls:
            getattr(self._file, method)(time_s, *arguments)
            if method == "add":
                self._stale = True
                # Notes alone: where the first ones are, bars begin, and what was before is told anew.
                if arguments[0][0] & 0xF0 == _NOTE_ON:
                    self._heard_s = max(self._heard_s, time_s)
        self._unsaved += journal.lines(calls)

    def _autosave(self) -> None:
        while not self._closing.wait(self._save_s):
            self._take_calls()
            # What was there some savings before: by now the tempo of that time is known.
            self._heard.append(self._heard_s)
            if len(self._heard) == self._heard.maxlen:
                self._file.settle(self._heard[0])
            try:
                self._save()
            except OSError as error:  # there may be room later; close() reports what remains
                self._say(f"{self.path}: cannot write the MIDI file: {error.strerror or error}")
            else:
                self._say("")

    def _save(self) -> None:
        synced = True
        if self._unsaved:
            self._claim.append(self._unsaved)
            self._unsaved, synced = b"", False
        if self._stale and (now := time.monotonic()) >= self._next_whole:
            data = self._file.encode()
            write_whole(self.path, data, durable=False)  # as the part is
            self._stale, self.written = False, True
            self._next_whole = now + len(data) / _WHOLE_RATE
        if not synced:
            self._claim.sync()

    def _say(self, trouble: str) -> None:
        """Once, until it is over or another."""
        if trouble != self._trouble:
            if trouble:
                log.warning("%s; it is tried again", trouble)
            else:
                log.info("%s: written again", self.path)
        self._trouble = trouble
