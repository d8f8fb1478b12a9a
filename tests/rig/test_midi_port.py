"""The MIDI port on a real JACK server: it appears, plays, is noticed when lost, and comes back by itself."""

from __future__ import annotations

import mmap
import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest
from jack_rig import Jackd, JackPeer
from waiting import wait_for

from emohost._core import PortMemory
from emohost.errors import MidiError, PortAbsentError
from emohost.midi.backend import open_ports
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


def test_a_port_that_takes_nothing_more_does_not_hold_up_the_sender(jackd: Jackd, port: ProcessPort) -> None:
    """What it has no room for is refused at once, and a while later it counts as lost."""
    os.kill(port.pid, signal.SIGSTOP)
    longest, refused = 0.0, 0
    until = time.monotonic() + 10
    while not port.losses:
        before = time.monotonic()
        assert before < until, "the loss was not noticed"
        refused += not port.send(ON)
        port.upkeep()
        longest = max(longest, time.monotonic() - before)
    assert longest < 0.5
    assert refused > 0


def test_an_existing_port_that_is_not_there_yet_is_waited_for_and_said_once(
    jackd: Jackd, new_peer: Callable[..., JackPeer], caplog: pytest.LogCaptureFixture
) -> None:
    port = ProcessPort(PortSettings(api="jack", connect="organ", await_existing=True))
    try:
        port.wait_open()
        assert port.upkeep() is PortState.opening
        assert not port.send(ON)
        other = new_peer("somebody")
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline:
            assert port.upkeep() is PortState.opening
            time.sleep(0.02)
        other.close()
        peer = new_peer("organ")
        wait_for(lambda: port.upkeep() is PortState.open, "the port")
        assert port.send(ON)
        wait_for(lambda: peer.messages == [ON], "the note")
    finally:
        port.close()
    said = [record.message for record in caplog.records if "waiting for it" in record.message]
    assert len(said) == 1
    assert "there is no MIDI port 'organ'" in said[0]


def test_waiting_leaves_no_clients_behind(jackd: Jackd) -> None:
    memory = mmap.mmap(-1, PortMemory.size)
    PortMemory(memory, create=True)
    for _ in range(70):  # a server takes no more than 64 clients
        with pytest.raises(PortAbsentError, match="there is no MIDI port 'organ'"):
            open_ports("jack", "emohost", "midi_out", "organ", (), PortMemory(memory))


def test_a_taken_client_name_is_said(
    jackd: Jackd, port: ProcessPort, caplog: pytest.LogCaptureFixture
) -> None:
    second = ProcessPort(PortSettings(api="jack"))
    try:
        second.wait_open()
        assert second.name == "emohost-01:midi_out"
    finally:
        second.close()
    assert "the client name 'emohost' is taken: this rig's is 'emohost-01'" in caplog.text
