"""JACK's transport without a server: what its process says is understood, evened out, and said in one clear line where
there is none."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from host_runs import Run
from waiting import wait_for

from emohost.config import load_rig
from emohost.errors import AudioError, ControlError
from emohost.host.jack_clock import JackClock, Place, place_of
from emohost.host.jack_clock_process import BandBeat, CycleClock, Told, signed

RATE, CYCLE = 48000, 256


def test_where_a_master_says_bars_and_beats_they_hold() -> None:
    at = {
        "at_ns": 5,
        "position": 480000,
        "rate": RATE,
        "bar": 7.0,
        "beat": 2.5,
        "beats_per_bar": 3.0,
        "tempo": 90.0,
    }
    assert place_of(at, tempo=120) == Place(5, 23.5, 90.0, 3)
    assert place_of({**at, "beats_per_bar": 12.0}, tempo=120).beats_per_bar == 0
    assert place_of({**at, "beats_per_bar": 3.5}, tempo=120).beats_per_bar == 0


def test_where_nobody_does_the_configured_tempo_counts_from_the_beginning() -> None:
    assert place_of({"at_ns": 5, "position": 480000, "rate": RATE}, tempo=90) == Place(5, 15.0, 90, 0)


def test_cycles_that_are_called_late_do_not_move_the_clock() -> None:
    late = random.Random(3)
    clock = CycleClock(RATE)
    for cycle in range(500):
        on_time = 10**9 + cycle * CYCLE * 10**9 / RATE
        clock.update(cycle * CYCLE, round(on_time + late.expovariate(1 / 5e5)))
        if cycle > 50:
            assert abs(clock.time_ns(cycle * CYCLE) - on_time) < 2e5
            assert abs(clock.frame_at(round(on_time)) - cycle * CYCLE) < 10


def test_an_xrun_is_followed_within_a_fifth_of_a_second() -> None:
    clock = CycleClock(RATE)
    for cycle in range(100):
        lost_ns = 0 if cycle < 50 else 20_000_000
        clock.update(cycle * CYCLE, round(cycle * CYCLE * 1e9 / RATE) + lost_ns)
    assert clock.time_ns(99 * CYCLE) == pytest.approx(99 * CYCLE * 1e9 / RATE + 20e6, abs=2)


def test_jacks_count_runs_over() -> None:
    assert signed(5 - (2**32 - 3)) == 8
    assert signed((2**32 - 3) - 5) == -8


class Client:
    """What the process hands to the native client."""

    def __init__(self) -> None:
        self.said: list[tuple[Any, ...]] = []
        self.at = 0

    def point(self) -> dict[str, Any]:
        return {"rate": RATE, "cycle": self.at % 2**32, "now_ns": round(self.at * 1e9 / RATE)}

    def say(self, *said: Any) -> None:
        self.said.append(said)


def test_what_the_band_plays_is_evened_out_and_put_on_jacks_frames() -> None:
    client: Any = Client()
    client.at = 2**32 - 40 * CYCLE
    told, jitter = Told(client), random.Random(1)
    band = BandBeat(client, told)
    for number in range(300):
        client.at += CYCLE
        told._follow(client.point())
        at_ns = round(client.at * 1e9 / RATE)
        beat = number * CYCLE / RATE * 2 + jitter.uniform(-0.01, 0.01)  # 5 ms at 120
        band.say({"tempo": 120.0, "beats_per_bar": 4, "beat": beat % 4, "at_ns": at_ns})
        tempo, bar, place, cycle = client.said[-1]
        assert (tempo, bar) == (120.0, 4)
        assert abs(signed(cycle - client.at % 2**32)) <= 1
        if number > 50:
            off = (place - number * CYCLE / RATE * 2 + 2) % 4 - 2
            assert abs(off) < 0.005
    band.say({"tempo": 120.0, "beats_per_bar": 4, "beat": None, "at_ns": 0})
    assert client.said[-1] == (120.0, 4)


@pytest.fixture
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "emohost-test-none")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")


@pytest.mark.usefixtures("no_server")
def test_without_a_server_it_says_so() -> None:
    clock = JackClock("emohost-test", timebase=False, say=lambda _text, _level: None)
    try:
        with pytest.raises(
            AudioError, match=r"music\.clock: JACK's transport: .*(no JACK server|libjack|not used)"
        ):
            clock.wait_open(20)
    finally:
        clock.close()


@pytest.mark.usefixtures("no_server")
def test_a_run_without_a_server_ends_with_that_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOHOST_RUNTIME", str(tmp_path / "run"))
    config = tmp_path / "rig.yaml"
    config.write_text("audio: {backend: dummy}\nmusic: {clock: {source: jack}}\nmidi: {api: none}\n")
    assert load_rig(config).rig.music.clock.source == "jack"
    run = Run(config)
    run.thread.join(60)
    assert isinstance(run.error, AudioError)
    assert str(run.error).startswith("music.clock: JACK's transport: ")


def test_a_clock_that_was_not_joined_cannot_be_made_to_lead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMOHOST_RUNTIME", str(tmp_path / "run"))
    config = tmp_path / "rig.yaml"
    config.write_text("audio: {backend: dummy}\nmusic: {clock: {source: internal}}\nmidi: {api: none}\n")
    run = Run(config)
    try:
        wait_for(lambda: run.statuses and run.status.blocks, "it to play")
        for source, expected in (("jack", "music.clock.jack: true"), ("link", "music.clock.link: true")):
            with pytest.raises(ControlError, match=f"clock: the host .* expected {expected}"):
                run.host.steering.lead(source)
        assert run.host.steering.timing.source == "internal"
    finally:
        run.end()
