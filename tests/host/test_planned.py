"""The bars that the band plans reach the status, also through the control socket's JSON."""

from __future__ import annotations

import dataclasses
import json

import numpy as np

from emohost import _core
from emohost.host.planned import PlannedBar, planned_bars
from emohost.host.status import Status

FLAGS = _core.PLANNED_FLAGS


def report(beats: int = 4) -> np.void:
    row = np.zeros(1, _core.report_dtype)[0]
    row["beats_per_bar"] = beats
    row["planned"]["chords"] = -1
    return row


def test_nothing_is_planned_before_the_band_plays() -> None:
    assert planned_bars(report()) == ()


def test_a_bar_is_told_by_part_and_by_beat() -> None:
    row = report(3)
    present, coming = row["planned"][0], row["planned"][1]
    present["flags"] = FLAGS["planned"] | FLAGS["ends_phrase"]
    present["strikes"] = [1, 0, 1 | 1 << 11, 0b1010_1010_1010]
    present["chords"][:3] = [0, 0, 46]
    coming["flags"] = FLAGS["planned"] | FLAGS["begins_section"] | FLAGS["melody_open"]
    now, then = planned_bars(row)
    assert now == PlannedBar(
        ends_phrase=True,
        chords=("C:maj", "C:maj", "A:min"),
        parts={
            "melody": "x...........",
            "chords": "............",
            "bass": "x..........x",
            "drums": ".x.x.x.x.x.x",
        },
    )
    assert then.begins_section
    assert then.chords == ("", "", "")
    assert set(then.parts) == {"chords", "bass", "drums"}


def test_it_comes_through_json_as_it_was() -> None:
    row = report()
    row["planned"]["flags"] = FLAGS["planned"]
    row["planned"]["strikes"][:, 3] = 0x1111
    status = Status("playing", plan=planned_bars(row))
    assert Status.from_json(json.loads(json.dumps(dataclasses.asdict(status)))).plan == status.plan
