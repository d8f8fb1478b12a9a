"""No command writes over what it reads, over a file of another kind, or over the last take by accident; exit codes are
those of the README."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import mido
import pytest
from click.testing import Result

from emohost.recording.takes import part_of

DUMMY = (
    "audio: {backend: dummy, signal: noise, level_db: -12}\n"
    "music: {play: always, clock: {source: internal}, tempo: 200}\nmidi: {api: none}\n"
)
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals between processes are POSIX")


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.fixture
def files(tmp_path: Path, music: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a song under several names, and rigs that play it. The working directory."""
    folder = tmp_path / "files"
    folder.mkdir()
    song = music.read_bytes()
    for name in ("song.wav", "song.mid", "song.png"):
        (folder / name).write_bytes(song)
    (folder / "link.mid").symlink_to(folder / "song.wav")
    os.link(folder / "song.wav", folder / "hard.mid")
    for name, path, output in (
        ("rig", "song.wav", ""),
        ("over", "song.wav", "output: {midi_file: song.wav}\n"),
        ("same", "song.mid", "output: {midi_file: song.mid}\n"),
        ("link", "song.wav", "output: {midi_file: link.mid}\n"),
        ("hard", "song.wav", "output: {midi_file: hard.mid}\n"),
        ("plot", "song.png", "output: {plot: song.png}\n"),
    ):
        text = f"audio: {{backend: file, path: {path}, paced: false}}\nmidi: {{api: none}}\n{output}"
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        ("run --midi-file rig.yaml rig.yaml", 2, "expected a name that ends in .mid, .midi"),
        ("run --midi-file song.wav rig.yaml", 2, "expected a name that ends in .mid, .midi"),
        ("run --plot x.png --midi-file x.png rig.yaml", 2, "expected a name that ends in .mid, .midi"),
        ("run --midi-file link.mid rig.yaml", 2, "the same file as audio.path"),
        ("run --midi-file rig.yaml/x.mid rig.yaml", 1, "is no folder"),
        ("render song.mid song.mid", 2, "the same file as the input song.mid"),
        ("render song.wav link.mid", 2, "the same file as the input song.wav"),
        ("render song.mid .", 2, "the same file as the input song.mid"),
        ("render --plot song.png x.mid song.wav", 2, "expected a folder"),
        ("render --plot song.png song.mid", 2, "--plot: song.png is the same file as the input song.png"),
        ("render --config over.yaml song.wav x.mid", 2, "expected a name that ends in .mid, .midi"),
        ("analyze --plot song.png", 2, "--plot: song.png is the same file as the input song.png"),
        ("train text --data . --out song.wav", 2, "expected a name that ends in .npz"),
        ("train melody --data . --out song.wav", 2, "expected a name that ends in .json"),
        ("render nosuch.wav x.mid", 4, "no such file"),
        ("analyze nosuch.wav", 4, "no such file"),
    ],
)
def test_what_is_read_is_not_written(
    emohost: Callable[..., Result], files: Path, command: str, code: int, words: str
) -> None:
    before = content(files)
    done = emohost(*command.split())
    assert done.exit_code == code, done.output
    assert words in done.output
    assert content(files) == before


@pytest.mark.parametrize("name", ["over", "same", "link", "hard", "plot"])
@pytest.mark.parametrize("command", ["check", "run"])
def test_a_rig_that_would_write_over_its_song_is_refused(
    emohost: Callable[..., Result], files: Path, command: str, name: str
) -> None:
    before = content(files)
    done = emohost(command, f"{name}.yaml")
    assert done.exit_code == 2, done.output
    assert "expected a name that ends in" in done.output or "the same file as audio.path" in done.output
    assert content(files) == before


def test_a_model_and_the_data_are_not_written_over(emohost: Callable[..., Result], files: Path) -> None:
    data = files / "data"
    data.mkdir()
    (data / "sentences.npz").write_bytes(b"precious")
    done = emohost("train", "text", "--data", data, "--out", data / "sentences.npz")
    assert (done.exit_code, "a file of the data" in done.output) == (2, True)
    (files / "mine.mid").write_bytes(b"{}")
    rig = (
        files / "rig.yaml"
    ).read_text() + "networks: {melody: {file: mine.mid}}\noutput: {midi_file: mine.mid}\n"
    (files / "rig.yaml").write_text(rig)
    done = emohost("check", "rig.yaml")
    assert "the same file as networks.melody.file" in done.output
    assert (files / "mine.mid").read_bytes() == b"{}"


def test_a_run_that_does_not_start_leaves_the_last_take(
    emohost: Callable[..., Result], rig: Callable[[str], Path], tmp_path: Path
) -> None:
    take = tmp_path / "take.mid"
    take.write_bytes(b"the last take")
    config = rig(
        "audio: {backend: file, path: nosuch.wav}\nmidi: {api: none}\noutput: {midi_file: take.mid}\n"
    )
    assert emohost("run", config).exit_code == 4
    assert take.read_bytes() == b"the last take"
    assert not part_of(take).exists()


@posix
@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        ("render song.wav x.mid", 4, "song.wav: cannot be read"),
        ("analyze song.wav", 4, "song.wav: cannot be read"),
        ("models inspect net.json", 3, "net.json"),
    ],
)
def test_an_unreadable_input_has_the_exit_code_of_its_kind(
    emohost: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, command: str, code: int, words: str
) -> None:
    """Also where the tests run as root, who may read everything: then as somebody else."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        monkeypatch.chdir(folder)
        monkeypatch.setenv("XDG_DATA_HOME", name)
        for file in ("song.wav", "net.json"):
            (folder / file).write_bytes(b"x")
            (folder / file).chmod(0)
        user = os.geteuid()
        emohost(*command.split())  # what is imported is not somebody else's to read
        if user == 0:
            os.seteuid(65534)
        try:
            done = emohost(*command.split())
        finally:
            os.seteuid(user)
    assert (done.exit_code, words in done.output) == (code, True), done.output


@posix
def test_takes_are_numbered_and_two_hosts_of_one_rig_write_two_files(
    program: Callable[..., subprocess.Popen[str]], rig: Callable[[str], Path], tmp_path: Path
) -> None:
    config = rig(DUMMY + "output: {midi_file: take.mid, takes: number}\n")
    runs = [program("run", config, "--duration", "1.5") for _ in range(2)]
    for run in runs:
        out, err = run.communicate(timeout=60)
        assert run.returncode == 0, err
        assert "wrote " in out
    assert {path.name for path in tmp_path.glob("take*")} == {"take-001.mid", "take-002.mid"}


@posix
def test_one_name_is_held_by_one_host_and_a_killed_take_is_there(
    program: Callable[..., subprocess.Popen[str]],
    emohost: Callable[..., Result],
    rig: Callable[[str], Path],
    tmp_path: Path,
) -> None:
    """All but the last second, at once; the rest is completed by the next run."""
    config, take = rig(DUMMY + "output: {midi_file: take.mid, takes: overwrite}\n"), tmp_path / "take.mid"
    run = program("run", config)
    try:
        assert run.stderr is not None
        for line in run.stderr:
            if "playing" in line:
                break
        started = time.monotonic()
        while not take.exists() or time.monotonic() - started < 4:
            assert time.monotonic() - started < 30
            time.sleep(0.05)
        for command in (("run", config), ("check", config), ("render", config, take)):
            done = emohost(*command)
            assert done.exit_code == 1, done.output
            assert "writing it" in done.output
    finally:
        run.send_signal(signal.SIGKILL)
    killed_after = time.monotonic() - started
    run.communicate(timeout=30)
    length = mido.MidiFile(take).length
    assert length >= killed_after - 1
    assert part_of(take).exists()
    again = rig(DUMMY + "output: {midi_file: take.mid, takes: number}\n")
    run = program("run", again, "--duration", "0.5")
    _, err = run.communicate(timeout=60)
    assert "take.mid: completed; the run that recorded it was killed" in err
    assert mido.MidiFile(take).length >= length
    assert {path.name for path in tmp_path.glob("take*")} == {"take.mid", "take-001.mid"}
