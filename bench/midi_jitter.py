"""How evenly MIDI comes out of the port: notes at 200 beats a minute, each against the frame that the music gave it.

`python bench/midi_jitter.py [--blocks 64,128,...] [--seconds 20]` plays `emohost run` on jackd's dummy driver;
`pw-jack python bench/midi_jitter.py --pipewire` on a PipeWire of its own. For each length of a cycle it prints how far
the notes' frames at a JACK client lie from those of a render of the same input: the spread is the jitter, the distance
the latency from a sound to its note.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "helpers"))

from host_process import HostProcess, hear
from jack_rig import RATE, JackPeer, running_jackd, wait_for
from pipewire_rig import running_pipewire

from emohost.config import load_rig
from emohost.offline.engine import build_engine

BLOCKS = "64,128,256,512,1024,2048"
LISTEN = """
audio: {{backend: portaudio, device: {device}, host_api: JACK, block_size: {block}, sample_rate: 48000}}
music: {{play: always, clock: {{source: internal}}, tempo: 200, key: A minor}}
midi: {{api: jack}}
"""
CLICK = np.concatenate(
    [np.full(1, 1e-6, np.float32), np.zeros(4800, np.float32)]
)  # tells which frame is which


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--blocks", default=BLOCKS)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--pipewire", action="store_true")
    arguments = parser.parse_args()
    running = running_pipewire if arguments.pipewire else running_jackd
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setenv("EMOHOST_RUNTIME", str(Path(folder) / "run"))
        with running(patch) as server:
            print("frames of a cycle   notes   jitter: p50  p99  max   latency p50 ms   played late")
            for block in map(int, arguments.blocks.split(",")):
                if arguments.pipewire:
                    server.force(quantum=block)
                else:
                    server.end()
                    server.start(block=block)
                measured = measure(Path(folder), block, arguments)
                print(
                    f"{block:17d} {measured.notes:7d}  {measured.jitter[0]:10.3f} {measured.jitter[1]:5.2f} "
                    f"{measured.jitter[2]:5.2f} {measured.latency:14.2f}   {measured.late}",
                    flush=True,
                )


def measure(folder: Path, block: int, arguments: argparse.Namespace) -> SimpleNamespace:
    """Milliseconds."""
    device = "mic" if arguments.pipewire else "system"
    peer = JackPeer()
    host = HostProcess(folder, LISTEN.format(device=device, block=block))
    try:
        host.wait_playing()
        hear(peer)
        (capture,) = [name for name in peer.find("in_", is_audio=True, is_input=True) if "system" not in name]
        peer.connect("audio", capture)
        time.sleep(0.5)
        peer.play(CLICK)
        wait_for(lambda: host.status().get("first_sound_frame"), "the click to be heard")
        first = int(str(host.status()["first_sound_frame"]))
        peer.received.clear()
        time.sleep(arguments.seconds)
        got = notes(peer.received)
        late = host.status()["lateness_ms"]
        host.end()
    finally:
        host.kill()
        peer.close()
    assert peer.played_from is not None
    expected = rendered(host.config, first, got[-1][0] - peer.played_from + first + RATE)
    frames = aligned(got, expected)
    distance = (frames[:, 0] - frames[:, 1] - (peer.played_from - first)) * 1e3 / RATE
    jitter = np.abs(distance - np.median(distance))
    return SimpleNamespace(
        notes=len(distance),
        jitter=[*np.percentile(jitter, [50, 99]), jitter.max()],
        latency=float(np.median(distance)),
        late=late,
    )


def notes(events: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    return [(frame, data[:2]) for frame, data in events if data[0] & 0xF0 == 0x90 and data[2]]


def rendered(config: Path, first: int, frames: int) -> list[tuple[int, bytes]]:
    """What the same rig plays to the same input, offline."""
    loaded = load_rig(config)
    engine = build_engine(loaded.rig, loaded.base, RATE, 1, 512).engine
    audio = np.zeros((frames, 1), np.float32)
    audio[first] = CLICK[0]
    return notes([(frame, data) for frame, data, _ in engine.render(audio, 512)])


def aligned(got: list[tuple[int, bytes]], expected: list[tuple[int, bytes]]) -> np.ndarray:
    """(note, 2): the frame at which each note came, and that of the same note in the render."""
    found = [data for _, data in got]
    for start in range(len(expected) - len(found) + 1):
        if [data for _, data in expected[start : start + len(found)]] == found:
            times = [frame for frame, _ in expected[start : start + len(found)]]
            return np.array([[frame for frame, _ in got], times], dtype=np.float64).T
    raise SystemExit("the notes that came are not those of the render: some were lost, or a block was")


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
