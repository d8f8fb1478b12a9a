"""Ableton Link: the band follows the session's tempo, beat and bar, and leads them where another clock leads."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emohost import vocabulary
from emohost._core import Engine, monotonic_ns
from emohost.audio.backend import AudioFormat
from emohost.config.schema import Rig
from emohost.engine.build import engine_settings
from emohost.engine.request import EngineRequest
from emohost.host.link import LinkPeer, where_at
from emohost.host.timing import Timing
from emohost.networks.features import DEFAULTS

link = pytest.importorskip("link", reason="the extra 'link' is not installed")

RATE = 48000
BLOCK = 480


class Player:
    """An engine in real time, as far as this machine lets it, and its peer."""

    def __init__(self, source: str, tempo: float) -> None:
        music = {"play": "always", "tempo": tempo, "clock": {"source": source}}
        rig = Rig.model_validate({"audio": {"backend": "dummy"}, "music": music})
        settings = engine_settings(
            EngineRequest.of(rig, Path()), AudioFormat(RATE, BLOCK, 1, waits=True), DEFAULTS
        )
        self.engine = Engine(settings, dict.fromkeys(vocabulary.ROLE_NAMES))
        self.timing = Timing(source, "hold", delay_s=lambda: 0.0)
        self.peer = LinkPeer(tempo, 4)
        self.started = time.monotonic()
        self.blocks = 0

    def play(self, seconds: float) -> np.void:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            while self.blocks * BLOCK / RATE < time.monotonic() - self.started:
                self.engine.process(np.zeros((BLOCK, 1), np.float32))
                self.blocks += 1
            if len(reports := self.engine.shared.pop_reports()):
                self.report = reports[-1]
            if self.peer.due():
                self.step()
            time.sleep(0.002)
        return self.report

    def step(self) -> None:
        if self.timing.source == "link":
            shared = self.engine.shared
            self.peer.follow(shared, self.timing.frame_at(shared, RATE, monotonic_ns()))
        else:
            self.peer.lead(where_at(self.report, RATE, 0.0))

    def off(self, other: Any) -> float:
        """Beats, within a bar of four, from the other's place to the band's."""
        theirs = other.captureSessionState().beatAtTime(other.clock().micros(), 4)
        return (where_at(self.report, RATE, 0.0).beat - theirs + 2) % 4 - 2


@pytest.fixture
def other() -> Iterator[Any]:
    peer = link.Link(133)
    peer.startStopSyncEnabled = True
    peer.enabled = True
    yield peer
    peer.enabled = False


def met(player: Player, seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not player.peer.peers:
        if time.monotonic() > until:
            pytest.skip("peers of Ableton Link do not find each other in this network")
        player.play(0.2)


def test_the_band_is_where_the_session_is(other: Any) -> None:
    player = Player("link", tempo=97)
    try:
        met(player)
        for tempo in (133, 118):
            state = other.captureSessionState()
            state.setTempo(tempo, other.clock().micros())
            other.commitSessionState(state)
            player.play(4)
            assert player.report["tempo"] == pytest.approx(tempo, abs=0.05)
            assert abs(player.off(other)) < 0.1
    finally:
        player.peer.close()


def test_the_session_is_where_the_band_is(other: Any) -> None:
    player = Player("internal", tempo=97)
    try:
        met(player)
        player.play(2)
        assert other.captureSessionState().tempo() == pytest.approx(97, abs=0.05)
        assert abs(player.off(other)) < 0.1
        assert other.captureSessionState().isPlaying()
        player.engine.shared.command("transport_stop")
        player.play(1)
        assert not other.captureSessionState().isPlaying()
    finally:
        player.peer.close()
