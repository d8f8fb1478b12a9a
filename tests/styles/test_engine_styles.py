"""The engine with styles: the block size changes nothing, a swap comes at a bar line and loses no note."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_engine import make_networks, make_settings, notes_left_on

from emohost import _core
from emohost.styles.load import SHIPPED
from emohost.vocabulary import STYLES

RATE, BAR = 48000, 96000  # at 120
NUMBERS = {style.name: number for number, style in enumerate(STYLES)}
Events = list[tuple[int, bytes, int]]


def play(block: int, style: str, then: dict[int, str], bars: int = 12) -> tuple[Events, np.ndarray]:
    """`then`: what is set at which frame."""
    settings = make_settings(tempo=120, play="always", style=style, controls=[])
    engine = _core.Engine(settings, make_networks())
    for frame, name in then.items():
        assert engine.shared.set_parameter("style", float(NUMBERS[name]), frame)
    events = engine.render(np.zeros((bars * BAR, 1), np.float32), block) + engine.finish()
    return events, engine.take_reports()


@pytest.mark.parametrize("style", ["auto", "swing", "funk", "waltz"])
def test_the_block_size_changes_nothing(style: str) -> None:
    then = {4 * BAR - 5000: "bossa", 8 * BAR - 30000: "swing"}
    first, _ = play(512, style, then)
    assert sum(data[0] & 0xF0 == 0x90 for _, data, _ in first) > 100
    for block in (64, 480, 4096):
        assert play(block, style, then)[0] == first


@pytest.mark.parametrize("name", SHIPPED)
def test_a_swap_comes_at_the_bar_line_and_loses_no_note(name: str) -> None:
    other = "swing" if name != "swing" else "electronic"
    swap = 4 * BAR
    plain, _ = play(512, name, {})
    swapped, reports = play(512, name, {swap - BAR // 3: other})
    assert not notes_left_on(swapped)
    half_step = 3000
    before = [event for event in plain if event[0] < swap - half_step and event[1][0] & 0xF0 == 0x90]
    assert [
        event for event in swapped if event[0] < swap - half_step and event[1][0] & 0xF0 == 0x90
    ] == before
    ends = reports["frame"] + reports["frames"]
    assert set(reports["style"][(ends > BAR) & (ends < swap - half_step - 512)]) == {NUMBERS[name]}
    assert set(reports["style"][ends > swap]) == {NUMBERS[other]}
    assert _drums_after(swap, swapped) != _drums_after(swap, plain)


def _drums_after(frame: int, events: list[Any]) -> set[int]:
    return {data[1] for at, data, part in events if part == 3 and data[2] and at > frame}


def test_a_style_that_is_not_there_is_left_alone() -> None:
    _, reports = play(512, "rock", {BAR: "own"}, bars=4)
    assert set(reports["style"][10:]) == {NUMBERS["rock"]}


def test_a_users_own_style_is_one_of_the_choices(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("name: Mine\nsource: by hand\ndrums: {cowbell: X...|X...|X...|X...}\n", encoding="utf-8")
    settings = make_settings(tempo=120, play="always", style=str(mine))
    engine = _core.Engine(settings, make_networks())
    engine.shared.set_parameter("style", float(NUMBERS["rock"]), 2 * BAR - 9000)
    engine.shared.set_parameter("style", float(NUMBERS["own"]), 4 * BAR - 9000)
    events = engine.render(np.zeros((6 * BAR, 1), np.float32), 512) + engine.finish()
    bells = [frame for frame, data, part in events if part == 3 and data[0] & 0xF0 == 0x90 and data[1] == 56]
    assert len(bells) >= 12
    assert not [frame for frame in bells if 2 * BAR + 9000 < frame < 4 * BAR - 9000]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda style: style.pop("drums"), r"music\.styles\[2\]: 'drums' is missing"),
        (lambda style: style.update(nonsense=1), r"music\.styles\[2\]: unknown 'nonsense'"),
        (
            lambda style: style["bass"][0].update(steps="R" * 99),
            r"styles\[2\]\.bass\[0\]\.steps: expected 1 to 32",
        ),
        (lambda style: style.update(swing=3), "a style is out of range"),
        (lambda style: style.update(handicap=float("nan")), "a style is out of range"),
    ],
)
def test_the_core_refuses_what_is_no_style(change: Callable[..., object], told: str) -> None:
    settings = make_settings()
    styles = [dict(each) for each in settings["music"]["styles"]]
    styles[2]["bass"] = [dict(line) for line in styles[2]["bass"]]
    change(styles[2])
    settings["music"] = {**settings["music"], "styles": styles}
    with pytest.raises(ValueError, match=told):
        _core.Engine(settings, make_networks())
