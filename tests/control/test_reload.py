"""An edited rig, key by key: what changes at once, what is exchanged, what waits for the next start; and that a mistake
changes nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from model_files import random_network, rtneural

from emohost.config import load_rig
from emohost.config.schema import Rig
from emohost.control.parameters import checked
from emohost.control.reload import LIVE, Reload, Reloaded, Swap, _leaves, kind_of
from emohost.errors import ConfigError, ControlError, ModelError
from emohost.vocabulary import ROLE_NAMES

MINE = "name: Mine\nsource: by hand\n"
AUDIO = "audio: {backend: dummy}\n"


class Scene:
    """A rig in a folder, and what a reload of it asks for."""

    def __init__(self, folder: Path, text: str) -> None:
        self.folder, self.rig = folder, folder / "rig.yaml"
        self.write(text)
        self.sent: list[tuple[str, float]] = []
        self.led: list[str] = []
        self.swaps: list[Swap] = []
        self.waiting: Sequence[str] = ()
        self.refusal: Exception | None = None
        self.reload = Reload(
            load_rig(self.rig),
            lambda name, value: self.sent.append((name, value)),
            self.led.append,
            self._exchange,
            self._may_lead,
        )

    def write(self, text: str) -> None:
        self.rig.write_text(AUDIO + text, encoding="utf-8")

    def again(self, text: str) -> Reloaded:
        self.write(text)
        return self.reload.again()

    def _exchange(self, swap: Swap) -> Sequence[str]:
        if self.refusal is not None:
            raise self.refusal
        self.swaps.append(swap)
        return self.waiting

    def _may_lead(self, source: str) -> None:
        if source == "link":
            raise ControlError("clock: the host is in no session of Ableton Link")


def melody(folder: Path, seed: int) -> None:
    network = rtneural(random_network(seed, inputs=64, hidden=3, outputs=128))
    (folder / "mine.json").write_text(json.dumps(network), encoding="utf-8")


def test_each_key_is_live_or_exchanged_or_waits_for_a_start() -> None:
    keys = {
        key for key, _ in _leaves(Rig.model_validate({"audio": {"backend": "dummy"}}).model_dump(mode="json"))
    }
    kinds = {key: kind_of(key) for key in keys}
    assert {key for key, kind in kinds.items() if kind == "live"} == set(LIVE)
    swapped = {key for key, kind in kinds.items() if kind == "swap"}
    assert swapped == {key for key in keys if key.startswith("networks.")} | {"engine.precision"}
    assert kind_of("music.style", "swing") == "live"
    assert kind_of("music.style", "/home/me/mine.yaml") == "swap"


def test_a_networks_file_that_was_written_again_is_exchanged_alone(tmp_path: Path) -> None:
    melody(tmp_path, 1)
    text = "networks: {melody: {file: mine.json}}\n"
    scene = Scene(tmp_path, text)
    assert scene.reload.again() == Reloaded((), (), ())
    melody(tmp_path, 2)
    assert scene.again(text) == Reloaded((), ("networks.melody.file",), ())
    assert scene.swaps[-1].roles == ("melody",)
    assert scene.reload.again() == Reloaded((), (), ())


def test_another_precision_exchanges_every_network(tmp_path: Path) -> None:
    scene = Scene(tmp_path, "")
    assert scene.again("engine: {precision: float32}\n").swap == ("engine.precision",)
    assert scene.swaps[-1].roles == ROLE_NAMES


def test_a_style_goes_by_its_name_at_once_and_by_its_file_in_exchange(tmp_path: Path) -> None:
    for name in ("mine", "other"):
        (tmp_path / f"{name}.yaml").write_text(MINE, encoding="utf-8")
    scene = Scene(tmp_path, "music: {style: mine.yaml}\n")
    for style, kind in (
        ("bossa", "live"),
        ("mine.yaml", "live"),
        ("other.yaml", "swap"),
        ("other.yaml", None),
    ):
        told = scene.again(f"music: {{style: {style}}}\n")
        assert [each for each in ("live", "swap", "restart") if getattr(told, each)] == [kind] * (
            kind is not None
        )
    assert [swap.style for swap in scene.swaps] == [True]
    assert scene.sent == [checked("style", name) for name in ("bossa", "own", "own")]
    (tmp_path / "other.yaml").write_text(MINE + "tempo: [60, 90]\n", encoding="utf-8")
    assert scene.reload.again().swap == ("music.style",)


def test_what_waits_for_a_start_is_named_each_time(tmp_path: Path) -> None:
    scene = Scene(tmp_path, "")
    for _ in range(2):
        assert scene.again("music: {seed: 4}\nsupervision: {stall_s: 0.5}\n") == Reloaded(
            (), (), ("music.seed", "supervision.stall_s")
        )


def test_a_network_that_needs_another_engine_waits_for_a_start(tmp_path: Path) -> None:
    melody(tmp_path, 1)
    scene = Scene(tmp_path, "")
    scene.waiting = ["emotion"]
    text = "networks: {emotion: {optional: true}, melody: {file: mine.json}}\n"
    first = Reloaded((), ("networks.melody.file",), ("networks.emotion.optional",))
    assert scene.again(text) == first
    assert scene.reload.again() == Reloaded((), (), ("networks.emotion.optional",))


@pytest.mark.parametrize(
    "refusal", [ModelError("mine.json: layer 2"), ControlError("nothing plays just now")]
)
def test_what_cannot_be_exchanged_leaves_all_else_alone(tmp_path: Path, refusal: Exception) -> None:
    scene = Scene(tmp_path, "")
    melody(tmp_path, 1)
    text = "music: {tempo: 90}\nnetworks: {melody: {file: mine.json}}\n"
    scene.refusal = refusal
    with pytest.raises(type(refusal)):
        scene.again(text)
    assert not scene.sent
    scene.refusal = None
    assert scene.again(text) == Reloaded(("music.tempo",), ("networks.melody.file",), ())


def test_a_mistake_or_a_clock_that_is_not_there_changes_nothing(tmp_path: Path) -> None:
    scene = Scene(tmp_path, "")
    melody(tmp_path, 1)
    network = "networks: {melody: {file: mine.json}}\n"
    with pytest.raises(ConfigError, match=r"rig\.yaml:2:9: music\.tempo: found 'fast'"):
        scene.again("music: {tempo: fast}\n" + network)
    with pytest.raises(ControlError, match="Ableton Link"):
        scene.again("music: {tempo: 90, clock: {source: link}}\n" + network)
    assert (scene.sent, scene.led, scene.swaps) == ([], [], [])
