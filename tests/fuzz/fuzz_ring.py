"""Side B's ring, as a function of bytes: what any program of this user may have written into the shared file. An
input is a list of places (two bytes, little-endian), lengths (one byte) and bytes that are laid over a good queue; then
the messages get the digests that the reader expects, as from somebody who knows how."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from fuzz_files import read_or_refused

from emohost._core import EmotionQueue, EmotionWriter, Engine
from emohost.audio.backend import AudioFormat
from emohost.bridge.queues import map_queue
from emohost.config.load import parse_rig
from emohost.emotion import encode
from emohost.engine.build import engine_settings
from emohost.engine.request import EngineRequest
from emohost.errors import RingError
from emohost.networks.features import DEFAULTS
from emohost.process.pids import is_alive
from emohost.vocabulary import ROLE_NAMES

RATE, BLOCK, BLOCKS = 8000, 160, 4
HEAD, SLOTS, SLOT, WORDS, MESSAGES = 256, 320, 320, 34, 3  # bytes of ext/core/rt/stamped_ring.h
ABOUT = 80
RIG = parse_rig("audio: {backend: dummy}\nmidi: {api: none}")
FORM = AudioFormat(RATE, BLOCK, 1, waits=True)
SETTINGS = engine_settings(EngineRequest.of(RIG, Path()), FORM, DEFAULTS)
PLAYED = ("valence", "arousal", "audio_valence", "audio_arousal")


def _good_queue() -> bytes:
    memory = bytearray(EmotionQueue.fresh() + bytes(64))
    view = np.frombuffer(memory, np.uint8)
    queue = view[-view.ctypes.data % 64 :][: EmotionQueue.size]  # where a queue may lie
    queue[:] = np.frombuffer(EmotionQueue.fresh(), np.uint8)
    writer = EmotionWriter(queue, 1, "a piece")
    for valence in (-0.5, 0.5, 0.9):
        writer.write(encode(valence, 0.3))
    writer.close()
    return queue.tobytes()


GOOD = _good_queue()
assert GOOD[HEAD : HEAD + 8] == MESSAGES.to_bytes(8, "little")
assert GOOD[ABOUT:].startswith(b"a piece")


def _sign(queue: bytearray) -> None:
    for number in range(1, MESSAGES + 1):
        at = SLOTS + number * SLOT + 8
        total = number ^ 0x9E3779B97F4A7C15
        for word in struct.unpack_from(f"<{WORDS}Q", queue, at + 8):
            total = (total ^ word) * 0xFF51AFD7ED558CCD % 2**64
            total ^= total >> 32
        struct.pack_into("<Q", queue, at, total)


def run_ring(data: bytes) -> None:
    queue = bytearray(GOOD)
    at = 0
    while at + 3 <= len(data):
        place, length = struct.unpack_from("<HB", data, at)
        content = data[at + 3 : at + 3 + length][: max(0, len(queue) - place)]
        queue[place : place + len(content)] = content
        at += 3 + length
    _sign(queue)
    mapped = read_or_refused("fuzz.queue", bytes(queue), map_queue, RingError)
    if mapped is None:
        return
    assert mapped.written >= 0
    if (writer := mapped.writer) is not None:
        is_alive(writer[0])
        assert len(writer[1]) < 120
    engine = Engine(SETTINGS, dict.fromkeys(ROLE_NAMES))
    engine.listen(mapped)
    for _ in range(BLOCKS):
        engine.process(None, BLOCK)
    for report in engine.shared.pop_reports():
        assert all(abs(report[name]) <= 1.000001 for name in PLAYED), report  # NaN is not
    assert 0 <= engine.shared.side_b["share"] <= 1


def ring_seeds() -> Iterator[bytes]:
    """Nothing; no queue; a process that cannot be; text without an end; the last number there is; no numbers; a message
    that never ends."""
    last = SLOTS + MESSAGES * SLOT + 16
    for place, content in (
        (0, b""),
        (0, GOOD[:16]),
        (ABOUT - 8, b"\xff" * 7),
        (ABOUT, b"x" * 120),
        (HEAD, b"\xff" * 8),
        (last, np.array([np.nan, np.inf], np.float32).tobytes()),
        (last + 256, np.array([9, 1e38], np.float32).tobytes()),
    ):
        yield struct.pack("<HB", place, len(content)) + content
