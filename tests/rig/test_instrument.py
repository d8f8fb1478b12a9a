"""A software synth as the instrument: a plugin's host takes the notes, and sound comes out."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from host_process import ALWAYS, DEVICE, JACK_MIDI, PORT, HostProcess, hear
from jack_rig import Jackd, JackPeer
from waiting import wait_for

pytestmark = pytest.mark.jack
SYNTH, PLUGIN = "http://drobilla.net/plugins/mda/EPiano", Path("/usr/lib/lv2/mda.lv2")
HEARD, SILENT = 0.01, 1e-4  # of full scale


@pytest.fixture
def synth(jackd: Jackd, peer: JackPeer, tmp_path: Path) -> Iterator[str]:
    """jalv with an electric piano; the name of its MIDI input."""
    if shutil.which("jalv") is None or not PLUGIN.exists():
        pytest.skip("jalv or its instrument is not installed (Debian: jalv, mda-lv2)")
    with (tmp_path / "jalv.txt").open("wb") as said:
        playing = subprocess.Popen(
            ["jalv", "-i", "-n", "piano", SYNTH],
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=said,
            env={**os.environ},
        )
    try:
        wait_for(lambda: peer.find("piano:", is_midi=True, is_input=True), "the synth's ports")
        (keys,) = peer.find("piano:", is_midi=True, is_input=True)
        for output in peer.find("piano:", is_audio=True, is_output=True):
            peer.connect(output, "input")
        yield keys
    finally:
        playing.kill()
        playing.wait()


def loudest_of_next(peer: JackPeer, cycles: int) -> float:
    peer.loudest = 0.0
    until = peer.cycle[0] + cycles * peer.block
    wait_for(lambda: peer.cycle[0] > until, "JACK's cycles")
    return peer.loudest


def test_a_synth_sounds_while_the_host_plays_and_falls_silent_with_it(
    synth: str, peer: JackPeer, start: Callable[[str], HostProcess]
) -> None:
    assert loudest_of_next(peer, 100) < SILENT
    host = start(DEVICE + ALWAYS + JACK_MIDI)
    hear(peer)
    peer.connect(PORT, synth)
    wait_for(lambda: peer.loudest > HEARD, "the synth to sound")
    wait_for(lambda: len(peer.received) > 100, "a hundred messages")
    assert loudest_of_next(peer, 400) > HEARD  # a second
    assert host.end() == 0, host.log
    wait_for(lambda: loudest_of_next(peer, 100) < SILENT, "silence: a note of the synth hangs")
