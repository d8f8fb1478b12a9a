"""Whatever happens to an engine, the notes end, it is killed, and another takes its place."""

from __future__ import annotations

import time
from typing import Any

import pytest

from emohost.config.schema import Supervision
from emohost.errors import AudioError, EngineError
from emohost.host import supervisor as module
from emohost.host.supervisor import EngineState, Supervisor

PLAYING = {
    "type": "playing",
    "sample_rate": 48000,
    "block_size": 256,
    "paced": True,
    "description": "a test",
    "memory": "locked",
    "connections": None,
}
RULES = Supervision(stall_s=0.1, retry_min_s=0.05, retry_max_s=0.2)


class Rings:
    blocks = 0

    def time(self) -> tuple[int, float, int] | None:
        return (self.blocks * 256, 0.0, 0) if self.blocks else None


class Engine:
    """An engine that does what the test says."""

    def __init__(self, log: list[Any], wait: bool, played_s: float) -> None:
        self.log, self.wait, self.played_s = log, wait, played_s
        self.shared = Rings()
        self.said: list[dict[str, Any]] = []
        self.killed = self.stopped = False

    def messages(self) -> list[dict[str, Any]]:
        said, self.said = self.said, []
        return said

    def kill(self) -> None:
        self.killed = True
        self.log.append("killed")

    def stop(self) -> None:
        self.stopped = True

    def how_it_ended(self) -> str:
        return "signal 9"


class Scene:
    """A supervisor, its engines, and what it told."""

    def __init__(self, rules: Supervision = RULES) -> None:
        self.log: list[Any] = []
        self.engines: list[Engine] = []
        self.supervisor = Supervisor(rules, self.start_engine, self)

    def start_engine(self, wait: bool, played_s: float) -> Engine:
        self.engines.append(Engine(self.log, wait, played_s))
        return self.engines[-1]

    def engine_plays(self, engine: Engine, playing: Any) -> None:
        self.log.append("plays")

    def engine_lost(self) -> None:
        self.log.append("notes off")

    def engine_finished(self, last_events: Any, message: Any) -> None:
        self.log.append(("finished", last_events))

    def age_measured(self, age_s: float | None) -> None: ...

    def ports_connected(self, wires: Any) -> None: ...

    def networks_loaded(self, networks: Any) -> None:
        self.log.append("networks")

    def swap_answered(self, message: Any) -> None:
        self.log.append(message)

    def rate_found(self, rate: Any) -> None:
        self.log.append(rate)

    def say(self, text: str, level: int = 0) -> None:
        self.log.append(text)

    def step_for(self, seconds: float, blocks: bool = False) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if blocks:
                self.engines[-1].shared.blocks += 1
            self.supervisor.step()
            time.sleep(0.005)

    def play(self) -> None:
        self.engines[-1].said.append(PLAYING)
        self.step_for(0.05, blocks=True)
        assert self.supervisor.state is EngineState.playing

    def step_until(self, state: EngineState) -> float:
        start = time.monotonic()
        while self.supervisor.state is not state:
            assert time.monotonic() - start < 10
            self.supervisor.step()
            time.sleep(0.005)
        return time.monotonic() - start


def test_as_long_as_blocks_come_nothing_happens() -> None:
    scene = Scene()
    scene.play()
    scene.step_for(0.4, blocks=True)
    assert len(scene.engines) == 1
    assert "notes off" not in scene.log


def test_when_blocks_stop_notes_end_then_the_engine_is_killed_then_another_starts() -> None:
    scene = Scene()
    scene.play()
    taken = scene.step_until(EngineState.lost)
    assert 0.05 < taken < 0.45  # stall_s is 0.1
    assert scene.log.index("notes off") < scene.log.index("killed")
    scene.step_until(EngineState.starting)
    assert len(scene.engines) == 2
    assert scene.engines[1].wait
    scene.play()
    assert scene.supervisor.restarts == 1


@pytest.mark.parametrize(
    "message", [{"type": "ended"}, {"type": "error", "kind": "AudioError", "text": "unplugged"}]
)
def test_a_dead_engine_is_replaced_at_once(message: dict[str, Any]) -> None:
    scene = Scene()
    scene.play()
    scene.engines[0].said.append(message)
    assert scene.step_until(EngineState.lost) < 0.09  # not only when the stall is noticed
    assert scene.engines[0].killed


def test_a_block_longer_than_the_stall_time_is_no_stall() -> None:
    scene = Scene()
    scene.engines[0].said.append({**PLAYING, "sample_rate": 8000, "block_size": 800})  # 0.1 s each
    scene.step_for(0.05, blocks=True)
    scene.step_for(0.25)
    assert scene.supervisor.state is EngineState.playing
    scene.step_until(EngineState.lost)


def test_a_pause_of_the_host_itself_is_not_held_against_the_engine() -> None:
    scene = Scene()
    scene.play()
    time.sleep(0.5)  # SIGSTOP, a debugger, a suspended machine
    scene.supervisor.step()
    assert scene.supervisor.state is EngineState.playing


def test_the_first_engines_error_is_the_users_to_see() -> None:
    scene = Scene()
    scene.engines[0].said.append({"type": "error", "kind": "AudioError", "text": "no such device"})
    with pytest.raises(AudioError, match="no such device"):
        scene.supervisor.step()
    assert scene.engines[0].killed


def test_first_engines_that_die_are_an_error_after_some_tries() -> None:
    scene = Scene()
    for _ in range(module.FIRST_TRIES - 1):
        scene.engines[-1].said.append({"type": "ended"})
        scene.step_until(EngineState.lost)
        scene.step_until(EngineState.starting)
    scene.engines[-1].said.append({"type": "ended"})
    with pytest.raises(EngineError, match="signal 9"):
        scene.supervisor.step()
    assert len(scene.engines) == module.FIRST_TRIES
    assert all(engine.killed for engine in scene.engines)


def test_a_first_engine_that_dies_by_chance_is_replaced_and_told_of() -> None:
    scene = Scene()
    scene.engines[0].said.append({"type": "ended"})
    scene.step_until(EngineState.lost)
    scene.step_until(EngineState.starting)
    assert not scene.engines[1].wait  # a device that is not there is still the user's to see
    scene.play()
    assert scene.supervisor.restarts == 0
    assert "the engine was lost: its process ended (signal 9)" in scene.log


def test_without_restart_a_first_engine_that_dies_is_an_error_at_once() -> None:
    scene = Scene(Supervision(restart=False))
    scene.engines[0].said.append({"type": "ended"})
    with pytest.raises(EngineError, match="signal 9"):
        scene.supervisor.step()


def test_without_restart_a_loss_is_an_error_and_notes_are_off() -> None:
    scene = Scene(Supervision(stall_s=0.1, restart=False))
    scene.play()
    with pytest.raises(EngineError, match="no block came"):
        scene.step_for(5)
    assert scene.log[-2:] == ["notes off", "killed"]


def test_each_thing_is_said_once_until_it_plays_again() -> None:
    scene = Scene()
    scene.play()
    scene.engines[-1].said.append({"type": "ended"})
    scene.step_until(EngineState.starting)
    for _ in range(5):
        scene.engines[-1].said.append({"type": "waiting", "text": "no device"})
        scene.step_for(0.02)
    said = [entry for entry in scene.log if isinstance(entry, str) and "no device" in entry]
    assert said == ["waiting for the device: no device"]
    assert scene.supervisor.state is EngineState.waiting


RATE = {"type": "rate", "agreed": 48000.0, "asked": 48000.0, "found": 44100.0, "told": True}


@pytest.mark.parametrize("told", [True, False])
def test_a_device_at_another_rate_is_no_loss(told: bool) -> None:
    scene = Scene()
    scene.play()
    scene.engines[0].said += [{**RATE, "told": told}, {"type": "ended"}]
    scene.step_until(EngineState.lost)
    assert scene.log.index("notes off") < scene.log.index("killed")
    rest = scene.log[scene.log.index("killed") + 1 :]
    assert rest == ["the device went from 48000 to 44100 Hz; beginning again at the new rate"]
    found = [entry for entry in scene.log if isinstance(entry, dict)]
    assert found == ([] if told else [{"asked": 48000.0, "found": 44100.0, "told": False}])
    scene.step_until(EngineState.starting)
    scene.play()
    assert len(scene.engines) == 2
    assert scene.supervisor.restarts == 0
    assert not [entry for entry in scene.log if "lost" in str(entry)]


def test_a_device_that_comes_back_at_another_rate_is_said_and_begun_at() -> None:
    scene = Scene()
    scene.play()
    scene.engines[0].said.append({"type": "ended"})
    scene.step_until(EngineState.starting)
    scene.engines[1].said += [{"type": "waiting", "text": "no device"}, RATE, {"type": "ended"}]
    scene.step_until(EngineState.lost)
    assert scene.log[-1] == "the device went from 48000 to 44100 Hz; beginning again at the new rate"
    scene.step_until(EngineState.starting)
    assert scene.supervisor.restarts == 1


def test_without_restart_another_rate_is_an_error() -> None:
    scene = Scene(Supervision(stall_s=0.1, restart=False))
    scene.play()
    scene.engines[0].said.append(RATE)
    with pytest.raises(
        EngineError, match=r"^the device went from 48000 to 44100 Hz, and supervision\.restart is off"
    ):
        scene.step_for(5)
    assert scene.log[-2:] == ["notes off", "killed"]


def test_pauses_between_tries_grow_to_the_longest() -> None:
    scene = Scene()
    scene.play()
    pauses = []
    for _ in range(5):
        scene.engines[-1].said.append({"type": "ended"})
        scene.step_until(EngineState.lost)
        pauses.append(scene.step_until(EngineState.starting))
    assert pauses[0] < 0.1
    assert all(0.19 < pause < 0.4 for pause in pauses[3:])


def test_a_driver_that_hangs_while_opening_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TRY_S", (0.2, 0.4))
    scene = Scene()
    scene.play()
    scene.engines[-1].said.append({"type": "ended"})
    scene.step_until(EngineState.starting)
    scene.engines[-1].said.append({"type": "trying"})
    scene.step_until(EngineState.lost)
    assert scene.engines[-1].killed


def test_a_waiting_engine_that_goes_quiet_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TRY_S", (0.2, 0.4))
    scene = Scene()
    scene.play()
    scene.engines[-1].said.append({"type": "ended"})
    scene.step_until(EngineState.starting)
    scene.engines[-1].said.append({"type": "waiting", "text": "no device"})
    scene.step_for(0.05)
    assert scene.step_until(EngineState.lost) < 2


def test_a_new_engine_learns_how_much_has_been_played() -> None:
    scene = Scene()
    scene.play()
    scene.engines[0].shared.blocks = 375  # two seconds
    scene.engines[0].said.append({"type": "ended"})
    scene.step_until(EngineState.starting)
    assert scene.engines[1].played_s == pytest.approx(2.0)


def test_the_last_events_are_handed_over_when_the_source_ends() -> None:
    scene = Scene()
    scene.play()
    scene.engines[0].said.append(
        {"type": "finished", "events": [[480, [128, 60, 0], 1]], "frame": 480, "failure": ""}
    )
    scene.supervisor.step()
    assert scene.log[-1] == ("finished", [(480, bytes([128, 60, 0]), 1)])
    assert scene.supervisor.state is EngineState.finished
