"""Whether the band keeps still to what is no music, and stays with what is: probes that nothing was fitted on, through
the engine with the rig's defaults.

    python bench/sounds.py --data DIR [--count 200] [--internal]

Voices, languages, songs, drummers, seeds and the soundfont are those of the test split. `before` is music.play:
when_heard, over each fifth probe; `rule` plays whenever the notes looked tonal for two seconds; chance is a coin for
each probe.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emohost.config.schema import Rig
from emohost.offline.engine import build_engine
from emohost.training.data_sets.emobank import read
from emohost.training.data_sets.folders import default_cache
from emohost.training.data_sets.notes import Random
from emohost.training.data_sets.sheets import sheets
from emohost.training.progress import silent
from emohost.training.rendering.fluidsynth import TEST_SOUNDFONT
from emohost.training.rendering.render import RATE, Float32
from emohost.training.rendering.rooms import through_a_room
from emohost.training.sounds import noises, pieces, rhythms, voices
from emohost.vocabulary import SOUNDS

SECONDS = 30.0
BLOCK = 512
MUSIC = next(index for index, sound in enumerate(SOUNDS) if sound.name == "music")
TONAL, TONAL_S = 0.17, 2.0  # of the rule; tonalness is the first cue


@dataclass(frozen=True)
class Heard:
    """What came of one probe."""

    notes: list[tuple[float, int, int]]  # seconds, part, pitch
    known_s: float  # until it was known for music; infinite: never
    lost: float  # share of the time after that in which it was not
    tonal: bool  # for the rule


def listen(audio: Float32, play: str, clock: str) -> Heard:
    rig = Rig.model_validate(
        {"audio": {"backend": "dummy"}, "music": {"play": play, "clock": {"source": clock}}}
    )
    engine = build_engine(rig, Path(), RATE, 1, BLOCK, between_ticks=False).engine
    events = [*engine.render(audio[:, None], BLOCK), *engine.finish()]
    hops = engine.take_hops()
    is_music, sounds = hops["sound"] == MUSIC, hops["sounding"]
    entered = np.maximum.accumulate(is_music)
    cues = hops["sound_cues"][:, 0] > TONAL
    run = int(TONAL_S / 0.02)
    tonal = np.convolve(cues, np.ones(run), "valid").max(initial=0) >= run
    return Heard(
        [(at / RATE, part, data[1]) for at, data, part in events if data[0] & 0xF0 == 0x90 and data[2]],
        float(entered.argmax() * 0.02) if entered.any() else float("inf"),
        float((entered & sounds & ~is_music).sum() / max((entered & sounds).sum(), 1)),
        bool(tonal),
    )


def probes(data: Path, count: int, random: Random) -> dict[str, Iterator[Float32]]:
    texts = read(data)["test"].texts
    found = [sheet for sheet in sheets(data, default_cache(), silent) if sheet.split == "test"]

    def many(make: Callable[[], Float32], of: int = count) -> Iterator[Float32]:
        return (placed(make(), random) for _ in range(of))

    def over(sound: Float32) -> Float32:
        other = voices.speech if random.random() < 0.5 else voices.crowd
        level = 10 ** (-random.uniform(0, 12) / 20)
        return sound[: round(SECONDS * RATE)] + level * other(SECONDS, texts, "test", random)

    def batches(make: Callable[[int], list[Float32]]) -> Iterator[Float32]:
        for first in range(0, count // 4, 20):
            for sound in make(min(20, count // 4 - first)):
                yield placed(sound[: round(SECONDS * RATE)], random)

    def played(size: int) -> list[Float32]:
        return pieces.music(data, found, "test", size, TEST_SOUNDFONT, random)

    return {
        "hum": many(lambda: noises.hum(SECONDS, random)),
        "noise": many(lambda: noises.shaped_noise(SECONDS, random)),
        "applause": many(lambda: noises.applause(SECONDS, random)),
        "crowd": many(
            lambda: (
                voices.crowd(SECONDS, texts, "test", random)
                if random.random() < 0.7
                else noises.murmur(SECONDS, random)
            )
        ),
        "speech": many(lambda: voices.speech(SECONDS, texts, "test", random)),
        "rhythm": many(lambda: rhythms.beaten(SECONDS, random), count // 4),
        "tone": batches(lambda size: pieces.played_tones(SECONDS, size, TEST_SOUNDFONT, random)),
        "music": batches(played),
        "music under voices": batches(lambda size: [over(each) for each in played(size)]),
    }


def placed(sound: Float32, random: Random) -> Float32:
    """In a room or not, at any level from -52 to -10 dBFS."""
    if random.random() < 0.6:
        sound = through_a_room(np.asarray(sound, np.float32), random)
    loud = noises.levelled(sound) * 10 ** (random.uniform(-52, -10) / 20)
    return np.clip(loud, -1, 1).astype(np.float32)


def told(name: str, sounds: Iterator[Float32], clock: str) -> str:
    now, before = [], []
    for index, sound in enumerate(sounds):
        now.append(listen(sound, "when_music", clock))
        if index % 5 == 0:
            before.append(listen(sound, "when_heard", clock))

    def still(found: list[Heard]) -> float:
        return 100 * float(np.mean([not each.notes for each in found]))

    if name.startswith("music"):
        known = [each.known_s for each in now]
        lost = 100 * float(np.mean([each.lost for each in now if np.isfinite(each.known_s)] or [1]))
        silence = still(now)
        return (
            f"{name:20} {len(now):4} known after {np.median(known):.1f} s (p90 {np.quantile(known, 0.9):.1f}), never "
            f"{100 * np.mean(np.isinf(known)):.1f} %, lost then {lost:.2f} %, no note {silence:.1f} % "
            f"(before {still(before):.1f} %)"
        )
    rule = 100 * float(np.mean([not each.tonal for each in now]))
    if name in ("rhythm", "tone"):
        parts = sorted({part for each in now for _, part, _ in each.notes})
        return (
            f"{name:20} {len(now):4} plays to {100 - still(now):.1f} %, parts {parts} "
            f"(before {100 - still(before):.1f} %)"
        )
    return (
        f"{name:20} {len(now):4} no note in 30 s: chance 50 %, rule {rule:.1f} %, before {still(before):.1f} %, "
        f"now {still(now):.1f} % (asked 95)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--internal", action="store_true", help="enter at once, by music.tempo")
    arguments = parser.parse_args()
    clock = "internal" if arguments.internal else "follow"
    for name, sounds in probes(arguments.data, arguments.count, np.random.default_rng(77)).items():
        if not arguments.only or name in arguments.only:
            print(told(name, sounds, clock), flush=True)


if __name__ == "__main__":
    main()
