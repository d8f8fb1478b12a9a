"""From a person to the engine: the example is felt, the host is told, and what ends consent ends it there, too."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from listening import Listening

from emohost.bridge import EmotionRing, UnifiedFramework, extract_emotion_embedding
from emohost.bridge.consent import Consent, ConsentStore
from emohost.bridge.queues import queue_paths, read_queues
from emohost.bridge.ring import silence

FADE_S = 1.1  # one second, and the block it begins in
NEVER_S = 30.0  # longer than any machine takes


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("EMOHOST_RUNTIME", str(tmp_path / "run"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("EMOHOST_RING", raising=False)
    ConsentStore().grant(Consent.of("me", ["text"], ["play", "record"], 3600))
    yield tmp_path
    for path in queue_paths("emohost"):
        path.unlink(missing_ok=True)


def play(text: str, ring_buffer: EmotionRing) -> UnifiedFramework:
    human_emotional_input = {"text": text}
    framework = UnifiedFramework()
    result = framework.create_with_consent(human_emotional_input)
    emotion_embedding = extract_emotion_embedding(result)
    ring_buffer.write(emotion_embedding)
    return framework


def test_the_example_is_felt() -> None:
    listening = Listening()
    felt = {}
    for text in ("We won, I am so happy and excited!", "I am so sad and lonely."):
        with EmotionRing() as ring_buffer:
            play(text, ring_buffer)
            felt[text] = listening.feel()
    happy, sad = felt.values()
    assert happy[0] > 0.4
    assert sad[0] < -0.4
    assert happy[1] > sad[1] + 0.2


def test_the_host_is_told_what_is_inferred_about_whom() -> None:
    queues = read_queues("emohost")
    with EmotionRing(about="my piece") as ring_buffer:
        framework = play("a fine day", ring_buffer)
        assert queues[0].writer is not None
        assert queues[0].writer[1] == "me: valence and arousal from text; creation"
        framework.stop()
        assert queues[0].writer[1] == "my piece"


def revoke_elsewhere(framework: UnifiedFramework) -> None:
    subprocess.run([sys.executable, "-m", "emohost", "consent", "revoke"], check=True, capture_output=True)


def stop(framework: UnifiedFramework) -> None:
    framework.stop()


def refuse(framework: UnifiedFramework) -> None:
    framework.create_with_consent({"text": "no", "consent": False})


@pytest.mark.parametrize("end", [revoke_elsewhere, stop, refuse])
def test_what_ends_consent_takes_the_person_off_the_engine(end: Callable[[UnifiedFramework], None]) -> None:
    listening = Listening()
    with EmotionRing() as ring_buffer:
        framework = play("We won, I am so happy and excited!", ring_buffer)
        listening.feel()
        assert listening.counts["share"] == 1
        (queue, *_) = read_queues("emohost")
        end(framework)
        waited = time.monotonic() + NEVER_S
        while queue.written < 2 and time.monotonic() < waited:
            time.sleep(0.01)
        assert listening.feel(FADE_S) == (0, 0)
        assert listening.counts["share"] == 0


def test_what_an_ended_script_has_left_can_be_silenced_and_a_running_one_is_not_touched() -> None:
    listening = Listening()
    with EmotionRing() as running:
        with EmotionRing() as ended:
            play("We won, I am so happy and excited!", ended)
        running.write([0.0] * 64, weight=0.25)
        listening.feel()
        assert listening.counts["share"] == 1
        silence("emohost")
        listening.feel(FADE_S)
        assert listening.counts["share"] == pytest.approx(0.25)


def test_what_is_not_to_be_kept_is_withheld_on_every_ring_of_the_process_until_it_may_be() -> None:
    given = {"signals": ["text"], "expires_in_s": 60}
    careful = UnifiedFramework("careful")

    def feels(*purposes: str) -> None:
        consent = {**given, "purposes": purposes}
        result = careful.create_with_consent({"text": "a fine day", "consent": consent})
        extract_emotion_embedding(result)

    with EmotionRing() as ring, EmotionRing(withheld=True) as own:
        play("a fine day", ring)  # by 'me', who consents to it
        assert (ring.withheld, own.withheld) == (False, True)
        feels("play")
        play("a fine day", ring)
        with EmotionRing() as later:
            assert (ring.withheld, own.withheld, later.withheld) == (True, True, True)
        feels("play", "record")
        assert (ring.withheld, own.withheld) == (False, True)
