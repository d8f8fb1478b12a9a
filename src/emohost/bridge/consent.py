"""What a person allows: which signals, for what, until when. Nothing about a person is used without it.

A consent is explicit (no signal and no purpose is implied by another), scoped, expiring and revocable. It lies in a
folder of the person's own, beside whatever is kept of that person, so that revoking is deleting the folder:

    PEOPLE/NAME/consent.json    the consent
    PEOPLE/NAME/*.json          what is kept under it: taste, baseline

PEOPLE is `people` in the user's data folder. Every use reads the consent anew, so that what another process revokes is
revoked here. A consent that cannot be read is none. Pure but for files; any thread, any number of processes.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from emohost.errors import EmohostError
from emohost.files import replacing

# What can be consented to. `feedback` are a person's ratings of what was played.
SIGNALS = ("text", "heart_rate", "gsr", "eeg_alpha", "voice", "affect", "feedback")
# play: infer valence and arousal and let the music follow. record: keep taste and baseline on this machine.
# share: give the inferred valence and arousal to other rigs.
PURPOSES = ("play", "record", "share")
LONGEST_S = 366 * 86400.0
SOMEONE = "me"  # the person meant where nobody is named

_PERSON = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_FILE = "consent.json"
_CLOCKS_APART_S = 60.0


class ConsentError(EmohostError):
    """A consent that is none, or something that needs one and has none. Says what is missing, never what was sent."""


@dataclass(frozen=True)
class Consent:
    """Of one person: every signal named, for every purpose named. Times are Unix seconds."""

    person: str
    signals: frozenset[str]
    purposes: frozenset[str]
    granted_at: float
    expires_at: float

    @classmethod
    def of(
        cls,
        person: str,
        signals: Iterable[str],
        purposes: Iterable[str],
        seconds: float,
        now: float | None = None,
    ) -> Consent:
        """From now on, for so many seconds. Raises ConsentError for an empty or unknown scope, or a term that is not
        between 0 and a year."""
        person_named(person)
        granted_at = time.time() if now is None else now
        if not _is_number(seconds) or not 0 < seconds <= LONGEST_S:
            raise ConsentError(f"consent: expected a term of more than 0 and at most {LONGEST_S:.0f} seconds")
        return cls(
            person,
            _scope("signals", signals, SIGNALS),
            _scope("purposes", purposes, PURPOSES),
            granted_at,
            granted_at + seconds,
        )

    def allows(self, signal: str, purpose: str) -> bool:
        return signal in self.signals and purpose in self.purposes

    def holds(self, now: float) -> bool:
        return self.granted_at - _CLOCKS_APART_S <= now < self.expires_at

    def within(self, other: Consent) -> bool:
        """Nothing is allowed here that is not allowed in `other`."""
        return self.signals <= other.signals and self.purposes <= other.purposes

    def as_json(self) -> dict[str, Any]:
        return {
            "person": self.person,
            "signals": sorted(self.signals),
            "purposes": sorted(self.purposes),
            "granted_at": self.granted_at,
            "expires_at": self.expires_at,
        }


def person_named(person: object) -> str:
    """Raises ConsentError for what is no name: it becomes a folder's."""
    if not isinstance(person, str) or not _PERSON.fullmatch(person):
        raise ConsentError("consent: person: expected a name of 1 to 64 letters, digits, '-' or '_'")
    return person


class ConsentStore:
    """The consents on this machine, for its user alone."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` instead of the user's data folder. It is made when the first consent is granted."""
        self.folder = (
            platformdirs.user_data_path("emohost", appauthor=False) / "people" if folder is None else folder
        )

    def grant(self, consent: Consent) -> None:
        """Replaces the person's consent. Where the new one allows less than the old one did, what was kept under the
        old one is deleted. Raises OSError."""
        place = self.folder / person_named(consent.person)
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        before = self._read(consent.person)
        if before is None or not before.within(consent):
            for kept in place.glob("*.json"):
                kept.unlink(missing_ok=True)
        _write_private(place / _FILE, json.dumps(consent.as_json(), indent=1).encode())

    def find(self, person: str, now: float | None = None) -> Consent | None:
        """The consent that holds now. One that has expired is deleted, with all that was kept under it."""
        consent = self._read(person_named(person))
        if consent is None:
            return None
        if not consent.holds(time.time() if now is None else now):
            self.revoke(person)
            return None
        return consent

    def everyone(self) -> list[Consent]:
        """All that hold, by name; the expired ones are deleted."""
        if not self.folder.is_dir():
            return []
        names = sorted(place.name for place in self.folder.iterdir() if _PERSON.fullmatch(place.name))
        return [consent for name in names if (consent := self.find(name)) is not None]

    def revoke(self, person: str) -> bool:
        """Deletes the consent first, then all that was kept. False if there was nothing. Raises OSError."""
        place = self.folder / person_named(person)
        found = place.is_dir()
        (place / _FILE).unlink(missing_ok=True)
        for _ in range(10):  # somebody may have been writing
            shutil.rmtree(place, ignore_errors=True)
            if not place.exists():
                return found
            time.sleep(0.01)
        shutil.rmtree(place)
        return found

    def keep(self, person: str, name: str, data: bytes) -> bool:
        """Keeps `data` as PERSON/NAME.json while the consent lasts. False, and nothing is left, where there is none
        for `record`. Raises OSError."""
        place = self.folder / person_named(person)
        if not self._may_keep(person):
            return False
        try:
            _write_private(place / f"{name}.json", data)
        except FileNotFoundError:
            return False  # revoked meanwhile
        if self._may_keep(person):
            return True
        with contextlib.suppress(OSError):
            (place / f"{name}.json").unlink(missing_ok=True)
            place.rmdir()
        return False

    def kept(self, person: str, name: str) -> bytes | None:
        """What `keep` kept; None where there is nothing, or no consent for `record`."""
        if not self._may_keep(person):
            return None
        try:
            return (self.folder / person_named(person) / f"{name}.json").read_bytes()
        except OSError:
            return None

    def forget(self, person: str, name: str) -> None:
        """Deletes what `keep` kept under this name. Raises OSError."""
        (self.folder / person_named(person) / f"{name}.json").unlink(missing_ok=True)

    def _may_keep(self, person: str) -> bool:
        consent = self.find(person)
        return consent is not None and "record" in consent.purposes

    def _read(self, person: str) -> Consent | None:
        try:
            found = json.loads((self.folder / person / _FILE).read_bytes())
            consent = Consent(
                person_named(found["person"]),
                _scope("signals", found["signals"], SIGNALS),
                _scope("purposes", found["purposes"], PURPOSES),
                float(found["granted_at"]),
                float(found["expires_at"]),
            )
        except (OSError, ValueError, KeyError, TypeError, RecursionError, ConsentError):
            return None
        return consent if consent.person == person and _in_order(consent) else None


def inline(part: Mapping[str, Any], person: str, now: float | None = None) -> Consent:
    """The consent that comes with an input: {"signals": [...], "purposes": [...], "expires_in_s": number}. All three
    must be there. Raises ConsentError."""
    missing = [name for name in ("signals", "purposes", "expires_in_s") if name not in part]
    if missing:
        raise ConsentError(f"consent: expected signals, purposes and expires_in_s; {missing[0]} is missing")
    return Consent.of(person, part["signals"], part["purposes"], part["expires_in_s"], now)


def _in_order(consent: Consent) -> bool:
    term = consent.expires_at - consent.granted_at
    return math.isfinite(term) and 0 < term <= LONGEST_S


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _scope(what: str, names: object, known: tuple[str, ...]) -> frozenset[str]:
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise ConsentError(f"consent: {what}: expected a list of {', '.join(known)}")
    chosen = list(names)
    if not chosen or not all(isinstance(name, str) and name in known for name in chosen):
        raise ConsentError(f"consent: {what}: expected at least one, all of them of {', '.join(known)}")
    return frozenset(chosen)


def _write_private(path: Path, data: bytes) -> None:
    """Readable by this user alone from its first byte on."""
    with replacing(path) as temporary:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
