"""The style as a live parameter: by its name, and a user's own where there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from emohost.config import load_rig
from emohost.config.schema import Rig
from emohost.control.controls import Controls
from emohost.control.parameters import absent, checked, configured
from emohost.errors import ControlError

MINE = "name: Mine\nsource: by hand\n"
RIG = "audio: {backend: dummy}\nmusic: {style: %s}\n"


def controls(rig: Rig) -> tuple[Controls, list[tuple[str, float]]]:
    sent: list[tuple[str, float]] = []

    def send(name: str, value: float, _frame: int) -> bool:
        sent.append((name, value))
        return True

    return Controls(configured(rig), send, lambda _when: None, absent=absent(rig)), sent


def test_a_style_is_set_by_its_name() -> None:
    made, sent = controls(Rig.model_validate({"audio": {"backend": "dummy"}}))
    made.set("style", "swing")
    assert sent == [checked("style", "swing")]
    with pytest.raises(ControlError, match=r"style: found 'swign'; expected one of auto, ballad, .*, own"):
        made.set("style", "swign")


def test_ones_own_is_refused_where_the_rig_names_no_file(tmp_path: Path) -> None:
    made, sent = controls(Rig.model_validate({"audio": {"backend": "dummy"}}))
    with pytest.raises(ControlError, match="style: found 'own'; expected a style that is there"):
        made.set("style", "own")
    assert not sent
    (tmp_path / "mine.yaml").write_text(MINE, encoding="utf-8")
    (tmp_path / "rig.yaml").write_text(RIG % "mine.yaml", encoding="utf-8")
    made, sent = controls(load_rig(tmp_path / "rig.yaml").rig)
    made.set("style", "rock")
    made.set("style", "own")
    assert made.values()["style"] == checked("style", "own")[1]
