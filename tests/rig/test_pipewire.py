"""The host on PipeWire: audio is heard, notes arrive, and rate, cycle, engine and server change under it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from host_process import HostProcess
from jack_rig import RATE
from peer_process import PeerProcess
from pipewire_rig import PipeWire, missing_program, running_pipewire
from waiting import wait_for

from emohost.labels import ROOTS

pytestmark = pytest.mark.jack
HERE = Path(__file__).parent
PW_JACK = ("pw-jack",)
AUDIO_IN, MIDI_OUT = "emohost-audio:in_0", "emohost:midi_out"
RIG = """
audio: {backend: portaudio, host_api: JACK, device: mic, connect: none}
music: {play: always, clock: {source: internal}, tempo: 240, key: A minor}
midi: {api: jack}
supervision: {stall_s: 1}  # a busy machine's graph may stand still for a moment when links are made
"""
LIVE = (
    "test_live.py::test_what_is_played_through_jack_gives_the_notes_of_a_render",
    "test_live.py::test_ended_by_a_signal_nothing_sounds_and_a_second_run_finds_everything_free",
    "test_live.py::test_when_the_engine_is_lost_notes_end_within_half_a_second_and_the_port_stays",
    "test_live.py::test_killed_with_9_the_host_takes_its_children_along_and_starts_again",
    "test_midi_port.py::test_a_virtual_port_plays_to_jack",
    "test_midi_port.py::test_close_lets_the_last_messages_out_and_takes_the_port_away",
    "test_midi_port.py::test_an_existing_port_is_chosen_by_a_unique_part_of_its_name",
    "test_midi_port.py::test_when_jackd_dies_the_port_is_lost_and_comes_back_with_it",
    "test_midi_port.py::test_a_port_process_that_dies_or_hangs_is_replaced",
    "test_midi_in.py",
    "test_jack_callback.py",
)


@pytest.fixture(scope="module")
def server() -> Iterator[PipeWire]:
    with pytest.MonkeyPatch.context() as patch, running_pipewire(patch) as running:
        yield running


@pytest.fixture
def peer(server: PipeWire) -> Iterator[PeerProcess]:
    peer = PeerProcess(PW_JACK)
    yield peer
    peer.kill()


@pytest.fixture
def host(server: PipeWire, peer: PeerProcess, tmp_path: Path) -> Iterator[HostProcess]:
    """It plays to the peer, and hears what the peer plays."""
    host = HostProcess(tmp_path, RIG, PW_JACK)
    try:
        host.wait_playing()
        wait_for(lambda: peer.find(MIDI_OUT) and peer.find(AUDIO_IN), "the host's ports")
        peer.connect(MIDI_OUT, "midi")
        peer.connect("audio", AUDIO_IN)
        wires = f"'inputs': [[{peer.look()['audio']!r}]]"
        until(host, lambda: wires in host.log, "the host to be told of it")
        yield host
    finally:
        host.kill()


def until(host: HostProcess, condition: Callable[..., object], what: str) -> None:
    """As wait_for; a failure shows what the host said."""
    try:
        wait_for(condition, what)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{host.log}\n{host.status()}") from None


def notes_come(host: HostProcess, peer: PeerProcess, when: str) -> None:
    count = peer.look()["messages"]
    until(host, lambda: peer.look()["messages"] > count + 20, f"notes {when}")


def is_heard(host: HostProcess, peer: PeerProcess, chord: str) -> None:
    """As the peer plays it from now on: another than before tells that this is heard, and nothing remembered."""
    peer.play(ROOTS.index(chord.removesuffix(":maj")))
    until(host, lambda: host.status().get("chord_heard") == chord, chord)


def losses(host: HostProcess) -> list[str]:
    """But for crashes in PipeWire: 0.3.65 takes the memory of an input's buffer away when a link is made, while
    PortAudio's callback may still read it (seen in core files). The host can only say so and begin again."""
    return [lost for lost in re.findall("the engine was lost: .*", host.log) if "(signal 11" not in lost]


def ends_well(host: HostProcess, peer: PeerProcess) -> None:
    assert host.end() == 0, host.log
    wait_for(lambda: not peer.look()["on"], "silence")
    assert "Traceback" not in host.log


def test_what_is_played_is_heard_and_notes_come_and_end(host: HostProcess, peer: PeerProcess) -> None:
    is_heard(host, peer, "C:maj")
    notes_come(host, peer, "at the start")
    until(host, lambda: host.status()["latency"], "the latency")
    assert 0 < sum(ms or 0 for ms in host.status()["latency"].values()) < 1000
    assert not losses(host)
    family = host.family()
    ends_well(host, peer)
    assert not [process for process in family if process.is_running()]


def test_a_lost_engine_is_connected_again(host: HostProcess, peer: PeerProcess) -> None:
    is_heard(host, peer, "C:maj")
    wires = [peer.look()["audio"]]
    os.kill(host.engine_pid, signal.SIGKILL)
    until(host, lambda: host.status().get("restarts") and "signal 9" in host.log, "another engine")
    until(host, lambda: peer.connected_to(AUDIO_IN) == wires, "the connection")
    is_heard(host, peer, "E:maj")
    notes_come(host, peer, "after the loss")
    ends_well(host, peer)


def test_another_rate_is_noticed_said_and_begun_at(
    server: PipeWire, host: HostProcess, peer: PeerProcess
) -> None:
    """A chord is heard as that chord, there and back; it is no loss of an engine."""
    is_heard(host, peer, "C:maj")
    for before, after, chord in ((RATE, 44100, "E:maj"), (44100, RATE, "C:maj")):
        server.force(rate=after)
        said = f"the device went from {before} to {after} Hz; beginning again at the new rate"
        until(host, lambda said=said: said in host.log, said)
        until(host, lambda: host.status().get("state") == "playing", "it to play")
        wait_for(lambda after=after: peer.look()["rate"] == after, "the peer's rate")
        is_heard(host, peer, chord)
        notes_come(host, peer, f"at {after} Hz")
    assert not losses(host)
    ends_well(host, peer)


def test_the_cycle_changes_and_notes_go_on(server: PipeWire, host: HostProcess, peer: PeerProcess) -> None:
    try:
        for quantum in (64, 2048, 256):
            server.force(quantum=quantum)
            wait_for(lambda quantum=quantum: peer.look()["block"] == quantum, f"cycles of {quantum}")
            notes_come(host, peer, f"at {quantum}")
    finally:
        server.restore()
    assert not losses(host)
    ends_well(host, peer)


def test_killed_and_started_again_it_is_waited_for(
    server: PipeWire, host: HostProcess, peer: PeerProcess
) -> None:
    server.kill()
    peer.kill()
    until(host, lambda: "waiting for the device" in host.log, "the loss to be told")
    server.start()
    until(host, lambda: host.status().get("state") == "playing", "it to play")
    another = PeerProcess(PW_JACK)
    try:
        wait_for(lambda: another.find(MIDI_OUT), "the host's port")
        another.connect(MIDI_OUT, "midi")
        notes_come(host, another, "after the return")
        ends_well(host, another)
    finally:
        another.kill()


@pytest.mark.skipif(
    "EMOHOST_PIPEWIRE" not in os.environ,
    reason="JACK-Client may hang a process that closes it under PipeWire, and minutes pass: EMOHOST_PIPEWIRE=1 runs it",
)
@pytest.mark.timeout(600)
def test_the_live_tests_pass_on_pipewire() -> None:
    """Those of JACK, in a process of their own whose libjack is PipeWire's."""
    if (program := missing_program()) is not None:
        pytest.skip(f"{program} is not installed (tools/packages.sh installs what PipeWire's rig needs)")
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider"]
    result = subprocess.run(
        ["pw-jack", *command, *(str(HERE / test) for test in LIVE)],
        env={**os.environ, "EMOHOST_RIG": "pipewire"},
        capture_output=True,
        text=True,
        check=False,
        timeout=580,
    )
    print(result.stdout[-10000:])
    assert result.returncode == 0, result.stdout[-20000:]
    assert " passed" in result.stdout
