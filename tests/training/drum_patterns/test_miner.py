"""What the miner finds in takes of which the answer is known."""

from __future__ import annotations

from pathlib import Path

import mido
import numpy as np
import pytest
import yaml

from emohost.styles.load import parse_style
from emohost.training.data_sets.drummers import performances
from emohost.training.drum_patterns.fills import fills_of
from emohost.training.drum_patterns.grooves import Groove, groove_of, grows, typical
from emohost.training.drum_patterns.lines import fill_line, groove_lines
from emohost.training.drum_patterns.played import VOICES, Feel, Played, played

TICKS = 480
STRAIGHT = Feel()
Bar = dict[str, str]
NOTES = {"kick": 36, "snare": 38, "hat": 42, "ride": 51, "high_tom": 48, "floor_tom": 43}
FORCE = {"X": 110, "x": 75, "o": 30}
CALM: Bar = {"kick": "X.......X.......", "snare": "....X.......X...", "hat": "X...X...X...X..."}
LIVELY: Bar = {"kick": "X..X....X.X.....", "snare": "....X..o....X..o", "hat": "X.x.X.x.X.x.X.x."}
FILL: Bar = {
    **LIVELY,
    "snare": "....X..oXXX.....",
    "high_tom": "...........XX...",
    "floor_tom": ".............XXX",
}
FILL["kick"], FILL["hat"] = "X..X............", "X.x.X.x........."
OTHER: Bar = {"kick": "..X...X...X...X.", "ride": "X.X.X.X.X.X.X.X."}


def write(folder: Path, takes: dict[str, list[Bar]], split: str = "train", swing: float = 0.5) -> None:
    """A data set of these takes; drummers are a little late and early, always alike."""
    folder = folder / "groove-midi"
    folder.mkdir(exist_ok=True)
    random = np.random.default_rng(3)
    rows = [
        "drummer,session,id,style,bpm,beat_type,time_signature,midi_filename,audio_filename,duration,split"
    ]
    for name, bars in takes.items():
        hits = []
        for number, bar in enumerate(bars):
            for voice, steps in bar.items():
                for step, mark in enumerate(steps):
                    if mark == ".":
                        continue
                    pair, within = divmod(step, 4)
                    place = number * 16 + pair * 4 + np.interp(within, [0, 2, 4], [0, 4 * swing, 4])
                    tick = max(0, round((place + random.uniform(-0.2, 0.2)) * TICKS / 4))
                    hits += [(tick, FORCE[mark], NOTES[voice]), (tick + 20, 0, NOTES[voice])]
        track, last = mido.MidiTrack(), 0
        for tick, velocity, note in sorted(hits):
            track.append(mido.Message("note_on", note=note, velocity=velocity, time=tick - last, channel=9))
            last = tick
        track.append(
            mido.Message("note_on", note=49, velocity=99, time=len(bars) * TICKS * 4 - last, channel=9)
        )
        file = name.replace("/", "_") + ".mid"
        mido.MidiFile(ticks_per_beat=TICKS, tracks=[track]).save(folder / file)
        drummer = name.split("/")[0]
        rows.append(f"{drummer},{drummer}/s,{name},rock,100,beat,4-4,{file},,60,{split}")
    (folder / "info.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def read(folder: Path, feel: Feel = STRAIGHT) -> list[Played]:
    return [played(each, feel) for each in performances(folder, lambda *_: None, "train", genres=["rock"])]


def grooves(takes: list[Played], bars: int = 1) -> list[Groove]:
    return [found for take in takes if (found := groove_of(take, bars)) is not None]


def steps(groove: Groove) -> Bar:
    lines = {voice: "".join(groove.marks[i]) for i, voice in enumerate(VOICES)}
    return {voice: line for voice, line in lines.items() if line.strip(".")}


@pytest.mark.parametrize("swing", [0.5, 0.66])
def test_the_bar_that_is_repeated_is_found_and_not_what_comes_once(tmp_path: Path, swing: float) -> None:
    straight = {
        voice: "".join(m if i % 2 == 0 else "." for i, m in enumerate(bar)) for voice, bar in LIVELY.items()
    }
    write(tmp_path, {"drummer1/s/1": [straight] * 3 + [OTHER] + [straight] * 3}, swing=swing)
    (found,) = grooves(read(tmp_path, Feel(swing)))
    assert steps(found) == straight
    assert found.repeats == 6


def test_force_makes_accents_and_ghost_notes(tmp_path: Path) -> None:
    write(tmp_path, {"drummer1/s/1": [LIVELY] * 6})
    (found,) = grooves(read(tmp_path))
    assert steps(found) == LIVELY


def test_what_is_not_repeated_is_no_groove(tmp_path: Path) -> None:
    write(tmp_path, {"drummer1/s/1": [CALM, LIVELY, OTHER, FILL, CALM]})
    assert not grooves(read(tmp_path))


def test_a_drummer_who_alternates_has_a_pattern_of_two_bars(tmp_path: Path) -> None:
    write(tmp_path, {"drummer1/s/1": [CALM, LIVELY] * 4, "drummer1/s/2": [CALM] * 8})
    (found,) = grooves(read(tmp_path), bars=2)
    assert found.played.take == "drummer1/s/1"
    assert steps(found) == {voice: CALM[voice] + LIVELY[voice] for voice in CALM}


def test_levels_grow_out_of_one_another_and_are_lines_of_a_style(tmp_path: Path) -> None:
    write(
        tmp_path,
        {f"drummer{i}/s/1": [CALM] * 5 for i in range(3)}
        | {f"drummer{i}/s/2": [LIVELY] * 5 for i in range(3)}
        | {"drummer4/s/1": [OTHER] * 5},
    )
    found = grooves(read(tmp_path))
    calm, lively = typical(found, 2)
    assert (steps(calm), steps(lively)) == (CALM, LIVELY)
    assert grows(calm, lively)
    assert not grows(lively, calm)
    drums = "\n".join(f"  {line}" for line in groove_lines([calm, lively], [0, 0.5, 1]))
    style = parse_style(f"name: Mined\nsource: takes\ndrums:\n{drums}\n")
    for activity, bar in ((0.2, CALM), (0.8, LIVELY)):
        for voice, lines in style.drums:
            struck = [
                step
                for line in lines
                if line.from_ <= activity < line.to or (line.to == 1 and line.from_ <= activity)
                for step, mark in enumerate(line.steps.replace("|", ""))
                if mark != "."
            ]
            assert len(struck) == len(set(struck)), "a stroke is doubled"
            assert sorted(struck) == [i for i, mark in enumerate(bar.get(voice, "")) if mark != "."]


def test_the_end_of_a_phrase_that_is_no_groove_is_a_fill(tmp_path: Path) -> None:
    write(tmp_path, {"drummer1/s/1": ([LIVELY] * 3 + [FILL]) * 3})
    (found,) = grooves(read(tmp_path))
    fills = fills_of(found)
    assert [fill.bar for fill in fills] == [3, 7, 11]
    lines = {voice: "".join(fills[0].marks[i]) for i, voice in enumerate(VOICES)}
    assert lines["high_tom"] == FILL["high_tom"][-8:]
    assert lines["floor_tom"] == FILL["floor_tom"][-8:]
    written = yaml.safe_load(fill_line(fills[0], 0.5, 1))
    assert written[0]["source"] == "drummer1/s/1"
    parse_style(yaml.safe_dump({"name": "Mined", "source": "takes", "fills": written}))


def test_only_the_training_split_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"drummer1/s/1": [CALM] * 6}, split="test")
    assert not read(tmp_path)
