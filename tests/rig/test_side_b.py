"""Side B on the real rig: what people say changes the mode and the density of the MIDI that JACK carries."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from host_process import HostProcess, hear
from jack_rig import JackPeer, sounding
from waiting import wait_for

from emohost.bridge import EmotionRing, UnifiedFramework, extract_emotion_embedding

pytestmark = pytest.mark.jack
RIG = """
audio: {backend: portaudio, device: system, host_api: JACK, block_size: 128}
music: {play: always, clock: {source: internal}, tempo: 200, seed: 3, parts: {drums: {enabled: false}}}
midi: {api: jack}
"""
BAR_S = 4 * 60 / 200
SETTLED_S = 2 * BAR_S + 1  # felt, and the next bar begun
HEARD_S = 8.0
E_NATURAL, E_FLAT = 4, 3  # the third above C, the host's key while it hears nothing


def played(peer: JackPeer) -> tuple[float, int]:
    """Share of major thirds among the thirds, and how many notes began, once the emotion has settled."""
    time.sleep(SETTLED_S)
    start = len(peer.messages)
    time.sleep(HEARD_S)
    notes = np.array([data[1] for data in peer.messages[start:] if data[0] & 0xF0 == 0x90 and data[2]])
    thirds = notes[np.isin(notes % 12, (E_NATURAL, E_FLAT))]
    assert len(thirds) > 3
    return float(np.mean(thirds % 12 == E_NATURAL)), len(notes)


def feel(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "emohost", "feel", *arguments], check=True, capture_output=True)


def test_text_in_mode_and_density_out(start: Callable[..., HostProcess], peer: JackPeer) -> None:
    """The ancestor's example, line by line, into a running host."""
    host = start(RIG)
    hear(peer)
    framework = UnifiedFramework()
    ring_buffer = EmotionRing()
    consent = {"signals": ["text"], "purposes": ["play"], "expires_in_s": 600}
    heard = {}
    for text in ("I am so sad and lonely.", "We won, I am so happy and excited!"):
        human_emotional_input = {"text": text, "consent": consent}
        result = framework.create_with_consent(human_emotional_input)
        emotion_embedding = extract_emotion_embedding(result)
        ring_buffer.write(emotion_embedding, ttl_s=60)
        heard[text] = played(peer)
    print(heard)
    (sad_major, sad_notes), (happy_major, happy_notes) = heard.values()
    assert sad_major < 0.2
    assert happy_major > 0.8
    assert happy_notes > 1.1 * sad_notes
    side_b = dict(host.status()["side_b"])
    assert side_b["share"] == 1
    assert side_b["lost"] == side_b["torn"] == side_b["stale"] == 0
    assert len(side_b["writers"]) == 1
    framework.revoke()
    ring_buffer.close()
    wait_for(lambda: dict(host.status()["side_b"])["share"] == 0, "neutral")


def test_feel_steers_and_a_script_that_spins_costs_no_block(
    start: Callable[..., HostProcess], peer: JackPeer, tmp_path: Path
) -> None:
    (tmp_path / "side.py").write_text("while True: pass\n")
    host = start(RIG + "bridge: {script: side.py, patience_s: 4}\n")
    hear(peer)
    feel("--valence", "-0.8", "--arousal", "-0.7", "--for", "600")
    sad_major, sad_notes = played(peer)
    feel("--valence", "0.8", "--arousal", "0.8", "--for", "600")
    happy_major, happy_notes = played(peer)
    print(f"major {sad_major:.2f} to {happy_major:.2f}, notes {sad_notes} to {happy_notes}")
    assert sad_major < 0.5  # few notes when it is calm, a passing one among them
    assert happy_major > 0.8
    assert happy_notes > 1.3 * sad_notes
    wait_for(lambda: dict(host.status()["side_b"])["restarts"], "it is started again", 60)
    status = host.status()
    assert status["restarts"] == 0
    assert [text for text in status["messages"] if "full load" in text]
    assert host.end() == 0, host.log
    assert not sounding(peer.messages)
