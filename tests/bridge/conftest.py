"""A folder of consents that is not this machine's, and a clock that tests turn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hand_clock import Clock

from emohost.bridge.consent import PURPOSES, SIGNALS, Consent, ConsentStore
from emohost.bridge.framework import UnifiedFramework


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "people"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def grant(people: Path) -> Callable[..., Consent]:
    """Grants `me` everything for an hour, or what is given."""

    def give(
        signals: tuple[str, ...] = SIGNALS,
        purposes: tuple[str, ...] = PURPOSES,
        seconds: float = 3600,
        person: str = "me",
    ) -> Consent:
        consent = Consent.of(person, signals, purposes, seconds)
        ConsentStore(people).grant(consent)
        return consent

    return give


@pytest.fixture
def framework(people: Path, clock: Clock) -> UnifiedFramework:
    return UnifiedFramework(people=people, clock=clock)
