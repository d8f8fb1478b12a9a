"""One host on a JACK server without a sound card, and peers that lead it and follow it: MIDI clock, Ableton Link,
JACK's transport, taps, a drum loop. All is measured in JACK frames of what was really received."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest
from clock_rig import (
    BAR,
    CONTINUE,
    START,
    STOP,
    TICK,
    Conductor,
    Heard,
    Line,
    LinkPeer,
    ask,
    clock_messages,
    lead,
    median,
    song_position,
    wrapped,
)
from golden_inputs import drums
from host_process import DEVICE, HostProcess, hear
from jack_rig import RATE, JackPeer, running_jackd
from waiting import wait_for

from emohost._core import monotonic_ns

pytestmark = pytest.mark.jack
BLOCK = 1024  # four of the clients are written in Python
NEAR_MS = 6.0  # a block, and what two processes wake up late on a machine that is shared
OFTEN = 0.8  # of the notes
TRIES = 4
LINK_BEATS = 0.02  # that a session which the host leads may be off
RIG = (
    DEVICE.replace("128", str(BLOCK))
    + """
midi: {api: jack, clock_out: true, inputs: [{port: midi_in}]}
music:
  play: always
  enter: {how: at_once}
  tempo: 100
  key: A minor
  humanise: 0
  clock: {source: internal, link: true, jack: true, jack_timebase: true}
networks: {groove: {file: none.json, optional: true}}
"""
)


@dataclass
class Stage:
    host: HostProcess
    listener: JackPeer
    leader: JackPeer
    """Of its own: JACK delays one way of a circle by a block."""
    conductor: Conductor
    link: LinkPeer

    def heard(self, seconds: float) -> Heard:
        heard = Heard(self.listener)
        time.sleep(seconds)
        return heard

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """`holds` looks again where JACK had a dropout meanwhile: then its frames are none of the other clock's."""
        for _ in range(TRIES):
            dropouts = self.listener.dropouts
            if holds():
                return
            print(f"{self.listener.dropouts - dropouts} dropouts")
        raise AssertionError(what)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    pytest.importorskip("link", reason="the extra 'link' is not installed")
    folder = tmp_path_factory.mktemp("clocks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMOHOST_RUNTIME", str(folder / "run"))
        with running_jackd(patch) as server:
            server.end()
            server.start(block=BLOCK)
            listener, leader, conductor = JackPeer("listener"), JackPeer("leader"), Conductor()
            host, link = HostProcess(folder, RIG), LinkPeer(119)
            try:
                host.wait_playing()
                hear(listener)
                wait_for(lambda: listener.find("emohost:midi_in"), "the host's MIDI input")
                leader.connect("keys", "emohost:midi_in")
                yield Stage(host, listener, leader, conductor, link)
            finally:
                link.close()
                host.kill()
                for client in (listener, leader, conductor):
                    client.close()


@pytest.fixture(autouse=True)
def _own_control_socket() -> None:
    """The one host's, for all."""


@pytest.fixture(autouse=True)
def _as_it_was(stage: Stage) -> Iterator[None]:
    begins = len(stage.host.log)
    yield
    print(stage.host.log[begins:])
    stage.conductor.stop()
    stage.conductor.release()
    stage.leader.send_at([])
    lead("internal")
    ask("set", name="tempo", value=100)
    ask("transport", action="start")
    wait_for(lambda: stage.host.status()["band"] == "playing", "it to play again")


def said(stage: Stage, text: str) -> bool:
    return text in stage.host.log


def tempo_of(stage: Stage) -> float:
    return float(str(stage.host.status()["tempo"]))


def near(offsets: np.ndarray, ms: float = NEAR_MS) -> bool:
    """Most of them, and there are enough to say so."""
    if len(offsets) < 6:
        print(f"{len(offsets)} alone")
        return False
    print(f"{len(offsets)}: median {median(offsets):.2f} ms, all {np.ptp(offsets):.2f}")
    return abs(median(offsets)) < ms and np.mean(np.abs(offsets) < ms) > OFTEN


def silent(stage: Stage) -> bool:
    time.sleep(0.2)  # what was on its way
    return not len(stage.heard(0.6).attacks()) and not stage.listener.on


def test_midi_clock_leads(stage: Stage) -> None:
    """Start, tempo, stop, continue in the middle of a bar; and where it vanishes, it is held and said."""
    lead("midi")
    heard = Heard(stage.listener)
    line = Line(stage.leader.frame + RATE // 4, 0, 133)
    stage.leader.send_at([(int(line.frame) - 100, START), *clock_messages(line.frame, 133, 60)])
    time.sleep(2.5)
    assert near(line.ms_off(heard.attacks(line.frame_of(0.9))))
    assert near(line.bar_ms_off(*heard.ticks()))

    beat = np.ceil(line.beats(stage.leader.frame + RATE // 10))
    slower = Line(line.frame_of(beat), float(beat), 101)
    stage.leader.send_at(clock_messages(slower.frame, 101, 60))
    time.sleep(2)
    assert near(slower.ms_off(stage.heard(1.5).attacks()))
    assert near(slower.bar_ms_off(*heard.ticks())[-24:])
    assert stage.host.status()["tempo"] == pytest.approx(101, abs=0.3)

    stage.leader.send(STOP)
    wait_for(lambda: stage.host.status()["band"] == "stopped", "the stop")
    lost = stage.host.log.count("the midi clock is lost")
    assert silent(stage)
    assert stage.host.log.count("the midi clock is lost") == lost  # it is stopped

    sixteenths = 4 * 16 + 6
    again = Line(stage.leader.frame + RATE // 5, sixteenths / 4, 101)
    heard = Heard(stage.listener)
    before = [(int(again.frame) - 200, song_position(sixteenths)), (int(again.frame) - 100, CONTINUE)]
    stage.leader.send_at([*before, *clock_messages(again.frame, 101, 6)])
    time.sleep(3)
    assert near(again.ms_off(heard.attacks(again.frame_of(sixteenths / 4 + 0.4))))
    assert near(again.bar_ms_off(*heard.ticks()))

    wait_for(lambda: said(stage, "the midi clock is lost: its last tempo is held"), "the loss to be said")
    assert stage.host.status()["clock_lost"]
    assert near(again.ms_off(stage.heard(2).attacks()))


def test_jack_transport_leads(stage: Stage) -> None:
    """Stopped, rolling, elsewhere, at another client's tempo; start and stop of the host are JACK's."""

    def on_beat(heard: Heard, tempo: float, start: float = -1e9) -> bool:
        line = Line(stage.conductor.began(), 0, tempo)
        return near(line.ms_off(heard.attacks(line.frame_of(start)))) and near(
            line.bar_ms_off(*heard.ticks())
        )

    lead("jack")
    wait_for(lambda: said(stage, "JACK's transport is stopped: the band waits until it rolls"), "it to wait")
    stage.conductor.locate(0)
    time.sleep(0.3)
    assert silent(stage)

    def from_the_beginning() -> bool:
        stage.conductor.stop()
        stage.conductor.locate(0)
        time.sleep(0.3)
        heard = Heard(stage.listener)
        stage.conductor.start()
        time.sleep(2.5)
        return on_beat(heard, 100, start=0.4)  # the host itself is the timebase master

    stage.until(from_the_beginning, "it started off the beat")

    stage.conductor.conduct(131)
    wait_for(lambda: said(stage, "JACK has another timebase master"), "the host to see the other master")
    wait_for(lambda: abs(tempo_of(stage) - 131) < 0.1, "the master's tempo")

    def elsewhere() -> bool:
        heard = Heard(stage.listener)
        stage.conductor.locate(round(60.3 * RATE))
        time.sleep(2.5)  # for a bar line, where its MIDI clock begins again
        return on_beat(heard, 131, start=60.3 * 131 / 60 + 0.6)

    stage.until(elsewhere, "it was off the beat of the place that the transport went to")

    ask("transport", action="stop")
    wait_for(lambda: not stage.conductor.rolls, "JACK's transport to stop")
    wait_for(lambda: stage.host.status()["band"] == "stopped", "the band to stop")
    assert silent(stage)
    ask("transport", action="start")
    wait_for(lambda: stage.conductor.rolls, "JACK's transport to roll")
    wait_for(lambda: len(stage.heard(0.2).attacks()), "the band")


def test_the_process_that_follows_jack_may_die(stage: Stage) -> None:
    """The band goes on as it went, and another follows the transport."""
    lead("jack")
    stage.conductor.start()
    wait_for(lambda: stage.host.status()["band"] == "playing", "it to roll")
    time.sleep(1)
    os.kill(stage.host.pid_of("emohost.host.jack_clock_process"), signal.SIGKILL)
    wait_for(lambda: said(stage, "JACK's transport is lost: its process ended"), "the loss to be said")

    def on_beat() -> bool:
        heard = stage.heard(1.5)
        return near(Line(stage.conductor.began(), 0, 100).ms_off(heard.attacks()))

    stage.until(on_beat, "it was off the beat while nobody followed the transport")
    wait_for(lambda: said(stage, "JACK's transport is there again"), "another process")
    stage.conductor.locate(round(30.2 * RATE))
    time.sleep(1)
    stage.until(on_beat, "it was off the beat afterwards")


def test_a_link_session_leads(stage: Stage) -> None:
    """Tempo, phase, stop and start."""

    def on_beat() -> bool:
        heard = stage.heard(1.5)
        return near(stage.link.line(stage.listener).ms_off(heard.attacks()))

    wait_for(lambda: stage.link.peers and stage.link.plays, "the host to lead the session")
    lead("link")
    for tempo in (128, 92):
        stage.link.change(tempo=tempo)
        wait_for(lambda tempo=tempo: abs(tempo_of(stage) - tempo) < 0.1, "the session's tempo")
        time.sleep(1)
        stage.until(on_beat, f"it was off the session's beat at {tempo}")
    stage.link.change(beats=1.3)
    time.sleep(2)
    stage.until(on_beat, "it was off the session's beat after that moved")
    stage.link.change(plays=False)
    wait_for(lambda: stage.host.status()["band"] == "stopped", "the stop")
    assert silent(stage)

    def from_the_start() -> bool:
        stage.link.change(plays=False)
        time.sleep(0.3)
        heard = Heard(stage.listener)
        stage.link.change(plays=True)
        time.sleep(4)
        frames, beats = heard.ticks()
        return near(stage.link.line(stage.listener).bar_ms_off(frames[-48:], beats[-48:]))

    stage.until(from_the_start, "its bars were not those of the session")


def test_taps_lead(stage: Stage) -> None:
    """Four of them, and a downbeat."""
    beat_ns = 60e9 / 126

    def on_beat() -> bool:
        frame, now = stage.listener.frame, monotonic_ns()
        time.sleep(3 * beat_ns * 1e-9)
        for beat in range(4):
            ask("tap", at_ns=now + round(beat * beat_ns))
        time.sleep(2)
        line = Line(frame, 0, 126)
        return near(line.ms_off(stage.heard(1.5).attacks())) and abs(tempo_of(stage) - 126) < 0.5

    stage.until(on_beat, "it was off the beat that was tapped")

    ask("transport", action="stop")
    heard = Heard(stage.listener)
    ask("transport", action="start")
    time.sleep(2.6 * beat_ns * 1e-9)
    set_at = stage.listener.frame
    ask("downbeat")
    time.sleep(4.5)  # for two bar lines
    frames, beats = heard.ticks()
    place = Line(frames[-1], beats[-1], 126).beats(set_at)
    assert abs(wrapped(place, BAR)) < 0.6, "its bars do not begin where they were set"
    ask("transport", action="stop")
    assert silent(stage)
    assert STOP in [data for _, data in heard.messages]


def test_the_host_leads(stage: Stage) -> None:
    """Its MIDI clock, the session of Link and JACK's timebase are where its notes are."""
    ask("transport", action="stop")
    heard = Heard(stage.listener)
    ask("transport", action="start")
    stage.conductor.start()
    wait_for(lambda: said(stage, "JACK's timebase master is this host"), "the host to be the master")
    wait_for(lambda: stage.link.peers, "the peers of Link to find each other")

    def together(tempo: float) -> bool:
        time.sleep(1.5)
        told_frames, told_beats, told_tempo = stage.conductor.read()
        session = stage.link.line(stage.listener)
        frames, beats = (each[-60:] for each in heard.ticks())
        line = Line(frames[-1], beats[-1], tempo)
        ms = 60e3 / tempo
        told = wrapped(told_beats - line.beats(told_frames), BAR) * ms
        assert told_tempo == pytest.approx(tempo, abs=0.05)
        assert session.tempo == pytest.approx(tempo, abs=0.05)
        assert stage.link.plays
        return (
            near(line.bar_ms_off(frames, beats), 1.0)
            and near(line.ms_off(heard.attacks(frames[0])))
            and near(told)
            and near(session.bar_ms_off(frames, beats), LINK_BEATS * ms + NEAR_MS)
        )

    for tempo in (100, 137):
        ask("set", name="tempo", value=tempo)
        time.sleep(1)
        stage.until(partial(together, tempo), f"they were not together at {tempo}")


def test_a_drum_loop_leads_and_others_follow_it(stage: Stage) -> None:
    """The beat that is heard: the band's notes lie on the loop's eighths, others are told its tempo and its beat."""
    tempo = 112
    lead("follow")
    (capture, *_) = stage.leader.find("emohost-audio:", is_audio=True, is_input=True)
    stage.leader.connect("audio", capture)
    stage.leader.play(drums(tempo, 60, RATE))
    stage.conductor.start()

    def trusted() -> bool:
        status = stage.host.status()
        return float(str(status["clock_confidence"])) > 0.8 and abs(float(str(status["tempo"])) - tempo) < 3

    wait_for(trusted, "the host to hear the beat")
    time.sleep(3)
    for _ in range(3):  # a dropout moves the loop
        began = stage.leader.began
        heard = stage.heard(3)
        told_frames, told_beats, told_tempo = stage.conductor.read()
        if stage.leader.began == began:
            break
    line = Line(began, 0, tempo)
    eighth_ms = 30e3 / tempo
    off = np.abs(line.ms_off(heard.attacks(), 2))
    chance = 2 * 50 / eighth_ms
    print(f"within 50 ms {np.mean(off < 50):.2f}, chance {chance:.2f}; median {median(off):.0f} ms")
    assert np.mean(off < 50) > 2 * chance
    ticks = np.array([frame for frame, data in heard.messages if data == TICK])
    pace = np.polyfit(np.arange(len(ticks)), ticks, 1)
    assert 60 * RATE / (24 * pace[0]) == pytest.approx(tempo, rel=0.01)
    assert np.std(ticks - np.polyval(pace, np.arange(len(ticks)))) < 0.02 * RATE
    assert told_tempo == pytest.approx(tempo, rel=0.02)
    beats_ms = wrapped(told_beats - line.beats(told_frames), 1) * 60e3 / tempo
    assert abs(median(beats_ms)) < 50
    assert stage.link.line(stage.listener).tempo == pytest.approx(tempo, rel=0.02)
