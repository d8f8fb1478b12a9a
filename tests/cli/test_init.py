"""`emohost init` writes a rig that works here, from what is here, and never over a file; `run` finds it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from emohost.cli import cli, devices
from emohost.config import load_rig, starter
from emohost.config.audio import AudioFile, PortAudio
from emohost.config.load import parse_rig
from emohost.config.starter import Starter
from emohost.daws import DAWS

JACK = {"name": "system", "host_api": "JACK Audio Connection Kit", "inputs": 2, "outputs": 2}
USB = {"name": "USB: Audio #1", "host_api": "ALSA", "inputs": 1, "outputs": 0}
SPEAKER = {"name": "HDMI", "host_api": "ALSA", "inputs": 0, "outputs": 2}
SYNTH = "fluidsynth: Synth input port (1:0)"


@pytest.fixture
def folder(emohost: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "stage"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """One with two inputs and a synth."""
    rates = {"sample_rate": 44100.0, "default_input": True}
    found = [{**each, **rates} for each in (SPEAKER, USB, JACK)]
    ports: dict[str, dict[str, Any]] = {
        "jack": {"ports": [SYNTH], "error": None},
        "alsa": {"ports": [], "error": "ALSA's sequencer is not there"},
    }
    monkeypatch.setattr(devices, "audio_devices", lambda: found)
    monkeypatch.setattr(devices, "midi_ports", lambda: ports)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with neither sound nor MIDI."""
    monkeypatch.setattr(devices, "audio_devices", list)
    monkeypatch.setattr(devices, "midi_ports", dict)


def init(*arguments: str, answers: list[str] | None = None) -> Result:
    lines = None if answers is None else "".join(f"{answer}\n" for answer in answers)
    return CliRunner().invoke(cli, ["init", *arguments], input=lines, prog_name="emohost")


def test_without_questions_the_rig_is_made_of_the_best_that_is_there(folder: Path, machine: None) -> None:
    done = init("--yes")
    assert done.exit_code == 0, done.output
    rig = load_rig("rig.yaml").rig
    assert rig.name == "stage"
    assert isinstance(rig.audio, PortAudio)
    assert (rig.audio.device, rig.audio.host_api) == ("system", "JACK Audio Connection Kit")
    assert rig.audio.sample_rate == "auto"
    assert (rig.midi.api, rig.midi.connect) == ("jack", None)


def test_the_answers_are_what_is_written(folder: Path, machine: None) -> None:
    done = init("mine.yaml", answers=["2", "2", "92,5", "92.5", "H", "Cm"])
    assert done.exit_code == 0, done.output
    rig = load_rig("mine.yaml").rig
    assert isinstance(rig.audio, PortAudio)
    assert (rig.audio.device, rig.audio.host_api) == ("USB: Audio #1", "ALSA")
    assert (rig.midi.api, rig.midi.connect) == ("jack", SYNTH)
    assert (rig.music.tempo, rig.music.key) == (92.5, "C minor")
    assert "did you mean 92.5?" in done.output
    assert "found 'H'; expected 'auto'" in done.output


def test_at_most_five_questions_are_asked(
    folder: Path, machine: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    prompt = click.prompt

    def counted(question: str, **options: Any) -> Any:
        asked.append(question)
        return prompt(question, **options)

    monkeypatch.setattr(click, "prompt", counted)
    done = init(answers=["4", "song.wav", "1", "100", "auto"])
    assert done.exit_code == 0, done.output
    assert len(asked) == 5
    audio = load_rig("rig.yaml").rig.audio
    assert isinstance(audio, AudioFile)
    assert audio.path == folder / "song.wav"


@pytest.mark.parametrize("daw", sorted(DAWS))
def test_a_rig_for_a_daw_has_a_channel_for_each_track_and_no_programs(
    folder: Path, machine: None, daw: str
) -> None:
    assert init("--yes", "--daw", daw).exit_code == 0
    rig = load_rig("rig.yaml").rig
    parts = {"melody": 1, "chords": 2, "bass": 3, "drums": 10}
    for name, channel in parts.items():
        part = getattr(rig.music.parts, name)
        assert (part.enabled, part.channel, part.program) == (True, channel, None)
    assert [(each.source, each.channel) for each in rig.music.controls][:2] == [
        ("valence", 16),
        ("arousal", 16),
    ]
    assert not rig.midi.active_sensing
    assert rig.music.clock.jack_timebase == (daw == "ardour")
    assert rig.midi.clock_out == (daw in ("bitwig", "live", "reaper"))


def test_ardour_without_jack_follows_midi_clock(
    folder: Path, machine: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "midi_ports", lambda: {"alsa": {"ports": [], "error": None}})
    assert init("--yes", "--daw", "ardour").exit_code == 0
    rig = load_rig("rig.yaml").rig
    assert rig.midi.api == "alsa"
    assert (rig.midi.clock_out, rig.music.clock.jack_timebase) == (True, False)


def test_a_rig_for_a_daw_on_a_bare_machine_is_checked_and_plays(
    folder: Path, bare: None, emohost: Callable[..., Result]
) -> None:
    assert init("--yes", "--daw", "reaper").exit_code == 0
    checked = emohost("check")
    assert checked.exit_code == 0, checked.output


def test_a_bare_machine_gets_a_rig_that_plays_at_once(
    folder: Path, bare: None, emohost: Callable[..., Result]
) -> None:
    done = init("--yes")
    assert done.exit_code == 0
    assert "no audio input device was found" in done.stderr
    assert "no MIDI system was found" in done.stderr
    checked = emohost("check")
    assert checked.exit_code == 0, checked.output
    assert str(folder / "rig.yaml") in checked.output


@pytest.mark.parametrize("answers", [None, ["1", "1", "100", "auto"]])
def test_a_file_that_is_there_stays_as_it_is(folder: Path, bare: None, answers: list[str] | None) -> None:
    (folder / "rig.yaml").write_text("mine")
    done = init(*(["--yes"] if answers is None else []), answers=answers)
    assert (done.exit_code, "is there already" in done.stderr) == (1, True)
    assert (folder / "rig.yaml").read_text() == "mine"
    (folder / "link.yaml").symlink_to(folder / "nowhere.yaml")
    assert init("--yes", "link.yaml").exit_code == 1
    assert not (folder / "nowhere.yaml").exists()


def test_without_answers_nothing_is_written(folder: Path, bare: None) -> None:
    done = init(answers=["1"])
    assert (done.exit_code, "emohost init --yes" in done.stderr) == (1, True)
    assert list(folder.iterdir()) == []


def test_another_ending_is_refused(folder: Path, bare: None) -> None:
    done = init("--yes", "song.wav")
    assert (done.exit_code, "expected a name that ends in .yaml or .yml" in done.stderr) == (2, True)


names = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Cn", "Zl", "Zp")), min_size=1, max_size=60)


@given(name=names, device=names, port=names)
def test_whatever_things_are_called_it_is_a_rig(name: str, device: str, port: str) -> None:
    text = Starter(
        name, starter.device(device, "ALSA", 48000), starter.existing_port("alsa", port), key="F# minor"
    ).text()
    rig = parse_rig(text)
    assert isinstance(rig.audio, PortAudio)
    assert (rig.name, rig.audio.device, rig.midi.connect) == (name, device, port)


@pytest.mark.parametrize("command", ["run", "check"])
def test_without_a_file_the_rig_in_the_folder_is_meant(
    folder: Path, emohost: Callable[..., Result], program: Callable[..., subprocess.Popen[str]], command: str
) -> None:
    none = emohost(command)
    assert (none.exit_code, "`emohost init` makes one" in none.stderr) == (2, True)
    rig = "audio: {backend: dummy, duration_s: 0.2}\nmidi: {api: none}\n"
    (folder / "notes.yaml").write_text("a: b\n")
    (folder / "one.yaml").write_text(rig)
    assert program(command).wait(60) == 0
    (folder / "two.yaml").write_text(rig)
    several = emohost(command)
    assert (several.exit_code, "one.yaml, two.yaml; say which" in several.stderr) == (2, True)
    (folder / "rig.yaml").write_text(rig)
    assert program(command).wait(60) == 0
