"""A sound file as the source, read in pieces by a thread that keeps the pacer fed."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emohost._core import Engine, Pacer
from emohost.audio.backend import AudioFormat
from emohost.audio.paced import PacedBackend
from emohost.audio.sound_file import SoundFile, heard_channels
from emohost.errors import AudioError

_CHUNK = 16384  # frames
_FULL_S = 0.01  # pause while the pacer has no room


class FileBackend(PacedBackend):
    def __init__(self, settings: Mapping[str, Any], played_s: float) -> None:
        self._path = Path(settings["path"])
        self._settings = settings
        self._played_s = played_s
        self._stopping = threading.Event()
        self._failure: AudioError | None = None
        self._news, self._told = "", False

    def prepare(self) -> AudioFormat:
        self._file = SoundFile(self._path)
        rate = self._file.sample_rate
        start = round(self._played_s * rate)
        if start and self._settings["loop"] and self._file.frames:
            start %= self._file.frames
        self._file.seek(start)
        settings = self._settings
        heard = heard_channels(settings["channels"], self._file)
        return AudioFormat(
            rate, settings["block_size"], self._file.channels, heard, paced=settings["paced"], waits=True
        )

    def _make_pacer(self, engine: Engine) -> Pacer:
        pacer = Pacer(engine, self._settings["block_size"], self._settings["paced"])
        threading.Thread(target=self._feed, args=(pacer,), name="file", daemon=True).start()
        return pacer

    @property
    def finished(self) -> bool:
        return self._pacer is not None and not self._pacer.running

    def news(self) -> str:
        if self._told or not self._news:
            return ""
        self._told = True
        return self._news

    @property
    def failure(self) -> AudioError | None:
        return self._failure

    def stop(self) -> None:
        self._stopping.set()
        super().stop()

    @property
    def description(self) -> str:
        return str(self._path)

    def _feed(self, pacer: Pacer) -> None:
        try:
            while not self._stopping.is_set():
                chunk = self._file.read(_CHUNK)
                self._news = self._news or self._file.remark
                if not len(chunk):
                    if not self._settings["loop"]:
                        break
                    self._file.seek(0)
                while len(chunk) and not self._stopping.is_set():
                    chunk = chunk[pacer.feed(chunk) :]
                    if len(chunk):
                        self._stopping.wait(_FULL_S)
        except AudioError as error:
            self._failure = error
        finally:
            pacer.end()
