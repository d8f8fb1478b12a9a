"""Which chords and keys the host hears and plays, from audio, at default settings: held-out material as sound.

    python bench/chords_played --data ../shared/data [--split test] [--only loops] [--tempo-told] [--json]

Pop songs of POP909, lead sheets of OpenEWLD (melody, chords and bass), loops of four chords, pieces that modulate,
single tones; each rendered with one of two soundfonts. Chords are scored with mir_eval's majmin by duration at no lag,
and at the lag that is best; `copied` is the chord that the listener named half a sixteenth before each sixteenth.
Keys are scored by MIREX' weights, beside the simplest rules (key_rules.py); `entered` is when the first note is played.
Roughness is Sethares', in the first 0.6 s after each change, from 0 (the true chord) to 1 (a random one of the piece).
With --tempo-told the host plays at the tempo of the piece, its first bar on that of the piece: as if told the beat.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import platformdirs
import scores
from key_rules import rule_scores
from pieces import Piece
from sound import FONTS, rendered

from emohost.config.audio import Dummy
from emohost.config.schema import Rig
from emohost.offline.performance import Performance, perform

SETS = ("pop", "sheets", "loops", "breaks", "modulating", "tones")
Results = dict[str, dict[str, float]]


def pieces_of(name: str, options: argparse.Namespace) -> list[Piece]:
    import played_by_people
    import written

    salt = "" if options.split == "test" else f" {options.split}"
    share = options.share
    if name == "pop":
        return played_by_people.songs(options.data, options.split, round(12 * share), 60.0)
    if name == "sheets":
        return played_by_people.lead_sheets(
            played_by_people.sheets(options.data, options.split, round(12 * share)), 60.0
        )
    if name == "loops":
        return written.loops(round(10 * share), broken=False, salt=salt)
    if name == "breaks":
        return written.loops(round(10 * share), broken=True, salt=salt)
    if name == "modulating":
        found = played_by_people.sheets(options.data, options.split, round(8 * share))
        return written.key_changes(round(8 * share), salt) + played_by_people.modulated_sheets(found)
    return written.single_tones(round(24 * share))


def rig_for(piece: Piece, tempo_told: bool) -> Rig:
    rig = Rig(audio=Dummy(backend="dummy"))
    if not tempo_told or piece.tempo is None:
        return rig
    return rig.model_copy(update={"music": rig.music.model_copy(update={"tempo": piece.tempo})})


def score(name: str, piece: Piece, performance: Performance) -> dict[str, float]:
    sampled = scores.Sampled.of(piece, performance)
    if name == "tones":
        return scores.tone_scores(piece, sampled, performance)
    found = scores.chord_scores(sampled) | scores.entered(performance)
    if name in ("loops", "breaks"):
        found |= scores.loop_scores(sampled)
    if piece.keys and name != "breaks":
        found |= scores.key_scores(piece, performance)
    return found


def run(name: str, options: argparse.Namespace, say: Callable[[str], None]) -> Results:
    results: Results = {}
    waits: list[float] = []
    for number, piece in enumerate(pieces_of(name, options)):
        audio = rendered(piece, FONTS[number % len(FONTS)], options.cache)
        performance = perform(audio, rig_for(piece, options.tempo_told), Path.cwd(), 512)
        results[piece.name] = score(name, piece, performance)
        if "key" in results[piece.name]:
            results[piece.name] |= rule_scores(piece, audio)
        waits += scores.followed(piece, performance) if name == "modulating" else []
        if options.each:
            say(line(piece.name, results[piece.name]))
    columns = dict.fromkeys(key for each in results.values() for key in each)
    mean = {
        key: float(np.nanmean([each[key] for each in results.values() if key in each])) for key in columns
    }
    if waits:
        mean |= {"followed after, median s": float(np.median(waits)), "at most s": float(np.max(waits))}
    say(line(f"{name} ({len(results)})", mean))
    return results | {"mean": mean}


def line(name: str, values: dict[str, float]) -> str:
    return f"{name}\n    " + "; ".join(f"{key} {value:.3f}" for key, value in values.items())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder that holds pop909 and openewld")
    parser.add_argument("--split", choices=("validation", "test"), default="test")
    parser.add_argument("--only", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--share", type=float, default=1.0, help="of the pieces")
    parser.add_argument("--tempo-told", action="store_true")
    parser.add_argument("--each", action="store_true", help="also every piece's scores")
    parser.add_argument(
        "--cache", type=Path, default=Path(platformdirs.user_cache_dir("emohost"), "bench-chords")
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    say: Callable[[str], None] = (lambda text: None) if options.json else print
    results = {name: run(name, options, say) for name in options.only}
    if options.json:
        print(json.dumps(results))


if __name__ == "__main__":
    main()
