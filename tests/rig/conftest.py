from __future__ import annotations

from collections.abc import Iterator

import pytest
from jack_rig import Jackd, running_jackd


@pytest.fixture
def jackd(monkeypatch: pytest.MonkeyPatch) -> Iterator[Jackd]:
    with running_jackd(monkeypatch) as server:
        yield server
