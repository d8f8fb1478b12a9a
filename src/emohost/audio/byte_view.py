"""A part of an open file, read as if it were a file of its own, with some of its bytes read as others."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import IO


class ByteView:
    """Bytes `start` to `end` of `file`, as libraries that take a file object want it. `patches`: bytes by their offset
    in the view, which take the place of those that are there. One thread; views of one file share its position."""

    def __init__(
        self, file: IO[bytes], start: int, end: int, patches: Mapping[int, bytes] | None = None
    ) -> None:
        self._file, self._start = file, start
        self.size = end - start
        self._patches = dict(patches or {})
        self._position = 0
        self.reached = 0
        """Bytes up to the farthest that was read."""

    def read(self, count: int = -1) -> bytes:
        left = max(0, self.size - self._position)
        count = left if count < 0 else min(count, left)
        self._file.seek(self._start + self._position)
        data = self._file.read(count)
        for at, new in self._patches.items():
            if at < self._position + len(data) and at + len(new) > self._position:
                data = self._patched(data, at, new)
        self._position += len(data)
        self.reached = max(self.reached, self._position)
        return data

    def readinto(self, buffer: memoryview) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def tell(self) -> int:
        return self._position

    def at(self, offset: int, count: int) -> bytes:
        """Those bytes; fewer at the end. The position stays."""
        before, reached = self._position, self.reached
        self._position = offset
        data = self.read(count)
        self._position, self.reached = before, reached
        return data

    def _patched(self, data: bytes, at: int, new: bytes) -> bytes:
        changed = bytearray(data)
        for number, byte in enumerate(new, at - self._position):
            if 0 <= number < len(changed):
                changed[number] = byte
        return bytes(changed)
