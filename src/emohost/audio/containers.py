"""What the headers of sound files promise of their length, for formats that hold their samples in one piece.

A recorder that was killed leaves a length of nothing or of its last update, a program that writes into a pipe leaves
the largest one, a copy that broke off leaves fewer samples than promised. libsndfile believes a length that is too
short.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from emohost.audio.byte_view import ByteView

LONGEST_HEADER = 1000  # chunks before the samples; more is no sound file
_W64_RIFF = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"
_W64_DATA = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
ByteOrder = Literal["little", "big"]


@dataclass(frozen=True)
class Samples:
    """Where the samples of a file lie."""

    begin: int  # byte
    there: int  # bytes
    promised: int | None  # bytes, by the header; None: it makes no promise
    patches: dict[int, bytes]  # of the header, so that it says what is there


@dataclass(frozen=True)
class _Field:
    """A length in a header: what it says, where it stands, and how many bytes it counts that are no samples."""

    value: int
    at: int
    width: int
    order: ByteOrder
    more: int = 0

    def written(self, samples: int) -> dict[int, bytes]:
        most = 256**self.width - 1
        return {self.at: min(samples + self.more, most).to_bytes(self.width, self.order)}

    @property
    def open_ended(self) -> bool:
        """What programs write that cannot know the length."""
        return self.value <= self.more or self.value >= 256**self.width // 2 - 2**16


def samples_of(view: ByteView) -> Samples | None:
    """None for a format that is not kept in one piece, or a header that is not understood."""
    head = view.at(0, 16)
    if head[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64"):
        return _of_wave(view, head[:4])
    if head[:4] == b"FORM" and view.at(8, 4) in (b"AIFF", b"AIFC"):
        found = _find(view, 12, 8, "big", b"SSND")
        return None if found is None else _in_chunks(view, found + 4, 4, "big", 8)
    if head[:4] in (b".snd", b"dns."):
        return _of_au(view, "big" if head[:4] == b".snd" else "little")
    if head[:4] == b"caff":
        found = _find(view, 8, 12, "big", b"data")
        return None if found is None else _in_chunks(view, found + 4, 8, "big", 4)
    return _of_w64(view) if head == _W64_RIFF else None


def _of_wave(view: ByteView, kind: bytes) -> Samples | None:
    order: ByteOrder = "big" if kind == b"RIFX" else "little"
    found = _find(view, 12, 8, order, b"data")
    if found is None:
        return None
    if kind in (b"RF64", b"BW64") and view.at(12, 4) == b"ds64":
        begin, field = found + 8, _Field(_number(view, 28, 8, order), 28, 8, order)
        return _settled(view, field, begin, lambda end: _are_chunks(view, end, 8, order))
    return _in_chunks(view, found + 4, 4, order)


def _of_au(view: ByteView, order: ByteOrder) -> Samples:
    begin = _number(view, 4, 4, order)
    return _settled(view, _Field(_number(view, 8, 4, order), 8, 4, order), begin, lambda end: False)


def _of_w64(view: ByteView) -> Samples | None:
    at = 40
    for _ in range(LONGEST_HEADER):
        size = _number(view, at + 16, 8, "little")
        if view.at(at, 16) == _W64_DATA:
            field = _Field(size, at + 16, 8, "little", 24)
            return _settled(view, field, at + 24, lambda end: True)  # libsndfile reads on by itself
        at += max(24, size + 7 & ~7)
    return None


def _in_chunks(view: ByteView, at: int, width: int, order: ByteOrder, more: int = 0) -> Samples:
    """Samples in a chunk whose size stands at byte `at`."""
    field = _Field(_number(view, at, width, order), at, width, order, more)
    return _settled(view, field, at + width + more, lambda end: _are_chunks(view, end, 4 + width, order))


def _settled(view: ByteView, field: _Field, begin: int, goes_on_well: Callable[[int], bool]) -> Samples:
    """`goes_on_well` says whether what lies behind the samples, at a byte, is what may lie there."""
    there = max(0, view.size - begin)
    if field.open_ended and not (field.value == field.more and there and goes_on_well(begin)):
        return Samples(begin, there, None, field.written(there))
    promised = field.value - field.more
    if promised >= there:
        return Samples(begin, there, promised, field.written(there))
    if goes_on_well(begin + promised):
        return Samples(begin, promised, promised, {})
    return Samples(begin, there, promised, field.written(there))


def _find(view: ByteView, at: int, head: int, order: ByteOrder, name: bytes) -> int | None:
    """Where the chunk of that name begins. A chunk's head is its name and its size."""
    for _ in range(LONGEST_HEADER):
        if at + head > view.size:
            return None
        if view.at(at, 4) == name:
            return at
        at += _step(view, at, head, order)
    return None


def _are_chunks(view: ByteView, at: int, head: int, order: ByteOrder) -> bool:
    """Whether nothing but whole chunks follows, or nothing at all."""
    at += at % 2 if head == 8 else 0
    for _ in range(LONGEST_HEADER):
        if at >= view.size:
            return True
        name = view.at(at, 4)
        if len(name) < 4:
            return not name.strip(b"\0")
        if not all(32 <= byte < 127 for byte in name):
            return False
        at += _step(view, at, head, order)
        if at > view.size + 1:
            return False
    return False


def _step(view: ByteView, at: int, head: int, order: ByteOrder) -> int:
    size = _number(view, at + 4, head - 4, order)
    return head + size + (size % 2 if head == 8 else 0)


def _number(view: ByteView, at: int, width: int, order: ByteOrder) -> int:
    return int.from_bytes(view.at(at, width), order)
