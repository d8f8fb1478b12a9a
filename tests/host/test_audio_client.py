"""The name that JACK knows the engine by."""

from __future__ import annotations

from pathlib import Path

import pytest

from emohost.config import load_rig
from emohost.host.host import audio_client


@pytest.mark.parametrize(
    ("text", "alone", "name"),
    [
        ("", True, "emohost-audio"),
        ("name: stage", True, "emohost-audio"),
        ("name: stage", False, "stage-audio"),
        ("midi: {client: band}", True, "band-audio"),
        ("", False, "rig-audio"),
    ],
)
def test_it_is_told_from_that_of_the_midi_ports_and_of_another_host(
    tmp_path: Path, text: str, alone: bool, name: str
) -> None:
    (tmp_path / "rig.yaml").write_text(f"audio: {{backend: portaudio}}\n{text}\n")
    assert audio_client(load_rig(tmp_path / "rig.yaml").rig, alone) == name


def test_the_rig_may_choose_it(tmp_path: Path) -> None:
    (tmp_path / "rig.yaml").write_text("audio: {backend: portaudio, client: ears}\n")
    for alone in (True, False):
        assert audio_client(load_rig(tmp_path / "rig.yaml").rig, alone) == "ears"
