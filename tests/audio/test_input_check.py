"""What is strange about the input is said once, and what is ordinary never."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from emohost._core import report_dtype
from emohost.audio.input_check import InputCheck
from emohost.config import load_rig
from emohost.offline.performance import perform

RATE, BLOCK = 48000, 480
GATE_DB = -60.0


def reports(seconds: float, **fields: object) -> np.ndarray:
    made = np.zeros(round(seconds * RATE / BLOCK), report_dtype)
    made["frames"] = BLOCK
    made["level_db"], made["peak"] = -20, 0.3
    for name, value in fields.items():
        made[name] = value
    return made


def said(check: InputCheck, blocks: np.ndarray, chunk: int = 7) -> list[str]:
    return [text for at in range(0, len(blocks), chunk) for text in check.of(blocks[at : at + chunk], RATE)]


def test_of_ordinary_sound_and_its_pauses_nothing_is_said() -> None:
    check = InputCheck(GATE_DB)
    assert not said(check, reports(5))
    assert not said(check, reports(30, level_db=-90, peak=1e-5))
    assert not said(check, reports(5, peak=1.0))


def test_silence_from_the_start_is_said_once_with_its_peak() -> None:
    check = InputCheck(GATE_DB)
    assert not said(check, reports(9.9, level_db=-80, peak=1e-3))
    (text,) = said(check, reports(60, level_db=-80, peak=2e-4))
    assert "nothing was heard above the gate (music.gate_db: -60) for 10 s" in text
    assert "-60.0 dBFS" in text
    (text,) = said(InputCheck(GATE_DB), reports(30, level_db=-120, peak=0))
    assert "all samples were zero" in text
    assert not said(InputCheck(GATE_DB, expects_sound=False), reports(30, level_db=-120, peak=0))


def test_nothing_but_nan_is_said_once_also_after_another_engine_began() -> None:
    check = InputCheck(GATE_DB)
    count = np.cumsum(np.full(300, BLOCK))
    (text,) = said(check, reports(3, bad_samples=count, peak=0, level_db=-120))
    assert "nothing but NaN or infinity" in text
    check.begin()
    assert not said(check, reports(3, bad_samples=count, peak=0, level_db=-120))


def test_a_nan_now_and_then_and_one_channel_of_them_are_told_apart() -> None:
    assert not said(InputCheck(GATE_DB), reports(3, bad_samples=np.cumsum(np.full(300, 5))))
    (text,) = said(InputCheck(GATE_DB), reports(3, bad_samples=np.cumsum(np.full(300, BLOCK))))
    assert "one of its channels" in text


@pytest.mark.parametrize(
    ("channels", "gain", "expected"),
    [
        ((1, -1), 0.3, ["cancel each other"]),
        ((1, 1), 0.3, []),
        ((1, 0), 0.3, []),
        ((1, -0.5), 0.3, []),
        ((1, 1), 3.0, ["clips"]),
        ((1, 1), float("nan"), ["NaN"]),
        ((1, 1), 1e-5, ["nothing was heard above the gate"]),
    ],
)
def test_a_file_says_what_is_strange_about_it(
    tmp_path: Path, channels: tuple[float, float], gain: float, expected: list[str]
) -> None:
    time_s = np.arange(11 * RATE) / RATE
    tone = np.clip(gain * np.sin(2 * np.pi * 220 * time_s), -1, 1)
    path = tmp_path / "sound.wav"
    soundfile.write(path, tone[:, None] * np.array(channels), RATE, subtype="FLOAT")
    rig = tmp_path / "rig.yaml"
    rig.write_text("audio: {backend: file, path: sound.wav}\n")
    loaded = load_rig(rig)
    remarks = perform(path, loaded.rig, loaded.base, 512).remarks
    assert len(remarks) == len(expected), remarks
    for remark, text in zip(remarks, expected, strict=True):
        assert remark.startswith(f"{path}: ")
        assert text in remark
