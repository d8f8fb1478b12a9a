"""What is set while the host plays: at once, on a beat, gliding; the last one wins; a flood is merged."""

from __future__ import annotations

import itertools
import time
from typing import Any

import pytest

from emohost.config.schema import Rig
from emohost.control.controls import Controls, Point
from emohost.control.parameters import configured
from emohost.errors import ControlError

RIG = Rig.model_validate({"audio": {"backend": "dummy"}, "music": {"tempo": 93, "listen": "answer"}})


class Scene:
    def __init__(self) -> None:
        self.sent: list[tuple[str, float, int]] = []
        self.room = True
        self.point: Point | None = Point(48000, 1.0)
        self.controls = Controls(configured(RIG), self.send, lambda _when: self.point)

    def send(self, name: str, value: float, frame: int) -> bool:
        if self.room:
            self.sent.append((name, value, frame))
        return self.room

    def step_for(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.controls.step()
            time.sleep(0.002)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_it_begins_with_what_the_rig_says(scene: Scene) -> None:
    values = scene.controls.values()
    assert values["tempo"] == 93
    assert values["listen"] == 1
    assert values["melody_enabled"] == 1
    assert values["accents_enabled"] == 0
    scene.controls.engine_plays()
    assert scene.sent == []  # the engine has read the rig, too
    told = Controls(
        {**values, "emotion_weight": 0.9}, scene.send, lambda _when: None, tell=["emotion_weight"]
    )
    told.engine_plays()
    assert scene.sent == [("emotion_weight", 0.9, 0)]


def test_what_is_set_is_sent_and_told_to_the_next_engine(scene: Scene) -> None:
    scene.controls.set("density", 0.6, source="a pedal")
    assert scene.sent == [("density", 0.6, 0)]
    assert scene.controls.values()["density"] == 0.6
    assert scene.controls.set_by() == {"density": "a pedal"}
    time.sleep(0.02)
    scene.controls.engine_plays()
    assert scene.sent[1:] == [("density", 0.6, 0)]


def test_on_the_beat_it_is_sent_shortly_before_with_the_beats_frame(scene: Scene) -> None:
    scene.controls.set("transpose", 2, at="beat")
    scene.step_for(0.03)
    assert scene.sent == []
    scene.point = Point(47000, 0.05)
    scene.step_for(0.03)
    assert scene.sent == [("transpose", 2, 47000)]


def test_gliding_it_rises_evenly_and_arrives(scene: Scene) -> None:
    scene.controls.set("velocity", 2.0, over_s=0.3)
    scene.step_for(0.4)
    values = [value for _, value, _ in scene.sent]
    assert len(values) >= 4
    assert values == sorted(values)
    assert values[-1] == 2.0
    assert max(after - before for before, after in itertools.pairwise(values)) < 0.6


def test_a_switch_changes_at_the_end_of_a_glide(scene: Scene) -> None:
    scene.controls.set("drums_enabled", "off", over_s=0.1)
    scene.step_for(0.05)
    assert scene.sent == []
    scene.step_for(0.1)
    assert scene.sent == [("drums_enabled", 0.0, 0)]


@pytest.mark.parametrize("before", [{"over_s": 5}, {"at": "bar"}])
def test_whoever_sets_last_wins(scene: Scene, before: dict[str, object]) -> None:
    scene.controls.set("density", 2, source="one", **before)
    scene.controls.set("density", 0.5, source="another")
    scene.point = Point(48000, 0.0)
    scene.step_for(0.05)
    assert scene.sent[-1] == ("density", 0.5, 0)
    assert all(value <= 1 for _, value, _ in scene.sent)
    assert scene.controls.set_by()["density"] == "another"


def test_a_flood_is_merged_and_its_last_value_holds(scene: Scene) -> None:
    for number in range(5000):
        scene.controls.set("density", number / 5000)
    scene.step_for(0.03)
    assert len(scene.sent) < 500
    assert scene.sent[-1] == ("density", 4999 / 5000, 0)
    assert scene.controls.merged + len(scene.sent) >= 5000


def test_what_an_engine_has_no_room_for_is_sent_later(scene: Scene) -> None:
    scene.room = False
    scene.controls.set("density", 0.4)
    scene.room = True
    scene.step_for(0.03)
    assert scene.sent == [("density", 0.4, 0)]


@pytest.mark.parametrize(
    ("name", "value", "how", "message"),
    [
        ("density", 3, {}, "density: found 3; expected a number from 0 to 2"),
        ("transpose", 0.5, {}, "transpose: found 0.5; expected a whole number"),
        ("drums_enabled", "loud", {}, "drums_enabled: found 'loud'; expected one of off, on"),
        ("density", 1, {"at": "noon"}, "at: found 'noon'; expected one of now, beat, bar"),
        ("density", 1, {"over_s": -1}, "over: found -1; expected a number from 0 to 600"),
        ("density", 1, {"over_s": float("nan")}, "over: found nan; expected a number from 0 to 600"),
    ],
)
def test_what_cannot_be_set_changes_nothing(
    scene: Scene, name: str, value: object, how: dict[str, Any], message: str
) -> None:
    before = scene.controls.values()
    with pytest.raises(ControlError) as error:
        scene.controls.set(name, value, **how)
    assert str(error.value) == message
    assert scene.controls.values() == before
    assert scene.sent == []
