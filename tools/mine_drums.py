"""Finds the typical drum patterns of a genre in the takes of human drummers and prints them as lines of a style.

    python tools/mine_drums.py --data DIR --genre rock [--levels 3] [--bars 2] [--timekeeper hat]
        [--swing 0.64 --of eighths] [--show 5]

Takes of the Groove MIDI Dataset's training split in 4/4 are read (models/README.md says where it is published). A
groove is a real bar that its drummer repeats; of each level of activity the medoid is printed, such that a livelier one
grows out of the one before. Fills are what the same drummers play at the end of a phrase. Which of it goes into a style
is a musician's choice: --show prints the next most typical ones, too.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from emohost.errors import EmohostError
from emohost.styles.compiled import PAIRS
from emohost.styles.notation import written
from emohost.training.data_sets.drummers import performances
from emohost.training.drum_patterns.fills import fills_of, typical_fills
from emohost.training.drum_patterns.grooves import Groove, by_typicality, groove_of, levels, typical
from emohost.training.drum_patterns.lines import fill_line, groove_lines
from emohost.training.drum_patterns.played import VOICES, Feel, Played, played

BOUNDS = {1: (0.0, 1.0), 2: (0.0, 0.5, 1.0), 3: (0.0, 0.4, 0.65, 1.0)}  # activity, by levels
FILL_LENGTHS = (4, 8, 16)


def takes(options: argparse.Namespace) -> list[Played]:
    feel = Feel(options.swing, PAIRS[options.of])
    found = performances(options.data, lambda what, done, of: None, "train", genres=options.genre)
    return [played(take, feel) for take in found if take.kind == "beat"]


def keeps_time(groove: Groove, voice: str) -> bool:
    """Whether most strokes of the cymbals are on this one."""
    hits = {name: int((groove.marks[VOICES.index(name)] != ".").sum()) for name in ("hat", "ride")}
    return hits[voice] > sum(hits.values()) / 2


def show(grooves: Sequence[Groove], count: int, most: int) -> None:
    for number, group in enumerate(levels(grooves, count)):
        for apart, groove in by_typicality(group)[:most]:
            print(
                f"# level {number + 1}, {apart:.1f} strokes from the others, {groove.hits:.0f} hits a bar: "
                f"{groove.played.take}, bar {groove.bar + 1}, repeated {groove.repeats}"
            )
            for voice, name in enumerate(VOICES):
                line = np.where(groove.sometimes[voice], "?", groove.marks[voice])
                if (line != ".").any():
                    print(f"#   {name:9} {written(''.join(line), 4)}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder that holds groove-midi")
    parser.add_argument("--genre", action="append", required=True, help="as info.csv has it; again for more")
    parser.add_argument("--levels", type=int, choices=sorted(BOUNDS), default=3, help="of activity")
    parser.add_argument("--bars", type=int, choices=(1, 2), default=1, help="2: patterns that alternate")
    parser.add_argument(
        "--timekeeper", choices=("hat", "ride"), help="only grooves whose time this one keeps"
    )
    parser.add_argument("--swing", type=float, default=0.5, help="the genre's, as in a style's feel")
    parser.add_argument("--of", choices=sorted(PAIRS), default="eighths")
    parser.add_argument("--show", type=int, default=0, help="also as many of the most typical of each level")
    options = parser.parse_args()
    try:
        read = takes(options)
    except EmohostError as error:
        parser.exit(1, f"{error}\n")
    found = [(take, groove_of(take, options.bars)) for take in read]
    grooves = [groove for _, groove in found if groove is not None]
    if options.timekeeper:
        grooves = [groove for groove in grooves if keeps_time(groove, options.timekeeper)]
    drummers = len({groove.played.drummer for groove in grooves})
    print(
        f"# {', '.join(options.genre)}: {len(read)} takes, {len(grooves)} with a groove, {drummers} drummers"
    )
    if not grooves:
        parser.exit(1, "expected takes in which a bar is repeated, found none\n")
    show(grooves, options.levels, options.show)
    chosen = typical(grooves, options.levels)
    print("drums:")
    for line in groove_lines(chosen, BOUNDS[len(chosen)]):
        print(f"  {line}")
    if options.bars > 1:
        return
    fills = [fill for groove in grooves for fill in fills_of(groove)]
    print(f"fills:  # of {len(fills)}")
    for length in FILL_LENGTHS:
        typical_ones = typical_fills(fills, length, 2)
        for number, fill in enumerate(typical_ones):
            print("  " + fill_line(fill, number / len(typical_ones), (number + 1) / len(typical_ones)))


if __name__ == "__main__":
    main()
