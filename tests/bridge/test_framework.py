"""The framework as its users call it: the example, consent in front of everything, revoking, stopping, telling."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from bridge_input import INPUT
from hand_clock import Clock
from hypothesis import given, settings
from hypothesis import strategies as st

from emohost import emotion
from emohost.bridge.consent import Consent, ConsentError, ConsentStore
from emohost.bridge.ethics import AROUSAL, VALENCE
from emohost.bridge.framework import UnifiedFramework
from emohost.bridge.intent import INTENTS
from emohost.bridge.result import extract_emotion_embedding
from emohost.bridge.signals import SignalError
from emohost.bridge.taste import REACH

Grant = Callable[..., Consent]
Call = tuple[float, float, str, float | None, float]  # valence, arousal, intent, rating, seconds


class Ring:
    def __init__(self) -> None:
        self.written: list[np.ndarray] = []

    def write(self, embedding: np.ndarray, weight: float = 1.0) -> None:
        self.written.append(embedding)


def test_the_example_runs_unchanged(people: Path, grant: Grant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: people.parent)
    grant()
    human_emotional_input, ring_buffer = INPUT, Ring()

    framework = UnifiedFramework()
    result = framework.create_with_consent(human_emotional_input)
    emotion_embedding = extract_emotion_embedding(result)
    ring_buffer.write(emotion_embedding)

    (embedding,) = ring_buffer.written
    assert (embedding.dtype, embedding.shape) == (np.dtype(np.float32), (64,))
    valence, arousal = emotion.decode(embedding)
    assert valence > 0.4
    assert arousal > 0.1
    assert result.created


def test_without_consent_nothing_is_created_and_the_reason_is_given(framework: UnifiedFramework) -> None:
    result = framework.create_with_consent(INPUT)
    assert not result.created
    assert "no consent" in (result.reason or "")
    assert (result.valence, result.arousal, result.used) == (None, None, ())
    with pytest.raises(ConsentError, match="no consent"):
        extract_emotion_embedding(result)


def test_only_covered_signals_are_used_and_the_others_named(
    framework: UnifiedFramework, grant: Grant
) -> None:
    grant(("text", "voice"), ("play",))
    result = framework.create_with_consent(INPUT)
    assert set(result.used) == {"text", "voice_tone", "voice_intensity"}
    denied = {"heart_rate", "gsr", "eeg_alpha", "affect_valence", "affect_arousal"}
    assert dict(result.left_out) == dict.fromkeys(denied, "no consent")


@pytest.mark.parametrize(
    ("signals", "purposes", "said"),
    [(("gsr",), ("play",), "none of the signals"), (("text",), ("record", "share"), "does not cover play")],
)
def test_consent_to_something_else_is_none(
    framework: UnifiedFramework, grant: Grant, signals: tuple[str, ...], purposes: tuple[str, ...], said: str
) -> None:
    grant(signals, purposes)
    result = framework.create_with_consent({"text": "hello"})
    assert not result.created
    assert said in (result.reason or "")


def test_a_consent_may_come_with_the_input_and_lasts_as_long_as_it_says(
    framework: UnifiedFramework, people: Path
) -> None:
    terms = {"signals": ["text"], "purposes": ["play"], "expires_in_s": 0.2}
    assert framework.create_with_consent({"text": "a fine day", "consent": terms}).created
    assert framework.create_with_consent({"text": "a fine day"}).created
    time.sleep(0.25)
    assert not framework.create_with_consent({"text": "a fine day"}).created
    assert not people.exists()


def test_refusing_in_the_input_beats_what_is_stored(framework: UnifiedFramework, grant: Grant) -> None:
    grant()
    before = framework.create_with_consent(INPUT)
    refused = framework.create_with_consent({**INPUT, "consent": False})
    assert (refused.created, refused.reason) == (False, "consent was refused")
    assert framework.status()["about"] is None
    with pytest.raises(ConsentError):
        extract_emotion_embedding(before)


def test_an_input_may_name_another_person_whose_consent_then_counts(
    framework: UnifiedFramework, grant: Grant
) -> None:
    grant(person="ada")
    assert not framework.create_with_consent(INPUT).created
    assert framework.create_with_consent({**INPUT, "consent": {"person": "ada"}}).created
    assert framework.status()["about"] == "ada"
    assert not framework.create_with_consent({**INPUT, "consent": {"person": "bob"}}).created


def test_what_one_person_felt_says_nothing_of_another(framework: UnifiedFramework, grant: Grant) -> None:
    grant(person="ada")
    grant(person="bob")
    framework.create_with_consent({"affect": {"valence": 0.9}, "consent": {"person": "ada"}})
    bob = framework.create_with_consent({"affect": {"arousal": 0.1}, "consent": {"person": "bob"}})
    assert bob.valence == 0


@pytest.mark.parametrize("way", ["another process", "expiry", "narrower", "here", "stop", "stop as intent"])
def test_what_ends_consent_ends_the_influence_well_within_two_seconds(
    way: str, framework: UnifiedFramework, people: Path, grant: Grant
) -> None:
    withdrawn: list[float] = []
    framework.on_withdrawn(lambda: withdrawn.append(time.monotonic()))
    grant(seconds=0.3 if way == "expiry" else 3600)
    result = framework.create_with_consent(INPUT)
    extract_emotion_embedding(result)
    started = time.monotonic()
    if way == "another process":
        ConsentStore(people).revoke("me")
    elif way == "narrower":
        grant(signals=("gsr",))
    elif way == "here":
        framework.revoke()
    elif way == "stop":
        framework.stop()
    elif way == "stop as intent":
        assert not framework.create_with_consent({"intent": {"type": "stop"}}).created
    while not withdrawn and time.monotonic() < started + 10:
        time.sleep(0.01)
    assert len(withdrawn) == 1
    assert framework.status()["about"] is None
    with pytest.raises(ConsentError):
        extract_emotion_embedding(result)
    if way not in ("stop", "stop as intent", "narrower"):
        assert not (people / "me").exists()


def test_a_stop_lasts_until_it_is_lifted(framework: UnifiedFramework, grant: Grant) -> None:
    grant()
    framework.stop()
    assert "stopped on request" in (framework.create_with_consent(INPUT).reason or "")
    assert framework.status()["stopped"] is True
    framework.resume()
    assert framework.create_with_consent(INPUT).created


def test_taste_is_kept_only_where_recording_is_allowed(people: Path, clock: Clock, grant: Grant) -> None:
    def rated(ratings: int) -> UnifiedFramework:
        framework = UnifiedFramework(people=people, clock=clock)
        for _ in range(ratings):
            extract_emotion_embedding(framework.create_with_consent(INPUT))
            framework.evolve_from_feedback(0.5)
        return framework

    grant(purposes=("play",))
    assert rated(3).status()["ratings"] == 3
    assert not (people / "me" / "taste.json").exists()
    grant(purposes=("play", "record"))
    rated(3)
    again = rated(1)
    assert again.status()["ratings"] == 4
    again.reset_taste()
    assert again.status()["ratings"] == 0
    assert not (people / "me" / "taste.json").exists()
    rated(2).revoke()
    assert not (people / "me").exists()


def test_ratings_need_a_consent_and_something_to_rate(framework: UnifiedFramework, grant: Grant) -> None:
    with pytest.raises(ConsentError):
        framework.evolve_from_feedback(1)
    grant(signals=("text",))
    extract_emotion_embedding(framework.create_with_consent(INPUT))
    with pytest.raises(ConsentError, match="feedback"):
        framework.evolve_from_feedback(1)
    framework.revoke()
    grant()
    result = framework.create_with_consent(INPUT)
    with pytest.raises(ValueError, match="nothing has been extracted"):
        framework.evolve_from_feedback(1)
    extract_emotion_embedding(result)
    with pytest.raises(ValueError, match="-1"):
        framework.evolve_from_feedback(5)


def test_a_baseline_of_ones_own_is_learnt_at_rest_and_kept(people: Path, clock: Clock, grant: Grant) -> None:
    grant()
    framework = UnifiedFramework(people=people, clock=clock)
    for beat in range(25):
        clock.now_s += 1
        assert framework.calibrate({"biofeedback": {"heart_rate": 58.0 + beat % 3}}).created
    again = UnifiedFramework(people=people, clock=clock)
    own = again.create_with_consent({"biofeedback": {"heart_rate": 75.0}})
    grant(person="bob")
    typical = UnifiedFramework("bob", people=people, clock=clock).create_with_consent(
        {"biofeedback": {"heart_rate": 75.0}}
    )
    assert own.arousal is not None
    assert typical.arousal is not None
    assert own.arousal > typical.arousal + 0.1


def test_what_was_kept_and_cannot_be_read_is_said(
    framework: UnifiedFramework, people: Path, grant: Grant
) -> None:
    grant()
    (people / "me" / "taste.json").write_bytes(b"?")
    result = framework.create_with_consent(INPUT)
    assert result.left_out["taste"] == "what was kept could not be read; begins anew"


def test_shared_is_what_may_be_shared_and_fades(
    framework: UnifiedFramework, clock: Clock, grant: Grant
) -> None:
    assert framework.shared_state() is None
    grant(purposes=("play", "record"))
    framework.create_with_consent(INPUT)
    assert framework.shared_state() is None
    grant(purposes=("play", "share"))
    result = framework.create_with_consent(INPUT)
    assert framework.shared_state() == (result.valence, result.arousal, result.weight)
    clock.now_s += 1000
    assert framework.shared_state() == pytest.approx((0, 0, 0), abs=1e-6)
    framework.stop()
    assert framework.shared_state() is None


def test_status_tells_what_is_inferred_about_whom_from_what_and_why(
    framework: UnifiedFramework, grant: Grant
) -> None:
    grant(("text",), ("play",))
    framework.create_with_consent({**INPUT, "intent": {"type": "calm"}})
    status = framework.status()
    assert json.loads(json.dumps(status)) == status
    assert (status["about"], status["infers"], status["from"]) == ("me", ["valence", "arousal"], ["text"])
    assert status["why"] == INTENTS["calm"].what
    assert status["left_out"]["heart_rate"] == "no consent"
    assert status["consent"]["purposes"] == ["play"]
    assert status["bounds"]["arousal"] == list(AROUSAL)


def test_intents_lead_where_they_say(people: Path, clock: Clock, grant: Grant) -> None:
    grant()
    played = {}
    for name in INTENTS:
        framework = UnifiedFramework(people=people, clock=clock)
        result = framework.create_with_consent(
            {"affect": {"valence": -0.4, "arousal": 0.5}, "intent": {"type": name}}
        )
        played[name] = [float(axis) for axis in emotion.decode(extract_emotion_embedding(result))]
    felt = played["mirror"]
    assert played["creation"] == pytest.approx(felt, abs=1e-5)  # nobody has rated yet
    assert played["contrast"] == pytest.approx([-felt[0], -felt[1]], abs=1e-5)
    assert played["calm"][1] < felt[1] - 0.3
    assert played["energise"][0] > felt[0] + 0.3


def test_an_unknown_intent_is_named_and_creation_is_played(framework: UnifiedFramework, grant: Grant) -> None:
    grant()
    result = framework.create_with_consent({**INPUT, "intent": {"type": "conquer"}})
    assert result.intent == "creation"
    assert "expected a type of creation" in result.left_out["intent"]


def test_what_is_no_mapping_is_one_error(framework: UnifiedFramework) -> None:
    with pytest.raises(SignalError, match="found list; expected a mapping"):
        framework.create_with_consent(["text"])  # type: ignore[arg-type]


@given(
    st.lists(
        st.tuples(
            st.floats(-1, 1),
            st.floats(-1, 1),
            st.sampled_from(sorted(INTENTS)),
            st.none() | st.floats(-1, 1),
            st.floats(0, 20),
        ),
        max_size=15,
    )
)
@settings(max_examples=40)
def test_no_feedback_and_no_intent_leads_out_of_the_bounds(
    calls: list[Call],
) -> None:
    """Whatever is felt, asked and rated: range, rate and the reach of taste hold."""
    import tempfile

    now = [0.0]
    everything = {"signals": ["affect", "feedback"], "purposes": ["play"], "expires_in_s": 3600}
    with tempfile.TemporaryDirectory() as folder:
        framework = UnifiedFramework(people=Path(folder), clock=lambda: now[0])
        before, budget = 0.0, 0.8
        for valence, arousal, intent, rating, seconds in calls:
            now[0] += seconds
            result = framework.create_with_consent(
                {
                    "affect": {"valence": valence, "arousal": arousal},
                    "intent": {"type": intent},
                    "consent": everything,
                }
            )
            left = [float(axis) for axis in emotion.decode(extract_emotion_embedding(result))]
            assert VALENCE[0] - 1e-4 <= left[0] <= VALENCE[1] + 1e-4
            assert AROUSAL[0] - 1e-4 <= left[1] <= AROUSAL[1] + 1e-4
            assert result.valence is not None
            budget = min(budget + 0.1 * seconds, 0.8) - abs(left[1] - before)
            assert budget > -1e-3
            before = left[1]
            if intent == "mirror":
                assert abs(left[0] - np.clip(result.valence, *VALENCE)) < 1e-4
            elif intent == "creation":
                assert abs(left[0] - result.valence) <= REACH + 1e-4
            if rating is not None and intent != "mirror":
                framework.evolve_from_feedback(rating)
