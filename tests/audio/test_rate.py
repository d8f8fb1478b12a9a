"""Another rate than was agreed is found by frames against time, and nothing else is taken for it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from emohost.audio.backend import NewRate
from emohost.audio.rate import RateMeter
from emohost.config.load import parse_rig
from emohost.errors import AudioError

AGREED = 48000.0
BLOCK = 1024


def found(blocks: Iterator[tuple[int, float]], agreed: float = AGREED, seconds: float = 20) -> float | None:
    """What is found while blocks begin at (frame, second)."""
    point: list[tuple[int, float, int]] = []
    meter = RateMeter(agreed, lambda: point[-1] if point else None)
    assert meter.look() is None
    for frame, second in blocks:
        point.append((frame, 0.0, round(second * 1e9)))
        if (rate := meter.look()) is not None:
            return rate
        if second > seconds:
            return None
    return None


def blocks(rate: float, jitter_s: float = 0.0, lost: float = 0.0) -> Iterator[tuple[int, float]]:
    """As a driver of that rate begins them. `lost`: the share of blocks that do not come."""
    random = np.random.default_rng(1)
    second, frame = 0.0, 0
    while True:
        if random.random() >= lost:
            yield frame, second + random.uniform(0, jitter_s)
            frame += BLOCK
        second += BLOCK / rate


@pytest.mark.parametrize("rate", [44100.0, 96000.0, 22050.0])
def test_another_rate_is_found_within_seconds(rate: float) -> None:
    assert found(blocks(rate, jitter_s=0.003), seconds=6) == rate
    assert found(blocks(AGREED, jitter_s=0.003), agreed=rate, seconds=6) == AGREED


def test_the_rate_that_was_agreed_is_none_to_tell_of() -> None:
    assert found(blocks(AGREED)) is None
    assert found(blocks(AGREED, jitter_s=0.02)) is None
    assert found(blocks(AGREED * 1.0005)) is None  # a crystal


@pytest.mark.parametrize("lost", [0.01, 0.03, 0.2, 0.5])
def test_a_machine_that_loses_blocks_has_no_other_rate(lost: float) -> None:
    assert found(blocks(AGREED, jitter_s=0.003, lost=lost)) is None


def test_a_machine_that_slept_has_no_other_rate() -> None:
    def slept() -> Iterator[tuple[int, float]]:
        for frame, second in blocks(AGREED):
            yield frame, second + 0.9 * int(second / 3) + (60.0 if second > 8 else 0.0)

    assert found(slept(), seconds=100) is None


class Wires:
    """A JACK server's rate: as a client knows it that does not play, and as a new one is told it."""

    def __init__(self, known: float | None, asked: float | None) -> None:
        self.sample_rate, self._asked = known, asked

    def ask_rate(self) -> float | None:
        return self._asked


@pytest.mark.parametrize(
    ("known", "asked", "measured", "expected"),
    [
        (44100.0, 44100.0, None, 44100.0),  # told at once
        (AGREED, 44100.0, 44100.0, 44100.0),  # PipeWire, which does not always tell
        (AGREED, AGREED, 44100.0, None),  # a server whose machine loses blocks
        (None, None, 44100.0, None),  # a server that has gone
        (AGREED, 44100.0, None, None),
    ],
)
def test_under_jack_the_server_has_the_last_word(
    monkeypatch: pytest.MonkeyPatch,
    known: float | None,
    asked: float | None,
    measured: float | None,
    expected: float | None,
) -> None:
    try:
        from emohost.audio import portaudio
    except AudioError as error:
        pytest.skip(str(error))
    backend = portaudio.PortAudioBackend(
        parse_rig("audio: {backend: portaudio}").audio.model_dump(mode="json")
    )
    backend._rate = backend._agreed = AGREED
    monkeypatch.setattr(backend, "_wires", Wires(known, asked))
    monkeypatch.setattr(backend, "_meter", type("Meter", (), {"look": lambda self: measured})())
    found = backend.new_rate(None)  # type: ignore[arg-type]  # its meter, which is ours, does not look there
    assert found == (None if expected is None else NewRate(AGREED, expected, told=True))
