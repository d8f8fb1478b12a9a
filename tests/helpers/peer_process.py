"""A JACK client in a process of its own, for a server that it would not survive in the tests' process.

JACK-Client, when it is closed under PipeWire, cancels its callback's thread while that may hold the interpreter lock,
and the process then hangs. So this one is never closed: it is killed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
from jack_rig import JackPeer

A4 = 440.0
TRIAD = (48, 55, 60, 64, 67)  # C major
BEAT_S, PARTIALS, LEVEL = 0.5, 6, 0.04
PLAYS_S = 120


class PeerProcess:
    """One thread. `look` says what it sees; see `Seen`."""

    def __init__(self, under: Sequence[str] = ()) -> None:
        """`under`: a command that leads its libjack to the server, as 'pw-jack'."""
        self._process = subprocess.Popen(
            [*under, sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.look()

    def look(self) -> dict[str, Any]:
        """'rate' (Hz), 'block' (frames), 'messages' (MIDI that came), 'on' (notes that a synth in its place plays
        now), 'audio' (the name of the port that it plays from)."""
        return self._ask("look")

    def play(self, root: int) -> None:
        """A major triad on `root`, 0 for C, again and again, at the rate that the server has now."""
        self._ask("play", root=root)

    def find(self, part: str, **kind: bool) -> list[str]:
        return cast(list[str], self._ask("find", part=part, kind=kind)["ports"])

    def connect(self, source: str, destination: str) -> None:
        """As JackPeer's."""
        self._ask("connect", source=source, destination=destination)

    def disconnect(self, source: str, destination: str) -> None:
        self._ask("disconnect", source=source, destination=destination)

    def connected_to(self, port: str) -> list[str]:
        """Nothing where there is no such port."""
        return cast(list[str], self._ask("connected", port=port)["ports"])

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _ask(self, what: str, **how: object) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps({"what": what, **how}), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        assert answer, f"the peer has ended: {self._process.wait()}"
        told = cast(dict[str, Any], json.loads(answer))
        assert "error" not in told, told["error"]
        return told


def triad(root: int, rate: float) -> np.ndarray:
    """Struck every half second."""
    t = np.arange(round(BEAT_S * rate)) / rate
    hz = [A4 * 2 ** ((note + root - 69) / 12) for note in TRIAD]
    wave = sum(np.sin(2 * np.pi * k * each * t) / k for each in hz for k in range(1, PARTIALS))
    beat = LEVEL * wave * np.exp(-2 * t) * np.minimum(1, t / 0.005) * np.minimum(1, (BEAT_S - t) / 0.02)
    return np.tile(beat, round(PLAYS_S / BEAT_S))


def answer(peer: JackPeer, what: str, how: dict[str, Any]) -> dict[str, object]:
    def connected(port: str) -> dict[str, object]:
        return {"ports": peer.connected_to(port) if port in peer.find(port) else []}

    answers: dict[str, Callable[..., object]] = {
        "look": lambda: {
            "rate": peer.rate,
            "block": peer.block,
            "messages": len(peer.received),
            "on": len(peer.on),
            "audio": peer.audio_port,
        },
        "play": lambda root: peer.play(triad(root, peer.rate)),
        "find": lambda part, kind: {"ports": peer.find(part, **kind)},
        "connect": peer.connect,
        "disconnect": peer.disconnect,
        "connected": connected,
    }
    return cast(dict[str, object], answers[what](**how) or {})


def main() -> None:
    peer = JackPeer()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            told = answer(peer, request.pop("what"), request)
        except Exception as error:  # the test is to see it
            told = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
