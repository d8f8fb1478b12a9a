from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from host_process import HostProcess
from jack_rig import ON_PIPEWIRE, Jackd, JackPeer, running_jackd
from pipewire_rig import PipeWire, running_pipewire


@pytest.fixture
def jackd(monkeypatch: pytest.MonkeyPatch) -> Iterator[Jackd | PipeWire]:
    """A JACK server, or what stands in its place where test_pipewire.py runs the test."""
    with (running_pipewire if ON_PIPEWIRE else running_jackd)(monkeypatch) as server:
        yield server


@pytest.fixture
def new_peer(jackd: Jackd) -> Iterator[Callable[..., JackPeer]]:
    """Makes JACK clients; they are closed while the server still runs, whatever becomes of the test."""
    peers: list[JackPeer] = []

    def make(name: str = "peer") -> JackPeer:
        peers.append(JackPeer(name))
        return peers[-1]

    yield make
    for peer in peers:
        peer.close()


@pytest.fixture
def peer(new_peer: Callable[..., JackPeer]) -> JackPeer:
    return new_peer()


@pytest.fixture(autouse=True)
def _own_control_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOHOST_RUNTIME", str(tmp_path / "run"))


@pytest.fixture
def start(jackd: Jackd, tmp_path: Path) -> Iterator[Callable[..., HostProcess]]:
    hosts: list[HostProcess] = []

    def start(text: str, **environment: str) -> HostProcess:
        hosts.append(HostProcess(tmp_path, text, **environment))
        hosts[-1].wait_playing()
        return hosts[-1]

    yield start
    for host in hosts:
        host.kill()
