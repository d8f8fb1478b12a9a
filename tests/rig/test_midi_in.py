"""MIDI in and out by JACK's own cycles: frames are exact, whatever the clocks say; inputs connect and come back."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from host_process import ALWAYS, DEVICE, HostProcess
from jack_rig import RATE, Jackd, JackPeer
from waiting import wait_for

from emohost._core import Shared
from emohost.midi.ports import Input, PortSettings, PortState, ProcessPort
from emohost.process.shared_memory import map_memory

pytestmark = pytest.mark.jack
ON, OFF, TICK = bytes([0x90, 60, 100]), bytes([0x80, 60, 0]), b"\xf8"
AWAY = 987_654  # JACK's count of frames, less the engine's
NEAR = 24  # frames, half a millisecond: what is held of the distance, and the wake-ups of two processes


class Ports:
    """A port with inputs, told of an engine that is called in the peer's cycles."""

    def __init__(self, peer: JackPeer, *inputs: tuple[str, str | None]) -> None:
        self.peer = peer
        self.port = ProcessPort(PortSettings(api="jack", inputs=inputs))
        self.port.wait_open()
        self.came: list[Input] = []

    def step(self) -> PortState:
        state = self.port.upkeep()
        self.came += self.port.pop_inputs()
        if self.port.memory is not None:
            frame, at_ns = self.peer.cycle
            self.port.memory.live()
            self.port.memory.follow(RATE, frame - self.peer.origin - AWAY + 10**6, at_ns)
        return state

    def wait_for(self, condition: Callable[[], object], what: str) -> None:
        def stepped() -> bool:
            self.step()
            return bool(condition())

        wait_for(stepped, what)

    def listen(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.step()
            time.sleep(0.001)


@pytest.fixture
def ports(jackd: Jackd, peer: JackPeer) -> Iterator[Callable[..., Ports]]:
    made: list[Ports] = []

    def make(*inputs: tuple[str, str | None]) -> Ports:
        made.append(Ports(peer, *inputs))
        return made[-1]

    yield make
    for each in made:
        each.port.close()


def test_each_message_that_comes_in_has_the_frame_of_the_sound_beside_it(
    ports: Callable[..., Ports], peer: JackPeer
) -> None:
    made = ports(("midi_in", None), ("clock", None))
    peer.connect("keys", "emohost:clock")
    made.listen(1.0)
    peer.send(*[TICK, ON, OFF] * 30)
    made.wait_for(lambda: len(made.came) == 90, "the messages")
    assert [(data, source) for _, _, data, source in made.came] == [(data, 1) for _, data in peer.sent]
    frames = np.array([frame for _, frame, _, _ in made.came])
    sent = np.array([frame for frame, _ in peer.sent]) - peer.origin - AWAY + 10**6
    off = frames - sent
    print(f"frames off: median {np.median(off)}, from {off.min()} to {off.max()}")
    assert abs(np.median(off)) <= NEAR


def test_each_message_goes_out_on_its_own_frame(ports: Callable[..., Ports], peer: JackPeer) -> None:
    """Handed over in time, each lies where its frame and the delay put it."""
    made = ports()
    peer.connect("emohost:midi_out", "midi")
    made.listen(1.0)
    memory = made.port.memory
    assert memory is not None
    memory.set_delay(0.25)
    first = peer.cycle[0] - peer.origin - AWAY + 10**6
    frames = first + np.arange(60) * 311
    for number, frame in enumerate(frames):
        assert memory.push(bytes([0x90, number, 100]), int(frame), time.monotonic_ns() + 250_000_000)
    made.wait_for(lambda: len(peer.received) == 60, "the notes")
    assert [data[1] for _, data in peer.received] == list(range(60))
    got = np.array([frame for frame, _ in peer.received]) - peer.origin - AWAY + 10**6
    off = got - frames - RATE // 4
    print(f"frames off: median {np.median(off)}, from {off.min()} to {off.max()}")
    assert abs(np.median(off)) <= NEAR
    assert np.median(np.abs(np.diff(off))) == 0


def test_an_input_listens_to_the_port_that_it_names_as_soon_as_that_is_there_and_again(
    ports: Callable[..., Ports], new_peer: Callable[..., JackPeer]
) -> None:
    made = ports(("pads", "grand"))
    piano = new_peer("Grand Piano")
    made.wait_for(lambda: piano.find("emohost:pads"), "the input")
    made.listen(1.0)
    piano.send(ON)
    made.wait_for(lambda: made.came, "the note")
    made.listen(0.5)  # for what it listens to to be told
    os.kill(made.port.pid, signal.SIGKILL)
    made.wait_for(lambda: made.port.losses == 1, "the loss to be noticed")
    made.wait_for(lambda: made.step() is PortState.open, "another port")
    piano.send(OFF)
    made.wait_for(lambda: len(made.came) == 2, "the next message")
    assert made.came[1][2:] == (OFF, 0)


def test_midi_reaches_the_engine_of_a_running_host(
    start: Callable[[str], HostProcess], peer: JackPeer
) -> None:
    host = start(DEVICE + ALWAYS + "midi: {api: jack, inputs: [{port: midi_in}]}\n")
    peer.connect("keys", "emohost:midi_in")
    peer.send(*[TICK] * 24)
    rings = Shared(map_memory(str(host.status()["memory"])))
    wait_for(lambda: rings.inputs_taken == 24, "the ticks")
    assert rings.dropped["input"] == 0
    assert host.end() == 0, host.log
