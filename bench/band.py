"""The band beside people: form and memory, on held-out songs as sound.

    python bench/band.py --data ../shared/data [--songs 4] [--split validation] [--style NAME]
        [--before before.json] [--json]

POP909 songs of the test split (of validation, to choose by), rendered by fluidsynth, are played to the host at default
settings; what it plays is measured on its own bars (band_form.py tells how). Beside it, under the same measures, what
people did: the songs' own melodies and piano accompaniments, and Groove MIDI's drummers of the same split. `--json`
keeps a run, `--before` shows it as a column. `--style` (or `--style all`) plays the songs in each of these styles, and
shows them as columns beside people, with `--before` as second numbers; one in three plays bars of three over the
songs'.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import soundfile
from band_form import SECTION, Bars, bass_bars, drum_bars, melody_line
from numpy.typing import NDArray

from emohost.config.schema import Rig
from emohost.offline.engine import build_engine
from emohost.styles.load import SHIPPED, shipped
from emohost.training.data_sets import drummers
from emohost.vocabulary import STYLES

sys.path.append(str(Path(__file__).parent / "chords_played"))
import played_by_people
from pieces import Piece
from sound import FONTS, rendered

BLOCK = 512
MELODY, CHORDS, BASS, DRUMS = range(4)
BASS_BELOW = 52
Scores = dict[str, float]


def band_scores(audio: Path, music: dict[str, Any]) -> Scores:
    samples, rate = soundfile.read(audio, dtype="float32", always_2d=True)
    rig = Rig.model_validate({"audio": {"backend": "dummy"}, "music": music})
    engine = build_engine(rig, Path.cwd(), rate, 1, BLOCK, between_ticks=False).engine
    mono = np.ascontiguousarray(samples.mean(axis=1))
    events = engine.render(mono, BLOCK) + engine.finish()
    reports = engine.take_reports()
    frames, places, first = bar_places(reports)
    on = [(f, data[1], part) for f, data, part in events if data[0] & 0xF0 == 0x90 and data[2]]
    count = int(places[-1])

    def part(number: int) -> Bars:
        chosen = [(f, pitch) for f, pitch, of in on if of == number]
        at = np.interp([f for f, _ in chosen], frames, places) if chosen else np.zeros(0)
        at = straight(at, frames, places, reports)
        steps = 4 * int(reports["beats_per_bar"][-1])
        return Bars.of(at, np.array([pitch for _, pitch in chosen], dtype=np.int64), count, steps)

    sections = sections_of(reports, first, count)
    levels = {data[2] for _, data, of in events if of == DRUMS and data[0] & 0xF0 == 0x90 and data[2]}
    return (
        drum_bars(part(DRUMS), sections)
        | {"velocities of drums": float(len(levels))}
        | bass_bars(part(BASS), roots_played(reports, places))
        | melody_line(part(MELODY))
        | ({} if "style" in music else styles_chosen(reports))
    )


def styles_chosen(reports: np.ndarray) -> Scores:
    """Of 'auto': the share of the time in which each is in force, once one is."""
    chosen = reports["style"][reports["style"] > 0]
    return {
        f"time in style {choice.name}": float(np.mean(chosen == number))
        for number, choice in enumerate(STYLES)
        if number
    }


def bar_places(reports: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Ends of blocks in frames, and the place there in bars, counted from the first bar line; the first block of it."""
    beat, per_bar = reports["beat"].astype(float), reports["beats_per_bar"].astype(float)
    phase = beat / per_bar
    turns = np.concatenate([[0], np.cumsum(np.diff(phase) < -0.5)])
    first = int(np.argmax(turns >= 1))
    frames = reports["frame"] + reports["frames"]
    return frames.astype(float), np.maximum.accumulate(turns - 1 + phase), first


def straight(
    at: NDArray[np.float64], frames: NDArray[np.float64], places: NDArray[np.float64], reports: np.ndarray
) -> NDArray[np.float64]:
    """Places in bars as if nothing swung, by the style in force."""
    if "style" not in (reports.dtype.names or ()):
        return at
    block = np.minimum(np.searchsorted(places, at), len(reports) - 1)
    found = at.copy()
    for number in np.unique(reports["style"][block]):
        style = shipped(SHIPPED[number - 1]) if 1 <= number <= len(SHIPPED) else None
        if style is None or style.feel.swing == 0.5:
            continue
        chosen = reports["style"][block] == number
        pairs = reports["beats_per_bar"][block[chosen]] * (1 if style.feel.of == "eighths" else 2)
        whole, swung = np.divmod(
            at[chosen] * pairs + 0.05, 1
        )  # what is played a little early belongs to the pair
        first = style.feel.swing
        even = np.interp(swung - 0.05, [-0.05, 0, first, 1], [-0.05, 0, 0.5, 1])
        found[chosen] = (whole + even) / pairs
    return found


def sections_of(reports: np.ndarray, first: int, count: int) -> list[int]:
    """Bars in which a section of the band begins; of a band that knows none, every eighth of what it plays."""
    if "section" in (reports.dtype.names or ()):
        _, places, _ = bar_places(reports)
        bar = np.floor(places + 0.1).astype(int)  # a step is planned half a step ahead
        changes = np.flatnonzero(np.diff(reports["section"].astype(int)) != 0) + 1
        return sorted({int(bar[i]) for i in changes if bar[i] >= 0})
    playing = np.flatnonzero(reports["playing"] >= 3)
    if not len(playing):
        return []
    begins = round(float(bar_places(reports)[1][playing[0]]))
    return list(range(max(0, begins), count, SECTION))


def roots_played(reports: np.ndarray, places: np.ndarray) -> list[tuple[float, int]]:
    chord = reports["chord_played"].astype(int)
    root = np.where(chord < 0, -1, np.where(chord < 60, chord // 5, chord - 61))
    # A chord is in force from the step on that was planned half a sixteenth before.
    changes = [i for i in np.flatnonzero(np.diff(root)) + 1 if root[i] >= 0]
    return [(round(places[i] * 16 + 0.5) / 16, int(root[i])) for i in changes]


def song_scores(piece: Piece) -> Scores:
    bars = np.array(piece.bars)
    count = len(bars) - 1

    def part(notes: list[Any]) -> Bars:
        at = np.interp([note[0] for note in notes], bars, np.arange(len(bars))) if notes else np.zeros(0)
        return Bars.of(at, np.array([note[2] for note in notes], dtype=np.int64), count)

    piano = sorted(note for note in piece.notes if note[4] == 2)
    low = [
        note
        for note in piano
        if note[2] < BASS_BELOW
        and not any(abs(other[0] - note[0]) < 0.05 and other[2] < note[2] for other in piano)
    ]
    roots = []
    for segment in piece.chords:
        name = segment.label.split(":")[0].split("/")[0]
        if name == "N":
            continue
        root = (
            {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[name[0]]
            + name.count("#")
            - name.count("b")
        ) % 12
        place = round(float(np.interp(segment.start, bars, np.arange(len(bars)))) * 16) / 16
        if not roots or roots[-1][1] != root:
            roots.append((place, root))
    return bass_bars(part(low), roots) | melody_line(part([note for note in piece.notes if note[4] == 0]))


def drummer_scores(take: drummers.DrumPerformance) -> Scores:
    drums = Bars.of(take.place / 16, take.note, take.bars)
    return drum_bars(drums, list(range(0, take.bars, 4)))


def mean(rows: list[Scores]) -> Scores:
    names = dict.fromkeys(name for row in rows for name in row)
    with np.errstate(all="ignore"):
        return {name: float(np.nanmean([row.get(name, np.nan) for row in rows])) for name in names}


def in_style(name: str, pieces: list[Piece], options: argparse.Namespace) -> Scores:
    music = {"style": name, "beats_per_bar": shipped(name).metre, **options.music}
    scores = mean(
        [
            band_scores(rendered(piece, FONTS[number % len(FONTS)], options.cache), music)
            for number, piece in enumerate(pieces)
        ]
    )
    print(name, json.dumps(scores), file=sys.stderr)
    return scores


def show_styles(found: dict[str, Scores], before: dict[str, Scores], as_json: bool) -> None:
    """The songs in each style, and what people did. A second number: before."""
    if as_json:
        print(json.dumps(found))
        return
    print(f"| | {' | '.join(found)} |\n| --- |{' --- |' * len(found)}")
    for name in dict.fromkeys(name for scores in found.values() for name in scores):
        cells = [
            ", ".join(
                f"{of[style][name]:.2f}"
                for of in (found, before)
                if not np.isnan(of.get(style, {}).get(name, np.nan))
            )
            for style in found
        ]
        print(f"| {name} | {' | '.join(cells)} |")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder that holds pop909 and groove-midi")
    parser.add_argument("--songs", type=int, default=4)
    parser.add_argument(
        "--split", choices=("validation", "test"), default="test", help="validation: to choose by"
    )
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument(
        "--music", type=json.loads, default={}, help="settings of `music` in the rig, as JSON"
    )
    parser.add_argument(
        "--style",
        action="append",
        default=[],
        choices=[*SHIPPED, "all"],
        help="play in this style; again for more",
    )
    parser.add_argument("--before", type=Path, help="what an earlier run printed with --json")
    parser.add_argument(
        "--cache", type=Path, default=Path(platformdirs.user_cache_dir("emohost"), "bench-chords")
    )
    parser.add_argument("--each", action="store_true", help="also every song's scores")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    pieces = played_by_people.songs(options.data, options.split, options.songs, options.seconds)
    takes = drummers.performances(options.data, lambda what, done, of: None, options.split, longest=12)
    people = mean([drummer_scores(take) for take in takes]) | mean([song_scores(piece) for piece in pieces])
    before = json.loads(options.before.read_text()) if options.before else {}
    if options.style:
        styles = list(SHIPPED) if "all" in options.style else options.style
        found = {name: in_style(name, pieces, options) for name in styles}
        show_styles({**found, "people": people}, before, options.json)
        return
    rows = []
    for number, piece in enumerate(pieces):
        rows.append(band_scores(rendered(piece, FONTS[number % len(FONTS)], options.cache), options.music))
        if options.each:
            print(piece.name, json.dumps(rows[-1]), file=sys.stderr)
    band = mean(rows)
    if options.json:
        print(json.dumps({"band": band, "people": people}))
        return
    print(
        f"{len(pieces)} songs, {len(takes)} drummers\n| | the band | people | before |\n| --- | --- | --- | --- |"
    )
    for name, value in band.items():
        cells = (value, people.get(name, float("nan")), before.get("band", {}).get(name, float("nan")))
        print(f"| {name} | " + " | ".join("" if np.isnan(cell) else f"{cell:.2f}" for cell in cells) + " |")


if __name__ == "__main__":
    main()
