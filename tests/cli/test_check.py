"""`emohost check` tries everything a rig needs, short of playing it, and lists every failure."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from emohost.networks import ROLES
from emohost.packaged import packaged


def rows(output: str) -> dict[str, str]:
    """What was tried -> 'ok' or 'FAIL'."""
    return {
        line.split()[1]: line.split()[0] for line in output.splitlines() if line.startswith(("ok", "FAIL"))
    }


def test_the_demo_has_all_it_needs(emohost: Callable[..., Result]) -> None:
    done = emohost("check", packaged("configs") / "demo.yaml")
    assert done.exit_code == 0, done.output
    tried = rows(done.stdout)
    assert set(tried) == {"config", *ROLES, "audio", "midi", "output.midi_file", "output.plot"}
    assert set(tried.values()) == {"ok"}
    assert "demo.flac" in done.stdout
    assert ROLES["melody"].architecture in done.stdout


def test_every_failure_is_listed_and_the_first_gives_the_exit_code(
    emohost: Callable[..., Result], rig: Callable[[str], Path], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    config = rig(
        "audio: {backend: file, path: nowhere.wav}\n"
        "networks: {melody: {file: nowhere.json}, groove: {file: no.json, optional: true}}\n"
        f"midi: {{api: {'alsa' if sys.platform == 'win32' else 'windows'}}}\n"
        "output: {midi_file: file/x.mid}\n"
    )
    done = emohost("check", config)
    assert done.exit_code == 3
    tried = rows(done.stdout)
    assert [what for what, verdict in tried.items() if verdict == "FAIL"] == [
        "melody",
        "audio",
        "midi",
        "output.midi_file",
    ]
    assert "no.json: not found" in done.stdout
    assert "(optional: its part is silent)" in done.stdout


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("audio: {backend: fiel}", 2, "did you mean 'file'?"),
        ("audio: {backend: file, path: x.wav}\nmidi: {api: none}", 4, "x.wav: found no such file"),
        (
            "audio: {backend: portaudio, device: no such device here}\nmidi: {api: none}",
            4,
            "there is no audio input",
        ),
    ],
)
def test_a_failure_has_the_exit_code_of_its_kind(
    emohost: Callable[..., Result], rig: Callable[[str], Path], text: str, code: int, words: str
) -> None:
    done = emohost("check", rig(text))
    assert done.exit_code == code
    assert words in done.output


def test_a_port_that_does_not_exist_is_named_with_what_there_is(
    emohost: Callable[..., Result], rig: Callable[[str], Path]
) -> None:
    config = rig("audio: {backend: dummy}\nmidi: {connect: no such port here}")
    done = emohost("check", config)
    assert done.exit_code == 5
    assert "midi" in done.stdout


def test_the_clocks_that_the_rig_follows_are_tried(
    emohost: Callable[..., Result], rig: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "emohost-test-none")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    done = emohost(
        "check", rig("audio: {backend: dummy}\nmusic: {clock: {source: jack}}\nmidi: {api: none}\n")
    )
    assert done.exit_code == 4
    assert rows(done.stdout)["jack"] == "FAIL"
    assert "music.clock: JACK's transport: " in done.stdout


@pytest.mark.parametrize(
    ("music", "told"),
    [
        ("style: waltz", "warning: Folk waltz is in 3/4, music.beats_per_bar is 4: its bar begins again"),
        (
            "style: rock, beats_per_bar: 3",
            "warning: Rock is in 4/4, music.beats_per_bar is 3: its bar is cut",
        ),
        ("style: waltz, beats_per_bar: 3", ""),
        ("style: waltz, clock: {metre: found}", ""),
    ],
)
def test_a_style_in_another_metre_is_said(
    emohost: Callable[..., Result], rig: Callable[[str], Path], music: str, told: str
) -> None:
    done = emohost("check", rig(f"audio: {{backend: dummy}}\nmidi: {{api: none}}\nmusic: {{{music}}}\n"))
    assert done.exit_code == 0, done.output
    assert rows(done.stdout)["style"] == "ok"
    shown = " ".join(done.stdout.split())
    assert told in shown
    assert bool(told) == ("warning: " in shown)
