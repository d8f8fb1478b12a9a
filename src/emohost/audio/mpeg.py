"""MP3 and its relatives, through miniaudio: libsndfile stops at the length that it guesses from the file's size.

The frames are counted by their heads, so that the length is known, and a tag that promises another is not believed.
"""

from __future__ import annotations

import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emohost.audio.byte_view import ByteView

_BLOCK = 1 << 20  # bytes read at a time
_CHUNK = 4096  # frames decoded at a time
_TAG_WITHIN = 200  # bytes of the first frame that may hold its tag
_ID3_HEAD = 10
_JUNK = 1 << 20  # bytes before the first frame
_IN_A_ROW = 4  # frames that show that a head is one
# kbit/s by version (1, or 2 and 2.5), layer and the head's four bits
_RATES = {
    (1, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_SAMPLE_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


@dataclass(frozen=True)
class _Head:
    """The head of one frame."""

    bytes: int
    samples: int
    sample_rate: int
    channels: int

    def goes_with(self, other: _Head) -> bool:
        return (self.sample_rate, self.samples) == (other.sample_rate, other.samples)


@dataclass(frozen=True)
class Mpeg:
    """What the heads of a file's frames tell."""

    sample_rate: int
    channels: int
    frames: int
    """Samples of each channel, all of the file's."""
    promised: int | None
    """The same as its tag has it, None without a tag."""
    tag_at: int
    """Byte at which the tag's four letters stand."""
    begin: int
    """Byte of the first frame: what lies before it is none."""
    broken: bool
    """The last frame is not whole."""


def look(view: ByteView) -> Mpeg | None:
    """None if it is no such file. Reads all of it, and decodes nothing."""
    at = begin = _first_frame(view)
    first: _Head | None = None
    tag_at, promised, samples, broken = 0, None, 0, False
    data, data_at = view.at(at, _BLOCK), at
    while at + 4 <= view.size:
        if not data_at <= at <= data_at + len(data) - 4:
            data, data_at = view.at(at, _BLOCK), at
        head = _head(data, at - data_at)
        if head is None or (first is not None and not head.goes_with(first)):
            at = _resynchronised(data, data_at, at + 1)
            continue
        if first is None:
            first = head
            tag_at, promised = _tag(view, at, head)
            samples -= 0 if promised is None else head.samples
        broken = at + head.bytes > view.size
        samples += 0 if broken else head.samples
        at += head.bytes
    if first is None:
        return None
    return Mpeg(first.sample_rate, first.channels, max(0, samples), promised, tag_at, begin, broken)


def decoded(view: ByteView, form: Mpeg, from_frame: int = 0) -> Iterator[NDArray[np.float32]]:
    """The samples from that frame on, float32 (n, channels). Raises miniaudio.DecodeError."""
    import miniaudio

    class Source(miniaudio.StreamableSource):  # type: ignore[misc]
        def read(self, count: int) -> bytes:
            return view.read(count)

        def seek(self, offset: int, origin: Any) -> bool:
            view.seek(offset, {0: 0, 1: 1}[int(origin.value)])
            return True

    view.seek(0)
    stream = miniaudio.stream_any(
        Source(),
        miniaudio.FileFormat.MP3,
        miniaudio.SampleFormat.FLOAT32,
        form.channels,
        form.sample_rate,
        _CHUNK,
        seek_frame=from_frame,
    )
    for piece in stream:
        assert isinstance(piece, array.array)
        yield np.frombuffer(piece, np.float32).reshape(-1, form.channels).copy()


def _first_frame(view: ByteView) -> int:
    """Behind a tag, and behind what is no frame: bytes there may look like the head of one, but no other follows. The
    file's size if there is none."""
    start = _start(view)
    at, data = start, view.at(start, _JUNK)
    while at - start <= len(data) - 4:
        if _head(data, at - start) is not None and _others_follow(view, at, alone=at == start):
            return at
        at = _resynchronised(data, start, at + 1)
    return view.size


def _others_follow(view: ByteView, at: int, alone: bool) -> bool:
    """Whether frames of its kind follow the one there. `alone`: the end of the file may come before."""
    first: _Head | None = None
    for _ in range(_IN_A_ROW):
        data = view.at(at, 4)
        if len(data) < 4:
            return alone
        head = _head(data, 0)
        if head is None or (first is not None and not head.goes_with(first)):
            return False
        first = first or head
        at += head.bytes
    return True


def _start(view: ByteView) -> int:
    """Behind an ID3 tag."""
    head = view.at(0, _ID3_HEAD)
    if head[:3] != b"ID3" or len(head) < _ID3_HEAD:
        return 0
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    return _ID3_HEAD + size


def _head(data: bytes, at: int) -> _Head | None:
    """The frame's head there, if it is one."""
    if data[at] != 0xFF or data[at + 1] & 0xE0 != 0xE0:
        return None
    version, layer = data[at + 1] >> 3 & 3, 4 - (data[at + 1] >> 1 & 3)
    rate, sampling, pad = data[at + 2] >> 4, data[at + 2] >> 2 & 3, data[at + 2] >> 1 & 1
    if version == 1 or layer == 4 or rate in (0, 15) or sampling == 3:
        return None
    bits = 1000 * _RATES[1 if version == 3 else 2, layer][rate]
    hertz = _SAMPLE_RATES[version][sampling]
    channels = 1 if data[at + 3] >> 6 == 3 else 2
    if layer == 1:
        return _Head((12 * bits // hertz + pad) * 4, 384, hertz, channels)
    samples = 576 if layer == 3 and version != 3 else 1152
    return _Head(samples // 8 * bits // hertz + pad, samples, hertz, channels)


def _resynchronised(data: bytes, data_at: int, at: int) -> int:
    """Where the next frame may begin."""
    found = data.find(b"\xff", at - data_at)
    return data_at + len(data) - 3 if found < 0 or found > len(data) - 4 else data_at + found


def _tag(view: ByteView, at: int, head: _Head) -> tuple[int, int | None]:
    """Where the encoder's tag stands in the first frame, and how many samples it promises."""
    frame = view.at(at, min(head.bytes, _TAG_WITHIN))
    for name, counted, count_at in ((b"Xing", True, 8), (b"Info", True, 8), (b"VBRI", False, 14)):
        found = frame.find(name)
        if found >= 0:
            if counted and not frame[found + 7] & 1:  # it does not say how many
                return at + found, None
            count = int.from_bytes(frame[found + count_at : found + count_at + 4], "big")
            return at + found, count * head.samples
    return 0, None
