"""What the engine's audio ports are connected to under JACK: as the rig says at the start, and again after a loss."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import numpy as np
import pytest
from host_process import ALWAYS, DEVICE, HostProcess
from jack_rig import RATE, JackPeer
from waiting import wait_for

pytestmark = pytest.mark.jack
NO_MIDI = "midi: {api: none}\noutput: {midi_file: x.mid}\n"
IN = "emohost-audio:in_0"
TONE = 0.3 * np.sin(2 * np.pi * 220 * np.arange(60 * RATE) / RATE)


def rig(**audio: object) -> str:
    more = "".join(f", {name}: {value}" for name, value in audio.items())
    return (
        DEVICE.replace("block_size", f"block_size: 128{more}, x").replace(", x: 128", "") + ALWAYS + NO_MIDI
    )


def connected(peer: JackPeer, port: str = IN) -> list[str]:
    return peer.connected_to(port)


def test_a_lost_engines_connections_are_made_again(
    start: Callable[[str], HostProcess], peer: JackPeer
) -> None:
    host = start(rig())
    (device,) = connected(peer)
    assert device != peer.audio_port
    peer.disconnect(device, IN)
    peer.connect("audio", IN)
    peer.play(TONE)
    wait_for(lambda: host.status()["level_db"] > -30, "the tone to be heard")
    for number in (signal.SIGKILL, signal.SIGSTOP):
        wait_for(lambda: f"'inputs': [['{peer.audio_port}']]" in host.log, "the host to be told of it")
        restarts, lost = int(host.status()["restarts"]), host.engine_pid
        peer.play(TONE)
        os.kill(lost, number)
        wait_for(lambda before=restarts: host.status().get("restarts", 0) > before, "another engine")
        wait_for(lambda: host.status()["state"] == "playing", "it to play")
        wait_for(lambda: host.status()["level_db"] > -30, f"the tone to be heard again\n{host.log}")
        assert connected(peer) == [peer.audio_port]


def test_what_was_parted_by_hand_stays_parted(start: Callable[[str], HostProcess], peer: JackPeer) -> None:
    host = start(rig())
    (device,) = connected(peer)
    peer.disconnect(device, IN)
    wait_for(lambda: "'inputs': [[]]" in host.log, "the host to be told of it")
    os.kill(host.engine_pid, signal.SIGKILL)
    wait_for(lambda: host.status().get("restarts") == 1 and host.status()["blocks"], "another engine")
    wait_for(lambda: host.status()["state"] == "playing", "it to play")
    wait_for(lambda: not connected(peer), "the device to be parted")


def test_none_connects_nothing(start: Callable[[str], HostProcess], peer: JackPeer) -> None:
    start(rig(connect="none"))
    assert connected(peer) == []


def test_a_port_by_name_is_connected_when_it_comes_to_the_channel_that_is_heard(
    start: Callable[[str], HostProcess], peer: JackPeer, new_peer: Callable[..., JackPeer]
) -> None:
    host = start(rig(connect="[later]", channels="[2]"))
    assert connected(peer) == connected(peer, "emohost-audio:in_1") == []
    later = new_peer("later")
    later.play(TONE)
    wait_for(lambda: connected(peer, "emohost-audio:in_1") == [later.audio_port], "the connection")
    assert connected(peer) == []
    wait_for(lambda: host.status()["level_db"] > -30, "the tone to be heard")


def test_one_channel_is_heard_as_loud_as_it_is_beside_others_that_are_not(
    start: Callable[[str], HostProcess], peer: JackPeer
) -> None:
    """Mixed with a second one it would be 6 dB softer; the other one is not heard."""
    host = start(rig(connect="none", channels="[1]", input_channels=2))
    peer.connect("audio", "emohost-audio:in_1")
    peer.play(TONE)
    wait_for(lambda: not peer.done and host.status()["blocks"], "some blocks")
    assert host.status()["level_db"] < -100
    peer.disconnect(peer.audio_port, "emohost-audio:in_1")
    peer.connect("audio", IN)
    peer.play(TONE)
    expected = 20 * np.log10(np.sqrt(np.mean(TONE**2)))
    wait_for(lambda: abs(host.status()["level_db"] - expected) < 1, "the tone at its own level")


def test_the_client_has_the_name_that_the_rig_gives_it(
    start: Callable[[str], HostProcess], peer: JackPeer
) -> None:
    start(rig(client="ears"))
    assert peer.find("ears:in_0")
    assert not peer.find("PortAudio")
