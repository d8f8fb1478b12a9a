"""One watchdog for all: signs of life, patience, pauses that grow, and no verdict on what it slept through itself."""

from __future__ import annotations

import pytest

from emohost.process import watchdog as module
from emohost.process.watchdog import HELD_UP_S, Watchdog


class Time:
    """In the place of the monotonic clock."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


class Process:
    def __init__(self) -> None:
        self.killed = 0

    def kill(self) -> None:
        self.killed += 1


class Scene:
    def __init__(self, time: Time) -> None:
        self.time = time
        self.started: list[Process] = []
        self.refuse = False
        self.dog = Watchdog(self.start, (0.5, 2.0))

    def start(self) -> Process:
        if self.refuse:
            raise OSError("no memory")
        self.started.append(Process())
        return self.started[-1]

    def run(self, seconds: float, step_s: float = 0.01) -> None:
        for _ in range(round(seconds / step_s)):
            self.time.now += step_s
            self.dog.look()

    def pause_s(self) -> float:
        """Until another is due."""
        before = self.time.now
        while not self.dog.due:
            self.run(0.01)
        return self.time.now - before


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    time = Time()
    monkeypatch.setattr(module, "time", time)
    return Scene(time)


def test_silence_counts_from_the_last_sign_of_life(scene: Scene) -> None:
    scene.run(1.0)
    assert scene.dog.silent_s == pytest.approx(1.0)
    scene.dog.sign()
    scene.run(0.3)
    assert scene.dog.silent_s == pytest.approx(0.3)
    scene.dog.sign(in_s=5.0)
    assert scene.dog.silent_s == pytest.approx(-5.0)
    assert scene.dog.lived_s == pytest.approx(1.3)


@pytest.mark.parametrize("held_up_s", [HELD_UP_S + 0.01, 3.0, 1e6])
def test_what_this_process_slept_through_is_held_against_nobody(scene: Scene, held_up_s: float) -> None:
    scene.run(0.2)
    scene.time.now += held_up_s
    scene.dog.look()
    assert scene.dog.silent_s == pytest.approx(0.2)
    scene.run(0.1)
    assert scene.dog.silent_s == pytest.approx(0.3)


def test_what_is_lost_is_killed_once_and_another_is_due_after_pauses_that_grow(scene: Scene) -> None:
    pauses = []
    for number in range(4):
        assert not scene.dog.due
        scene.dog.lose()
        assert scene.started[number].killed == 1
        pauses.append(scene.pause_s())
        scene.dog.begin()
        assert scene.dog.silent_s == scene.dog.lived_s == 0
    assert pauses == pytest.approx([0.5, 1.0, 2.0, 2.0], abs=0.02)
    scene.dog.settle()
    scene.dog.lose()
    assert scene.pause_s() == pytest.approx(0.5, abs=0.02)


def test_where_another_cannot_be_started_it_is_tried_again(scene: Scene) -> None:
    scene.dog.lose(at_once=True)
    assert scene.dog.due
    scene.refuse = True
    with pytest.raises(OSError, match="no memory"):
        scene.dog.begin()
    assert scene.dog.resting
    scene.dog.rest()
    assert not scene.dog.due
    scene.pause_s()
    scene.refuse = False
    scene.dog.begin()
    assert not scene.dog.resting
    assert len(scene.started) == 2


def test_the_first_that_cannot_be_started_is_its_owners_to_tell() -> None:
    def refuse() -> Process:
        raise OSError("no process")

    with pytest.raises(OSError, match="no process"):
        Watchdog(refuse, (0.1, 1.0))
