"""People who speak, one or many, by espeak-ng. Mono, render.RATE samples a second, RMS 1."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Sequence

import numpy as np

from emohost.errors import EmohostError
from emohost.training.data_sets.notes import Random
from emohost.training.rendering.render import RATE, Float32
from emohost.training.sounds.noises import levelled

# Languages and, after the plus, ways of speaking: no language and no way is in two of the splits.
LANGUAGES = {
    "train": ("en-us", "de", "fr-fr", "es", "it", "pl", "tr", "sv", "hi", "id", "cs", "el", "hu", "vi"),
    "validation": ("en-gb", "pt", "nl", "ro", "ko"),
    "test": ("en-gb-scotland", "ru", "fi", "da", "sw", "pt-br", "ca", "ar", "uk", "bg"),
}
WAYS = {
    "train": ("m1", "m3", "m5", "f1", "f3", "croak"),
    "validation": ("m2", "f2"),
    "test": ("m4", "m7", "f4", "f5", "whisper"),
}


def installed() -> bool:
    return shutil.which("espeak-ng") is not None


def sentence(texts: Sequence[str], split: str, random: Random) -> Float32:
    """One of the texts, read by a voice of the split. Raises EmohostError."""
    import soundfile

    voice = f"{random.choice(LANGUAGES[split])}+{random.choice(WAYS[split])}"
    text = str(texts[int(random.integers(len(texts)))])
    settings = ["-v", voice, "-s", str(random.integers(110, 210)), "-p", str(random.integers(20, 80))]
    done = subprocess.run(
        ["espeak-ng", *settings, "--stdout", "--stdin"], input=text.encode(), capture_output=True, check=False
    )
    if done.returncode != 0 or not done.stdout:
        raise EmohostError(
            f"espeak-ng -v {voice} failed ({done.returncode}): {done.stderr.decode()[-200:].strip()}"
        )
    sound, rate = soundfile.read(io.BytesIO(done.stdout), dtype="float32")
    at = np.arange(0, len(sound), rate / RATE)
    return levelled(np.interp(at, np.arange(len(sound)), sound))


def speech(seconds: float, texts: Sequence[str], split: str, random: Random) -> Float32:
    """One to three people in turn, with pauses."""
    samples, at = round(seconds * RATE), 0
    out = np.zeros(samples, dtype=np.float32)
    while at < samples:
        said = sentence(texts, split, random)[: samples - at]
        out[at : at + len(said)] += said
        at += len(said) + int(random.exponential(0.4) * RATE)
    return levelled(out)


def crowd(seconds: float, texts: Sequence[str], split: str, random: Random) -> Float32:
    """Five to thirty at once, near and far."""
    samples = round(seconds * RATE)
    out = np.zeros(samples)
    said = [sentence(texts, split, random) for _ in range(int(random.integers(5, 13)))]
    for _ in range(int(random.integers(5, 31))):
        one = np.tile(np.roll(said[int(random.integers(len(said)))], int(random.integers(RATE))), 1)
        one = np.tile(one, samples // len(one) + 2)
        start = int(random.integers(len(one) - samples))
        out += 10 ** (-random.uniform(0, 15) / 20) * one[start : start + samples]
    return levelled(out)
