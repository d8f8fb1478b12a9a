"""From people to the ring: consent, what is felt, what to play, within bounds.

    framework = UnifiedFramework()
    result = framework.create_with_consent(human_emotional_input)
    emotion_embedding = extract_emotion_embedding(result)
    ring_buffer.write(emotion_embedding)

Consent comes from the store (`emohost consent grant`), or with the input, as its part `consent`:

    {"person": "ada"}                               another person's, from the store
    {"signals": ["text"], "purposes": ["play"],     given here and now; kept in memory until it expires
     "expires_in_s": 600, "person": "ada"}          (`person` may be left out)
    False                                           refused, whatever the store holds
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from emohost import emotion
from emohost.bridge import ethics
from emohost.bridge.consent import SOMEONE, Consent, ConsentError, ConsentStore, inline, person_named
from emohost.bridge.intent import INTENTS, STOP, intent_of
from emohost.bridge.result import Embedding, Result
from emohost.bridge.ring import disclose, release_rings, withhold
from emohost.bridge.session import Point, Session
from emohost.bridge.signals import Signals, parts_of, take
from emohost.bridge.withdrawal import Watch

STOPPED = "stopped on request; resume() goes on"


class UnifiedFramework:
    """One person, or one audience, at a time. Any thread may call; calls wait for each other."""

    def __init__(
        self,
        person: str = SOMEONE,
        *,
        people: Path | None = None,
        seed: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """person: whose consent is asked for unless an input names another; `people`: the folder of consents instead
        of the user's; `seed`: of what is tried out to learn a taste; `clock`: steady seconds."""
        self._person = person_named(person)
        self._store = ConsentStore(people)
        self._seed = seed
        self._clock = clock
        self._lock = threading.RLock()
        self._watch = Watch(self)
        self._listeners: list[Callable[[], None]] = []
        self._steering = ethics.Steering()
        self._stopped = False
        self._here: dict[str, Consent] = {}  # consents that came with an input
        self._session: Session | None = None
        self._generation = 0  # counts sessions: a result of one that has ended is void

    def create_with_consent(self, human_emotional_input: Mapping[str, Any]) -> Result:
        """What the input, with what came before it, says of what is felt (signals.py has its parts), and what to play.

        `created` is False, with the reason, without a consent that covers some of its signals for `play`; then nothing
        but its parts `consent` and `intent` has been looked into, and nothing of it is kept. Signals that are not
        covered, and sensors that are dead, are left out and named. Raises SignalError if it is no mapping.
        """
        parts = parts_of(human_emotional_input)
        intent, mistake = intent_of(parts.get("intent"))
        with self._lock:
            if intent == STOP:
                self.stop()
            admitted = self._admit(parts)
            if isinstance(admitted, str):
                return Result.refused(admitted)
            consent, signals = admitted
            session = self._begin(consent)
            session.take(signals, self._clock())
            session.intent = intent
            if mistake is not None:
                session.left_out["intent"] = mistake
            return self._result(session)

    def calibrate(self, human_emotional_input: Mapping[str, Any]) -> Result:
        """Takes the bodily and vocal signals of an input as those of rest, under the same consent. A baseline counts
        from 20 readings on; it is kept on disk only with consent to `record`. Raises SignalError."""
        parts = parts_of(human_emotional_input)
        with self._lock:
            admitted = self._admit(parts)
            if isinstance(admitted, str):
                return Result.refused(admitted)
            consent, signals = admitted
            session = self._begin(consent)
            session.rest(signals, self._clock())
            return self._result(session)

    def evolve_from_feedback(self, rating: float) -> None:
        """Learns from a rating, -1 (not at all) to 1 (very much), of what was last extracted. Needs consent to
        `feedback` for `play`; what is learnt is kept on disk only with `record`. Raises ConsentError, and ValueError
        for another rating, or when nothing was extracted that taste could move."""
        with self._lock:
            self._holding().rate(rating)

    def reset_taste(self) -> None:
        """Forgets what ratings have taught, on disk as well. Raises ConsentError."""
        with self._lock:
            self._holding().reset_taste()

    def shared_state(self) -> tuple[float, float, float] | None:
        """What is felt now, for other rigs: valence, arousal, and how much is known, [0, 1]. None without consent to
        `share`. For EmotionalField.share."""
        with self._lock:
            session = self._session
            if session is None or "share" not in session.consent.purposes or not self.check_consent():
                return None
            felt = session.feeling.at(self._clock())
            return float(felt.mean[0]), float(felt.mean[1]), felt.confidence

    def revoke(self) -> None:
        """Ends the consent in use, deletes what was kept under it and lets the music return to neutral."""
        with self._lock:
            person = self._person if self._session is None else self._session.consent.person
            self._here.pop(person, None)
            self._store.revoke(person)
            self._withdraw()

    def stop(self) -> None:
        """On anyone's request, consent or not: forgets the state, lets the music return to neutral, and creates
        nothing until `resume`. An input with the intent `stop` does the same."""
        with self._lock:
            self._stopped = True
            self._withdraw()

    def resume(self) -> None:
        with self._lock:
            self._stopped = False

    def on_withdrawn(self, listener: Callable[[], None]) -> None:
        """Calls `listener`, on any thread, when consent ends or a stop is asked for. The rings of this process are let
        go of by themselves; this is for what else a program holds of the person."""
        with self._lock:
            self._listeners.append(listener)

    def status(self) -> dict[str, Any]:
        """What is inferred, about whom, from what and why; until when; within which bounds. Plain values."""
        with self._lock:
            said: dict[str, Any] = {"about": None, "bounds": ethics.bounds(), "stopped": self._stopped}
            session = self._session
            if session is None or not self.check_consent():
                return said
            return said | {
                "about": session.consent.person,
                "infers": ["valence", "arousal"],
                "from": list(session.feeling.used),
                "left_out": dict(session.left_out),
                "why": INTENTS[session.intent].what,
                "intent": session.intent,
                "ratings": session.ratings,
                "consent": session.consent.as_json(),
            }

    def check_consent(self) -> bool:
        """Withdraws if the consent in use holds no more. False when none is in use (any more)."""
        with self._lock:
            if self._session is None:
                return False
            used = self._session.consent
            valid = self._valid(used.person)
            if valid is None or not used.within(valid):
                self._withdraw()
                return False
            return True

    def _admit(self, parts: Mapping[str, Any]) -> tuple[Consent, Signals] | str:
        """The consent, and what it lets be used of the input; or why nothing is."""
        if self._stopped:
            return STOPPED
        try:
            consent = self._consent_for(parts.get("consent"))
        except ConsentError as error:
            self.check_consent()
            return str(error)
        if "play" not in consent.purposes:
            return f"the consent of {consent.person!r} does not cover play"
        signals = take(parts, consent.signals)
        if not signals.offered:
            return "the input holds no signal"
        if signals.denied == signals.offered:
            return f"the consent of {consent.person!r} covers none of the signals that the input holds"
        return consent, signals

    def _consent_for(self, part: object) -> Consent:
        """The consent under which an input may be used. Raises ConsentError that says why there is none."""
        person = self._person
        if isinstance(part, Mapping):
            person = person_named(part.get("person", person))
            if set(part) - {"person"}:
                now = time.time()
                self._here = {name: each for name, each in self._here.items() if each.holds(now)}
                self._here[person] = inline(part, person, now)
        elif part is not None:
            self._here.pop(person, None)
            if self._session is not None and self._session.consent.person == person:
                self._withdraw()
            raise ConsentError("consent was refused")
        if (consent := self._valid(person)) is None:
            whose = repr(person) if person == self._person else "the person named"
            raise ConsentError(
                f"there is no consent of {whose}, or it has expired or was revoked (emohost consent grant)"
            )
        return consent

    def _valid(self, person: str) -> Consent | None:
        """One that came with an input, while it lasts; else the store's."""
        here = self._here.get(person)
        if here is not None and here.holds(time.time()):
            return here
        self._here.pop(person, None)
        return self._store.find(person)

    def _begin(self, consent: Consent) -> Session:
        """The session goes on, or begins anew: for another person, and where less is allowed than before."""
        session = self._session
        if session is not None and not (
            session.consent.person == consent.person and session.consent.within(consent)
        ):
            self._withdraw()
            session = None
        if session is None:
            session = self._session = Session(consent, self._store, self._seed)
        session.consent = consent
        self._watch.begin()
        return session

    def _result(self, session: Session) -> Result:
        valence, arousal = session.point
        point, intent, generation = session.wanted(), session.intent, self._generation
        tracker = session.feeling.tracker
        return Result(
            created=True,
            valence=valence,
            arousal=arousal,
            variance=(float(tracker.variance[0]), float(tracker.variance[1])),
            weight=tracker.confidence,
            intent=intent,
            used=session.feeling.used,
            left_out=dict(session.left_out),
            _release=lambda: self._leave(point, intent, generation),
        )

    def _leave(self, point: Point, intent: str, generation: int) -> Embedding:
        """The one way out: whatever was felt, wanted, learnt or rated passes the bounds here."""
        with self._lock:
            session = self._holding()
            if generation != self._generation:
                raise ConsentError("the consent to this result has ended")
            left = self._steering.leave(*session.tasted(point, intent), self._clock())
            session.played(point, intent, left)
            disclose(session.disclosure())
            withhold(self, "record" not in session.consent.purposes)
            return emotion.encode(*left)

    def _holding(self) -> Session:
        """The session, if its consent still holds. Raises ConsentError."""
        if self._stopped:
            raise ConsentError(STOPPED)
        session = self._session
        if session is None or not self.check_consent():
            raise ConsentError("there is no consent in use, or it has expired or was revoked")
        return session

    def _withdraw(self) -> None:
        """Forgets all that is held of the person, and has it taken off the rings."""
        if self._session is None:
            return
        self._session = None
        self._generation += 1
        release_rings()
        for listener in self._listeners:
            with contextlib.suppress(Exception):  # one that fails must not keep the others from hearing it
                listener()
