"""The native thread that stands in for a sound card: all that is fed is played, in order, nothing is skipped."""

from __future__ import annotations

import time

import numpy as np
import pytest
from small_engine import MakeEngine, make_networks, make_settings

from emohost import _core


def wait_for_end(pacer: _core.Pacer) -> None:
    while pacer.running:
        time.sleep(0.01)
    pacer.stop()


@pytest.mark.parametrize("paced", [True, False])
def test_all_that_is_fed_is_played_as_a_render_plays_it(
    make_engine: MakeEngine, music: np.ndarray, paced: bool
) -> None:
    engine, plain = make_engine(), make_engine()
    audio = music[:24100]  # the last block is short
    pacer = _core.Pacer(engine, 256, paced)
    pacer.start()
    fed = 0
    while fed < len(audio):
        fed += pacer.feed(audio[fed : fed + 5000])
    pacer.end()
    wait_for_end(pacer)
    assert engine.frame == len(audio)
    assert engine.shared.pop_events() == plain.render(audio, 256)
    assert engine.shared.pop_reports()["frames"][-1] == len(audio) % 256


def test_paced_it_takes_the_time_the_audio_lasts(make_engine: MakeEngine) -> None:
    engine = make_engine()
    pacer = _core.Pacer(engine, 480)
    pacer.feed(np.zeros(24000, np.float32))
    pacer.end()
    start = time.monotonic()
    pacer.start()
    wait_for_end(pacer)
    assert time.monotonic() - start >= 0.48


def test_late_audio_is_waited_for_and_counted(make_engine: MakeEngine) -> None:
    engine = make_engine()
    pacer = _core.Pacer(engine, 480)
    pacer.start()
    pacer.feed(np.zeros(4800, np.float32))
    while pacer.underflows == 0:
        time.sleep(0.01)
    assert pacer.running
    pacer.feed(np.zeros(4800, np.float32))
    pacer.end()
    wait_for_end(pacer)
    assert engine.frame == 9600


def test_feeding_never_waits(make_engine: MakeEngine) -> None:
    """About two seconds fit; the rest is refused, not waited for."""
    pacer = _core.Pacer(make_engine(), 480)
    fitted = pacer.feed(np.zeros(480_000, np.float32))
    assert 48_000 <= fitted < 480_000
    assert pacer.feed(np.zeros(100, np.float32)) == 0


def test_flat_out_it_waits_for_the_readers_and_loses_nothing(make_engine: MakeEngine) -> None:
    engine = make_engine()
    pacer = _core.Pacer(engine, 64, paced=False)
    pacer.feed_signal("noise", seed=3)
    pacer.start()
    blocks = np.zeros(0, np.uint64)
    while len(blocks) < 10_000:
        blocks = np.append(blocks, engine.shared.pop_reports()["block"])
        engine.shared.pop_events()
        time.sleep(0.001)
    pacer.stop()
    assert np.array_equal(blocks, np.arange(len(blocks)))
    assert engine.shared.dropped["telemetry"] == 0
    assert engine.shared.dropped["event"] == 0


def test_it_stops_at_once_and_twice_and_when_forgotten(make_engine: MakeEngine) -> None:
    pacer = _core.Pacer(make_engine(), 256)
    pacer.feed_signal("silence")
    pacer.start()
    assert pacer.running
    pacer.stop()
    pacer.stop()
    assert not pacer.running
    forgotten = _core.Pacer(make_engine(), 256)
    forgotten.start()
    del forgotten  # joins the thread, which waits for audio


def test_what_cannot_be_is_refused(make_engine: MakeEngine) -> None:
    engine = make_engine()
    with pytest.raises(ValueError, match="block_size: expected 1 to 4096"):
        _core.Pacer(engine, 5000)
    pacer = _core.Pacer(engine, 256)
    with pytest.raises(ValueError, match="found 'music'"):
        pacer.feed_signal("music")
    pacer.start()
    with pytest.raises(ValueError, match="started before"):
        pacer.start()
    pacer.stop()


def test_channels_are_kept(music: np.ndarray) -> None:
    """Stereo fed in odd pieces arrives as stereo: as its mean, played in mono."""
    stereo = np.stack([music[:12000], -0.5 * music[:12000]], axis=1)
    engine = _core.Engine(make_settings(channels_in=2), make_networks())
    pacer = _core.Pacer(engine, 100, paced=False)
    pacer.start()
    at = 0
    while at < len(stereo):
        at += pacer.feed(stereo[at : at + 777])
    pacer.end()
    wait_for_end(pacer)
    mono = _core.Engine(make_settings(), make_networks())
    mono.render(0.25 * music[:12000].astype(np.float32), 100)
    levels = engine.shared.pop_reports()["level_db"]
    np.testing.assert_allclose(levels, mono.take_reports()["level_db"], atol=0.01)
