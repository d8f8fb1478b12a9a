"""How well the band is in time with the player: POP909 songs that the beat network has not heard, by fluidsynth.

    python bench/band_time.py --data ../shared/data [--songs 20] [--seconds 60] [--clock follow] [--tempo 100] [--json]

Of each song: the share of the band's onsets (all parts, default settings) that lie within 50 ms of one of the player's
eighths, which are the annotated beats and the middles between them; what chance would give; the share within 50 ms of a
sixteenth; how many of the kicks on the band's downbeat fall on the player's; when the band entered.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pop909

from emohost.config.schema import Rig
from emohost.offline.engine import build_engine
from emohost.training.data_sets.pop909.files import beats as beats_of_song
from emohost.training.data_sets.pop909.files import song_folder, song_names

WITHIN_S = 0.05
BLOCK = 512
RATE = 44100


def divided(beats: np.ndarray, parts: int) -> np.ndarray:
    """The beats and evenly spaced places between them."""
    index = np.arange((len(beats) - 1) * parts + 1) / parts
    return np.interp(index, np.arange(len(beats)), beats)


def near(times: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Distance of each time to the nearest place, seconds."""
    after = np.clip(np.searchsorted(places, times), 1, len(places) - 1)
    return np.minimum(np.abs(times - places[after - 1]), np.abs(times - places[after]))


def band_time(song: pop909.Song, seconds: float, music: dict[str, Any]) -> dict[str, Any]:
    audio = pop909.render(song, seconds, RATE)
    rig = Rig.model_validate({"audio": {"backend": "dummy"}, "music": music})
    engine = build_engine(rig, Path.cwd(), RATE, 1, BLOCK, between_ticks=False).engine
    events = engine.render(audio, BLOCK) + engine.finish()
    reports = engine.take_reports()
    beats, bars = beats_of_song(song.folder)
    downbeats = beats[bars]
    onsets = np.array([frame / RATE for frame, data, _ in events if data[0] & 0xF0 == 0x90 and data[2]])
    inside = onsets[(onsets >= beats[0] - WITHIN_S) & (onsets <= beats[-1] + WITHIN_S)]
    eighths, sixteenths = divided(beats, 2), divided(beats, 4)
    starts = reports["frame"][1:][np.diff(reports["beat"]) < -0.5 * reports["beats_per_bar"][1:]] / RATE
    starts = starts[(starts > (onsets[0] if len(onsets) else 0)) & (starts < beats[-1])]
    share = float((near(inside, eighths) <= WITHIN_S).mean()) if len(inside) else 0.0
    return {
        "song": song.number,
        "eighths": share,
        "sixteenths": float((near(inside, sixteenths) <= WITHIN_S).mean()) if len(inside) else 0.0,
        "chance": min(1.0, 2 * WITHIN_S / float(np.median(np.diff(eighths)))),
        "bars": float((near(starts, downbeats) <= 0.1).mean()) if len(starts) else 0.0,
        "entered_s": float(onsets[0] - beats[0]) if len(onsets) else None,
        "tempo": 60 / float(np.median(np.diff(beats))),
        "tempo_played": float(np.median(reports["tempo"][len(reports) // 2 :])),
        "onsets": len(inside),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--songs", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clock", default="follow")
    parser.add_argument("--tempo", type=float, default=100)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    music = {"tempo": arguments.tempo, "clock": {"source": arguments.clock}}
    rows = []
    names = song_names(arguments.data, "test")
    for song in (
        pop909.Song(song_folder(arguments.data, name)) for name in pop909.evenly(names, arguments.songs)
    ):
        rows.append(band_time(song, arguments.seconds, music))
        if not arguments.json:
            print(
                " ".join(
                    f"{name} {value:.2f}" if isinstance(value, float) else f"{name} {value}"
                    for name, value in rows[-1].items()
                )
            )
    means = {
        name: float(np.mean([row[name] for row in rows if row[name] is not None]))
        for name in ("eighths", "sixteenths", "chance", "bars", "entered_s")
    }
    print(json.dumps({"mean": means, "songs": rows}) if arguments.json else f"mean {means}")


if __name__ == "__main__":
    main()
