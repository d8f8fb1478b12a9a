from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from jack_rig import Jackd, JackPeer, running_jackd


@pytest.fixture
def jackd(monkeypatch: pytest.MonkeyPatch) -> Iterator[Jackd]:
    with running_jackd(monkeypatch) as server:
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
