"""What a wrong rig file promises: every mistake at once, one line each, with file, line, column, key path, what was
found, what is expected, and what was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from emohost.config import load_rig
from emohost.config.load import parse_rig
from emohost.config.schema import Rig
from emohost.errors import ConfigError

DUMMY = "audio: {backend: dummy}\n"


def mistakes(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse_rig(text, "rig.yaml")
    return str(caught.value).splitlines()


def only_mistake(text: str) -> str:
    (line,) = mistakes(text)
    return line


def test_all_mistakes_are_found_at_once_in_the_order_of_the_file() -> None:
    text = """\
audio:
  backend: file
  path: song.flac
  blocksize: 128
musik: {}
music:
  tempo: "100"
  parts:
    melody: {chanel: 3, low: 60, high: 62}
    chords: {channel: 1, density: 1, density: 2}
  controls:
    - {source: valens, controller: 200}
    - foo
midi: {api: Jack}
"""
    places = [line.split(": found")[0] for line in mistakes(text)]
    assert places == [
        "rig.yaml:4:3: audio.blocksize",
        "rig.yaml:5:1: musik",
        "rig.yaml:7:3: music.tempo",
        "rig.yaml:9:14: music.parts.melody.chanel",
        "rig.yaml:9:25: music.parts.melody.low",
        "rig.yaml:10:14: music.parts.chords.channel",
        "rig.yaml:10:38: music.parts.chords.density",
        "rig.yaml:12:8: music.controls.0.source",
        "rig.yaml:12:24: music.controls.0.controller",
        "rig.yaml:13:7: music.controls.1",
        "rig.yaml:14:8: midi.api",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "audio: {backend: fiel}",
            "rig.yaml:1:9: audio.backend: found 'fiel'; expected 'dummy', 'file' or 'portaudio' "
            "(did you mean 'file'?)",
        ),
        (
            "audio: {path: x.wav}",
            "rig.yaml:1:1: audio.backend: found nothing; expected 'dummy', 'file' or 'portaudio'",
        ),
        (
            "name: x",
            "rig.yaml:1:1: audio: found nothing; "
            "expected a mapping with 'backend' as 'dummy', 'file' or 'portaudio'",
        ),
        (
            "audio: dummy",
            "rig.yaml:1:1: audio: found 'dummy'; "
            "expected a mapping with 'backend' as 'dummy', 'file' or 'portaudio'",
        ),
        (
            "audio: {backend: dummy, sample_rat: 48000}",
            "rig.yaml:1:25: audio.sample_rat: found an unknown key; expected one of backend, signal, level_db, "
            "sample_rate, block_size, duration_s (did you mean 'sample_rate'?)",
        ),
        (
            "audio: {backend: file}",
            "rig.yaml:1:1: audio.path: found nothing; expected a path",
        ),
        (
            "audio: {backend: dummy, sample_rate: 1}",
            "rig.yaml:1:25: audio.sample_rate: found 1; expected a number from 8000 to 192000 (Hz)",
        ),
        (
            "audio: {backend: dummy, duration_s: 0}",
            "rig.yaml:1:25: audio.duration_s: found 0; "
            "expected a number above 0, or null (Stop by itself after so many seconds)",
        ),
        (
            DUMMY + "music: {parts: {bass: {channel: 17}}}",
            "rig.yaml:2:24: music.parts.bass.channel: found 17; expected a whole number from 1 to 16 (MIDI channel)",
        ),
        (
            DUMMY + "music: {parts: {bass: {channel: 2}}}",
            "rig.yaml:2:24: music.parts.bass.channel: found channel 2, which is that of chords; "
            "expected a channel of its own",
        ),
        (
            DUMMY + "music: {parts: {bass: {low: 50, high: 40}}}",
            "rig.yaml:2:24: music.parts.bass.low: found low 50 to high 40; expected at least an octave (12 notes)",
        ),
        (
            "audio: {backend: portaudio, pass_through: true}",
            "rig.yaml:1:29: audio.pass_through: found pass_through with output_channels 0; "
            "expected output_channels of at least 1",
        ),
        (
            DUMMY + "output: {plot: x.jpeg}",
            "rig.yaml:2:10: output.plot: found 'x.jpeg'; expected a name that ends in .png, .svg, .pdf",
        ),
        (
            DUMMY + "supervision: {retry_min_s: 5}",
            "rig.yaml:2:15: supervision.retry_min_s: found retry_min_s 5 above retry_max_s 1; "
            "expected retry_min_s at most retry_max_s",
        ),
        (
            DUMMY + "music: {key: H minor}",
            "rig.yaml:2:9: music.key: found 'H minor'; "
            "expected 'auto' (the key heard), or a key such as 'C minor', 'F# major', 'Bbm'",
        ),
        (
            DUMMY + "music: {key: c}",
            "rig.yaml:2:9: music.key: found 'c'; "
            "expected 'auto' (the key heard), or a key such as 'C minor', 'F# major', 'Bbm'",
        ),
        (
            DUMMY + "music:\n  tempo: 92,5",
            "rig.yaml:3:3: music.tempo: found '92,5'; expected a number from 20 to 300 (Beats per minute) "
            "(did you mean 92.5, with a decimal point?)",
        ),
        (
            DUMMY + "music: {tempo: 92,5}",
            "rig.yaml:2:19: music.5: found an unknown key; expected one of tempo, beats_per_bar, clock, enter, "
            "key, chart, chart_file, play, listen, style, humanise, gate_db, reference_db, usual_db, seed, parts, "
            "controls (a decimal comma? write a point, as in 92.5)",
        ),
        (
            DUMMY + "music: {tempo: 120 bpm}",
            "rig.yaml:2:9: music.tempo: found '120 bpm'; expected a number from 20 to 300 (Beats per minute) "
            "(did you mean 120, without a unit?)",
        ),
        (
            DUMMY + "music: {tempo: '120'}",
            "rig.yaml:2:9: music.tempo: found '120'; expected a number from 20 to 300 (Beats per minute) "
            "(did you mean 120, without quotes?)",
        ),
        (
            DUMMY + "supervision: {restart: yes}",
            "rig.yaml:2:15: supervision.restart: found 'yes'; expected true or false (did you mean true?)",
        ),
        (
            DUMMY + "bridge: {ring: a b}",
            "rig.yaml:2:10: bridge.ring: found 'a b'; "
            "expected a name of letters, digits, - and _, at most 32, that begins with a letter or digit",
        ),
        (
            DUMMY + "output:\n  midi_file: ~nosuch-user/x.mid",
            "rig.yaml:3:3: output.midi_file: found '~nosuch-user/x.mid'; "
            "expected a path; '~nosuch-user' is nobody's home on this machine",
        ),
        (
            DUMMY + "networks: {melody: {file: ~nosuch-user/x.json}}",
            "rig.yaml:2:21: networks.melody.file: found '~nosuch-user/x.json'; "
            "expected a path; '~nosuch-user' is nobody's home on this machine",
        ),
        (
            DUMMY + "networks: {melody: other.json}",
            "rig.yaml:2:12: networks.melody: found 'other.json'; "
            "expected a mapping with keys from file, optional, activations, dilations, groups",
        ),
        (
            DUMMY + "name: a\nname: b",
            "rig.yaml:3:1: name: found a second time; expected once (it is on line 2 already)",
        ),
    ],
)
def test_a_mistake_says_place_found_expected_and_the_nearest_match(text: str, line: str) -> None:
    assert only_mistake(text) == line


@pytest.mark.parametrize(
    ("value", "key", "found"),
    [
        ("on", "music.parts.bass.enabled", "'on'"),
        ("yes", "music.parts.bass.enabled", "'yes'"),
        ("1", "music.parts.bass.enabled", "1"),
        ('"3"', "music.parts.bass.channel", "'3'"),
        ("3.5", "music.parts.bass.channel", "3.5"),
        ("true", "music.parts.bass.channel", "true"),
        ("null", "music.parts.bass.channel", "nothing"),
        (".nan", "music.parts.bass.density", "nan"),
        (".inf", "music.parts.bass.density", "inf"),
        ("1:30", "music.parts.bass.density", "'1:30'"),
        ("[1]", "music.parts.bass.density", "a list of 1"),
        ("{a: 1}", "music.parts.bass.density", "a mapping"),
        ("9" * 30, "music.parts.bass.channel", "a very large number"),
    ],
)
def test_a_value_of_the_wrong_type_is_never_bent_into_shape(value: str, key: str, found: str) -> None:
    name = key.rpartition(".")[2]
    line = only_mistake(DUMMY + f"music: {{parts: {{bass: {{{name}: {value}}}}}}}")
    assert line.startswith(f"rig.yaml:2:24: {key}: found {found}; expected ")


def test_words_that_yaml_1_1_takes_for_booleans_are_plain_text() -> None:
    assert parse_rig(DUMMY + "name: on").name == "on"
    assert parse_rig(DUMMY + "midi: {client: off}").midi.client == "off"


def test_a_number_where_a_name_belongs_is_a_mistake() -> None:
    assert only_mistake(DUMMY + "name: 12").startswith("rig.yaml:2:1: name: found 12; expected a text")


def test_merged_mappings_fill_in_what_is_not_given() -> None:
    text = (
        DUMMY + "music: {parts: {melody: &quiet {velocity: 0.5, channel: 1}, bass: {<<: *quiet, channel: 3}}}"
    )
    parts = parse_rig(text).music.parts
    assert (parts.bass.velocity, parts.bass.channel, parts.melody.channel) == (0.5, 3, 1)


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + last] * 9)}]\n"
    for last, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ":1:1: found an empty file; expected a mapping with the keys name, audio"),
        (b"# only a comment\n", "found an empty file; expected a mapping"),
        (b"- 1\n- 2\n", ":1:1: found no mapping; expected a mapping"),
        (b"hello", ":1:1: found no mapping; expected a mapping"),
        (b"audio: {backend: dummy\nname: x\n", ":2:5: not valid YAML: while parsing a flow mapping"),
        (b"audio:\n\tbackend: dummy\n", ":2:1: not valid YAML: while scanning for the next token"),
        (b"name: \xff\n", ":1:7: found the byte 0xff; expected UTF-8 text"),
        (b"name: x\nplot: \x07\n", ":2:7: not valid YAML: the character U+0007 is not allowed"),
        (b"a: 1\n---\nb: 2\n", ":2:1: not valid YAML: expected a single document in the stream"),
        (b"a: *nobody\n", ":1:4: not valid YAML: found undefined alias 'nobody'"),
        (b"[" * 100_000, "nested deeper than 32 levels"),
        (b"a: &a [*a]\n", ":1:4: an alias stands for something that holds the alias"),
        (LAUGHS.encode(), "more than 20000 values (aliases expanded)"),
        (b"x" * 1_000_001, "found more than 1000000 bytes"),
        (
            b"name: !!python/object:os.system {}\n",
            ":1:7: name: found the tag 'tag:yaml.org,2002:python/object",
        ),
        (b"? [a, b]\n: 1\n", ":1:3: found a mapping or list as a key; expected a name"),
        (b'name: "a\\0b"\n', ":1:7: name: found 'a\\x00b'; expected text without control characters"),
        (b'name: "\\ud800"\n', ":1:7: name: found '\\ud800'; expected text without control characters"),
        (b"name: !!int x\n", ":1:7: name: found 'x'; expected a value of type int"),
    ],
)
def test_a_file_that_is_no_rig_gets_an_error_with_its_place(
    tmp_path: Path, content: bytes, expected: str
) -> None:
    path = tmp_path / "rig.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_rig(path)
    assert any(line.startswith(str(path)) and expected in line for line in str(caught.value).splitlines())


def test_a_chain_of_aliases_may_not_nest_without_end() -> None:
    chain = "a0: &a0 [1]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 2000))
    assert "nested deeper than 32 levels (aliases expanded)" in only_mistake(chain)


@pytest.mark.parametrize("name", ["missing.yaml", ".", "a\0b", "x" * 5000])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="expected a rig's YAML file"):
        load_rig(tmp_path / name)


def test_the_home_of_nobody_is_a_mistake_of_the_configuration(tmp_path: Path) -> None:
    path = tmp_path / "rig.yaml"
    path.write_text("audio: {backend: file, path: ~no_such_user_here/x.wav}", encoding="utf-8")
    with pytest.raises(ConfigError, match="nobody's home on this machine"):
        load_rig(path)


def test_every_default_of_the_schema_is_valid() -> None:
    rig = parse_rig(DUMMY)
    assert Rig.model_validate(rig.model_dump()) == rig
