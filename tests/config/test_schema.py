"""`emohost schema` describes every key, and says the same as the loader."""

from __future__ import annotations

import json
import pickle
from typing import Any

import jsonschema
import pytest
import yaml

from emohost.config import load_rig
from emohost.config.load import parse_rig
from emohost.config.mistakes import rig_schema
from emohost.config.schema import Rig
from emohost.errors import ConfigError
from emohost.packaged import packaged

CONFIGS = sorted(packaged("configs").glob("*.yaml"))


def valid(data: Any) -> bool:
    return bool(jsonschema.Draft202012Validator(rig_schema()).is_valid(data))


def test_a_rig_can_go_to_another_process() -> None:
    """As `render --jobs` sends it to its workers."""
    rig = Rig.model_validate({"audio": {"backend": "dummy"}, "music": {"parts": {"bass": {"low": 30}}}})
    assert pickle.loads(pickle.dumps(rig)) == rig


def test_every_key_has_a_line_of_help() -> None:
    sections = [rig_schema(), *rig_schema()["$defs"].values()]
    undescribed = [
        f"{section['title']}.{key}"
        for section in sections
        for key, value in section.get("properties", {}).items()
        if "description" not in value
    ]
    assert undescribed == []


def test_it_is_a_valid_json_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(rig_schema())


@pytest.mark.parametrize(
    "text",
    [
        "audio: {backend: dummy}",
        "audio: {backend: fiel}",
        "audio: {backend: file}",
        "audio: {backend: dummy, block_size: 0}",
        "audio: {backend: dummy}\nmusic: {tempo: 10}",
        "audio: {backend: dummy}\nmusic: {tempo: fast}",
        "audio: {backend: dummy}\nmusic: {key: Bb minor}",
        "audio: {backend: dummy}\nmusic: {key: X}",
        "audio: {backend: dummy}\nmidi: {api: oss}",
        "audio: {backend: dummy}\nextra: 1",
        "audio: {backend: portaudio, device: null}",
    ],
)
def test_an_editor_accepts_what_the_loader_accepts(text: str) -> None:
    try:
        parse_rig(text)
        loads = True
    except ConfigError:
        loads = False
    assert valid(yaml.safe_load(text)) == loads


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_the_configurations_that_come_with_emohost_load_and_validate(path: Any) -> None:
    assert load_rig(path).path == path
    assert valid(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_there_is_a_configuration_for_each_kind_of_rig() -> None:
    names = {path.stem for path in CONFIGS}
    assert {"demo", "live-jack", "live-alsa", "live-coremidi", "live-windows", "daw-feed"} <= names


def test_the_schema_beside_the_configurations_is_the_one_printed() -> None:
    """`emohost schema > configs/rig.schema.json` brings it up to date."""
    saved = json.loads((packaged("configs") / "rig.schema.json").read_text(encoding="utf-8"))
    assert saved == rig_schema()
