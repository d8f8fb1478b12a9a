"""A keyboard on the real rig: its chord is what the band plays, also with the engine after a loss; and what it plays
goes on to the synth at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest
from host_process import ALWAYS, DEVICE, HostProcess, hear
from jack_rig import BLOCK, RATE, JackPeer
from waiting import wait_for

pytestmark = pytest.mark.jack
PORTS = "midi: {api: jack, inputs: [{port: keyboard, use: [chord, key], thru: true}]}\n"
OWN = 12  # a channel that no part has


def own(peer: JackPeer) -> list[tuple[int, bytes]]:
    return [(frame, data) for frame, data in peer.received if data[0] & 15 == OWN]


def test_a_keyboard_says_the_chord_and_the_key_and_is_heard_itself(
    start: Callable[..., HostProcess], peer: JackPeer
) -> None:
    host = start(DEVICE + ALWAYS + PORTS)
    hear(peer)
    wait_for(lambda: peer.find("emohost:keyboard"), "the keyboard's port")
    peer.connect("keys", "emohost:keyboard")

    notes = (54, 58, 61)  # F#, far from A minor
    peer.send(*[bytes([0x90 | OWN, note, 80]) for note in notes])
    wait_for(lambda: host.status().get("chord_played") == "F#:maj", "the chord")
    assert (host.status()["chord_heard"], host.status()["key"]) == ("F#:maj", "F# major")

    os.kill(host.engine_pid, signal.SIGKILL)
    wait_for(lambda: host.status().get("restarts") == 1, "the loss")
    wait_for(lambda: host.status().get("state") == "playing", "the next engine")
    wait_for(lambda: host.status().get("chord_heard") == "F#:maj", "the chord, which is still held")
    wait_for(lambda: host.status().get("key") == "F# major", "the key, likewise")

    peer.send(*[bytes([0x80 | OWN, note, 0]) for note in notes])
    wait_for(lambda: host.status().get("key") != "F# major", "the key to be the rig's again")

    wait_for(lambda: len(peer.sent) == 2 * len(notes), "the hand to be lifted")
    wait_for(lambda: own(peer)[-1][0] >= peer.sent[-1][0], "the last of it to be heard itself")
    peer.sent.clear()
    peer.received.clear()
    mine = [
        bytes([0xB0 | OWN, 64, 127]),
        bytes([0x90 | OWN, 60, 80]),
        bytes([0x80 | OWN, 60, 0]),
        bytes([0xE0 | OWN, 0, 80]),
        bytes([0xB0 | OWN, 64, 0]),
    ]
    peer.send(*mine)
    wait_for(lambda: len(own(peer)) == len(mine), "what was played")
    assert [data for _, data in own(peer)] == mine
    late = {there - here for (here, _), (there, _) in zip(peer.sent, own(peer), strict=True)}
    assert late <= {0, BLOCK, 2 * BLOCK}  # on the same frame of the cycle that it was read in

    peer.send(bytes([0x90 | OWN, 72, 80]), bytes([0xB0 | OWN, 64, 127]))
    wait_for(lambda: (OWN, 72) in peer.on, "a note that is held to the end")
    assert host.end() == 0, host.log
    wait_for(lambda: not peer.on, "silence")
    assert own(peer)[-1][1] != bytes([0xB0 | OWN, 64, 127])


def test_a_keyboard_is_heard_in_place_of_a_microphone(
    start: Callable[..., HostProcess], peer: JackPeer
) -> None:
    host = start(
        "audio: {backend: dummy}\nmusic: {clock: {source: internal}, enter: {how: at_once}}\n"
        "midi: {api: jack, inputs: [{port: keyboard, use: [ears]}]}\n"
    )
    hear(peer)
    wait_for(lambda: peer.find("emohost:keyboard"), "the keyboard's port")
    peer.connect("keys", "emohost:keyboard")
    assert host.status()["level_db"] < -100

    def played_until(condition: Callable[[], object], what: str) -> None:
        """A chord twice a second."""

        def played() -> bool:
            struck = peer.frame
            peer.send(*[bytes([0x90, note, 100]) for note in (53, 60, 65, 69)])
            wait_for(lambda: condition() or peer.frame > struck + RATE // 2, "half a second")
            peer.send(*[bytes([0x80, note, 0]) for note in (53, 60, 65, 69)])
            return bool(condition())

        wait_for(played, what)

    played_until(lambda: host.status()["chord_heard"] == "F:maj", "the chord to be heard")
    assert host.status()["level_db"] > -40
    played_until(lambda: host.status()["notes"] > 0, "the band to play along")
    assert host.end() == 0, host.log
