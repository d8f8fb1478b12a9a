"""A session on the real rig is kept and played again: sound and MIDI that came in through JACK, and out through it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from host_process import ALWAYS, DEVICE, HostProcess, hear, play_into_host
from host_runs import music
from jack_rig import RATE, Jackd, JackPeer, sounding
from waiting import wait_for

from emohost.control.local import send_command
from emohost.sessions.replay import replay
from emohost.sessions.session import Session

pytestmark = pytest.mark.jack
INPUTS = "midi: {api: jack, inputs: [{port: keys_in, use: [chord, ears]}]}\n"


def is_note(data: bytes) -> bool:
    return data[0] & 0xE0 == 0x80


def test_what_came_in_through_jack_plays_the_same_again(
    jackd: Jackd, new_peer: Callable[..., JackPeer], tmp_path: Path
) -> None:
    audio, _ = soundfile.read(music(tmp_path / "music.wav", 4), dtype="float32")
    peer, folder = new_peer(), tmp_path / "session"
    host = HostProcess(tmp_path, DEVICE + ALWAYS + INPUTS, options=["--record", str(folder)])
    try:
        host.wait_playing()
        hear(peer)
        peer.connect("keys", "emohost:keys_in")
        play_into_host(peer, audio)
        for note in (57, 60, 64):
            peer.send(bytes([0x90, note, 100]))
        time.sleep(1.0)
        for note in (57, 60, 64):
            peer.send(bytes([0x80, note, 0]))
        send_command("set", name="density", value=0.9)
        time.sleep(0.5)
    finally:
        assert host.end() == 0, host.log
    session = Session.open(folder)
    assert session.faults() == []
    (part,) = session.parts
    kinds = [message["midi"] for message in part.messages if message["kind"] == "input"]
    assert kinds[:3] == ["903964", "903c64", "904064"]
    played = replay(session)
    assert played.same
    assert [each.missing for each in played.parts] == [""]
    heard, rate = soundfile.read(folder / "engine-1" / "input.flac", dtype="float32")
    assert rate == RATE
    assert np.abs(heard).max() == pytest.approx(np.abs(audio).max(), abs=0.05)


def test_a_replay_is_heard_at_the_rigs_port_in_time_and_every_note_ends(
    jackd: Jackd, peer: JackPeer, tmp_path: Path
) -> None:
    rig, folder = tmp_path / "rig.yaml", tmp_path / "session"
    audio = music(tmp_path / "music.wav", 4)
    rig.write_text(f"audio: {{backend: file, path: {audio}, paced: false}}\n{ALWAYS}midi: {{api: none}}\n")
    emohost = [sys.executable, "-m", "emohost"]
    subprocess.run([*emohost, "run", "-q", "--record", str(folder), str(rig)], check=True, timeout=60)
    wanted = [
        data for part in replay(Session.open(folder)).parts for _, data, _ in part.events if is_note(data)
    ]
    playing = subprocess.Popen(
        [*emohost, "replay", "--live", "--with", "midi.api=jack", str(folder)], stdout=subprocess.PIPE
    )
    try:
        hear(peer)
        wait_for(lambda: playing.poll() is not None, "its end", 30)
    finally:
        playing.kill()
    assert playing.returncode == 0
    received = [data for _, data in peer.received if is_note(data)]
    assert received
    missed = len(wanted) - len(received)  # before the peer was connected
    assert 0 <= missed < len(wanted) / 2
    assert received == wanted[missed:]
    assert not sounding(peer.messages)
