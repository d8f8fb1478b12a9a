"""The MIDI port on a real JACK server: it appears, plays, is noticed when lost, and comes back by itself."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest
from jack_rig import Jackd, JackPeer, wait_for

from emohost.errors import MidiError
from emohost.midi.ports import PortSettings, PortState, ProcessPort
from emohost.process.pids import is_alive

pytestmark = pytest.mark.jack
ON, OFF = bytes([0x90, 60, 100]), bytes([0x80, 60, 0])


@pytest.fixture
def port(jackd: Jackd) -> Iterator[ProcessPort]:
    port = ProcessPort(PortSettings(api="jack"))
    port.wait_open()
    yield port
    port.close()


def test_a_virtual_port_plays_to_jack(
    jackd: Jackd, port: ProcessPort, new_peer: Callable[..., JackPeer]
) -> None:
    peer = new_peer()
    assert port.name == "emohost:midi_out"
    peer.connect("emohost:midi_out", "midi")
    for data in (ON, OFF, bytes([0xC1, 7])):
        assert port.send(data)
    wait_for(lambda: len(peer.received) == 3, "the messages")
    assert peer.messages == [ON, OFF, bytes([0xC1, 7])]


def test_close_lets_the_last_messages_out_and_takes_the_port_away(
    jackd: Jackd, port: ProcessPort, new_peer: Callable[..., JackPeer]
) -> None:
    peer = new_peer()
    peer.connect("emohost:midi_out", "midi")
    time.sleep(0.1)
    for note in range(100):
        port.send(bytes([0x80, note, 0]))
    port.close()
    assert len(peer.received) == 100
    wait_for(lambda: not peer.find("emohost:midi_out"), "the port to go")


def test_an_existing_port_is_chosen_by_a_unique_part_of_its_name(
    jackd: Jackd, new_peer: Callable[..., JackPeer]
) -> None:
    peer = new_peer("Grand Piano")
    port = ProcessPort(PortSettings(api="jack", connect="grand"))
    port.wait_open()
    port.send(ON)
    wait_for(lambda: peer.messages == [ON], "the note")
    port.close()
    with pytest.raises(MidiError, match=r"there is no MIDI port 'organ'; there is: .*'Grand Piano:midi'"):
        ProcessPort(PortSettings(api="jack", connect="organ")).wait_open()
    new_peer("Grand Organ")
    with pytest.raises(MidiError, match=r"ambiguous: .*Organ.*Piano|ambiguous: .*Piano.*Organ"):
        ProcessPort(PortSettings(api="jack", connect="grand")).wait_open()


def test_without_a_jack_server_the_error_says_so(jackd: Jackd) -> None:
    jackd.kill()
    with pytest.raises(MidiError, match=f"no JACK server '{jackd.name}' runs"):
        ProcessPort(PortSettings(api="jack")).wait_open()


def test_auto_takes_jack_where_it_runs_and_else_says_what_failed(jackd: Jackd) -> None:
    port = ProcessPort(PortSettings(api="auto", client="auto-host"))
    port.wait_open()
    assert port.name == "auto-host:midi_out"
    port.close()
    jackd.kill()
    if not os.path.exists("/dev/snd/seq"):  # noqa: PTH110
        with pytest.raises(MidiError, match=r"jack: no JACK server .*; alsa: .*sequencer"):
            ProcessPort(PortSettings(api="auto")).wait_open()


def test_when_jackd_dies_the_port_is_lost_and_comes_back_with_it(
    jackd: Jackd, port: ProcessPort, new_peer: Callable[..., JackPeer]
) -> None:
    jackd.kill()
    wait_for(lambda: port.upkeep() is PortState.opening, "the loss to be noticed")
    assert not port.send(ON)
    jackd.start()
    back = time.monotonic()
    wait_for(lambda: port.upkeep() is PortState.open, "the port to come back")
    print(f"MIDI port back {time.monotonic() - back:.2f} s after jackd")
    peer = new_peer()
    peer.connect("emohost:midi_out", "midi")
    assert port.send(ON)
    wait_for(lambda: peer.messages == [ON], "the note")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_port_process_that_dies_or_hangs_is_replaced(
    jackd: Jackd, port: ProcessPort, number: signal.Signals
) -> None:
    first = port.pid
    os.kill(first, number)
    wait_for(lambda: port.upkeep() is PortState.opening, "the loss to be noticed")
    wait_for(lambda: port.upkeep() is PortState.open, "another port")
    assert port.pid != first
    wait_for(lambda: not is_alive(first), "the old process to be gone")
    assert port.send(ON)


def test_a_driver_that_takes_nothing_more_does_not_hold_up_the_sender(
    jackd: Jackd, port: ProcessPort
) -> None:
    """RtMidi's send spins for ever, holding the interpreter lock, when its buffer to JACK is full."""
    os.kill(port.pid, signal.SIGSTOP)
    longest = 0.0
    for _ in range(20000):
        before = time.monotonic()
        port.send(ON)
        port.upkeep()
        longest = max(longest, time.monotonic() - before)
    assert longest < 0.5
    assert port.losses >= 1
