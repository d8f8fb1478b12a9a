"""A key may be written as people write keys; it means the same, to the schema of editors, too."""

from __future__ import annotations

import json

import jsonschema
import pytest

from emohost.config.load import parse_rig
from emohost.config.mistakes import rig_schema
from emohost.engine.request import parse_key
from emohost.errors import ConfigError

SPELLINGS = {
    "auto": ["auto", "Auto", "AUTO"],
    "C major": ["C", "C major", "c major", "Cmaj", "C:maj", "CM", "C-major", "C Major"],
    "C minor": ["Cm", "cm", "c minor", "C min", "Cmin", "C:min", "C MINOR"],
    "F# minor": ["F♯ minor", "F#m", "f#m", "f# minor"],
    "Bb major": ["Bb", "B♭", "bb major", "Bbmaj"],
    "B minor": ["Bm", "b minor", "bm"],
    "Bb minor": ["Bbm", "bbm", "b♭ minor"],
}
WRONG = ["", "c", "H minor", "C dorian", "Cmm", "C  major", "C#b minor", "auto minor", "minor", "Am\n"]


def rig(key: str) -> str:
    return "audio: {backend: dummy}\nmusic: {key: " + json.dumps(key) + "}\n"


@pytest.mark.parametrize(
    ("key", "spelling"), [(key, each) for key, spellings in SPELLINGS.items() for each in spellings]
)
def test_each_spelling_is_the_key_that_is_meant(key: str, spelling: str) -> None:
    assert parse_rig(rig(spelling)).music.key == key
    assert parse_key(key)[1] == key.endswith("minor")
    jsonschema.validate({"audio": {"backend": "dummy"}, "music": {"key": spelling}}, rig_schema())


@pytest.mark.parametrize("spelling", WRONG)
def test_what_is_no_key_is_refused(spelling: str) -> None:
    with pytest.raises(ConfigError, match=r"music\.key: found .*; expected"):
        parse_rig(rig(spelling))
