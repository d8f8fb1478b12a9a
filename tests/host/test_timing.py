"""What people say of time reaches the engine: taps at their moment, the downbeat, start and stop, another clock."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emohost import vocabulary
from emohost._core import CLOCK_SOURCES, Engine, monotonic_ns
from emohost.audio.backend import AudioFormat
from emohost.config.schema import Rig
from emohost.engine.build import engine_settings
from emohost.engine.request import EngineRequest
from emohost.errors import ControlError
from emohost.host.timing import FALLBACKS, Timing
from emohost.networks.features import DEFAULTS

RATE = 48000
BLOCK = 480


class Playing:
    """An engine without networks that plays in no time; its clock says that it has just played."""

    def __init__(self, source: str = "internal") -> None:
        rig = Rig.model_validate(
            {"audio": {"backend": "dummy"}, "music": {"play": "always", "clock": {"source": source}}}
        )
        settings = engine_settings(
            EngineRequest.of(rig, Path()), AudioFormat(RATE, BLOCK, 1, waits=True), DEFAULTS
        )
        self.engine = Engine(settings, dict.fromkeys(vocabulary.ROLE_NAMES))
        self.timing = Timing(source, "hold", delay_s=lambda: 0.0)

    def play(self, seconds: float) -> np.void:
        for _ in range(round(seconds * RATE / BLOCK)):
            self.engine.process(np.zeros((BLOCK, 1), np.float32))
        return self.engine.shared.pop_reports()[-1]


def test_taps_set_tempo_and_beat() -> None:
    playing = Playing()
    playing.play(4)
    now = monotonic_ns()
    for ago_s in (1.5, 1.0, 0.5, 0.0):
        playing.timing.tap(playing.engine.shared, RATE, now - round(ago_s * 1e9))
    report = playing.play(4)
    assert report["tempo"] == pytest.approx(120, abs=0.5)
    assert report["clock_confidence"] == 1


def test_the_downbeat_begins_a_bar() -> None:
    playing = Playing()
    playing.play(7.8)  # thirteen beats at 100
    playing.timing.downbeat(playing.engine.shared, RATE, None)
    report = playing.play(0.3)
    assert 0.2 < report["beat"] < 0.9
    assert report["beats_per_bar"] == 4


def test_the_transport_starts_and_stops() -> None:
    playing = Playing()
    playing.timing.transport(playing.engine.shared, "stop")
    assert playing.play(0.1)["playing"] == 0
    playing.timing.transport(playing.engine.shared, "start")
    assert playing.play(0.1)["playing"] != 0


def test_another_clock_leads_now_and_in_the_next_engine() -> None:
    playing = Playing()
    playing.timing.lead(playing.engine.shared, "follow")
    assert playing.play(0.1)["clock"] == CLOCK_SOURCES["follow"]
    following = Playing()
    playing.timing.engine_plays(following.engine.shared)
    assert following.play(0.1)["clock"] == CLOCK_SOURCES["follow"]


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda timing, shared: timing.lead(shared, "sundial"), "found 'sundial'; expected one of follow"),
        (
            lambda timing, shared: timing.transport(shared, "pause"),
            "found 'pause'; expected one of start, stop",
        ),
        (lambda timing, shared: timing.tap(shared, RATE, "now"), "at_ns: found 'now'"),
        (lambda timing, shared: timing.tap(shared, RATE, 1), "the last two seconds"),
        (lambda timing, shared: timing.downbeat(None, RATE, None), "nothing plays just now"),
    ],
)
def test_what_makes_no_sense_is_refused(ask: Callable[[Timing, Any], object], said: str) -> None:
    playing = Playing()
    playing.play(0.1)
    with pytest.raises(ControlError, match=said):
        ask(playing.timing, playing.engine.shared)


def test_taps_are_refused_where_another_clock_leads() -> None:
    playing = Playing("follow")
    with pytest.raises(ControlError, match="the clock follows 'follow'"):
        playing.timing.tap(playing.engine.shared, RATE, None)


def test_a_lost_clock_is_said_once_and_its_return() -> None:
    timing = Timing("midi", "stop", lambda: 0.0)
    said = [timing.news(lost) for lost in (False, True, True, False, False)]
    assert said == [
        None,
        "the midi clock is lost: nothing plays until it returns",
        None,
        "the midi clock is back",
        None,
    ]
    assert set(FALLBACKS) == {fallback.name for fallback in vocabulary.FALLBACKS}
