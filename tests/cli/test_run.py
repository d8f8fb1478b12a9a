"""`emohost run` plays a rig, ends cleanly however it ends, and says what it did and wrote."""

from __future__ import annotations

import logging
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import mido
import psutil
import pytest
from click.testing import Result

SILENCE = "audio: {backend: dummy}\nmidi: {api: none}\nmusic: {clock: {source: internal}}\n"
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals between processes are POSIX")


def test_a_file_is_played_to_its_end_and_leaves_midi_and_a_picture(
    emohost: Callable[..., Result],
    program: Callable[..., subprocess.Popen[str]],
    rig: Callable[[str], Path],
    music: Path,
) -> None:
    folder = music.parent
    config = rig(
        f"audio: {{backend: file, path: {music.name}, paced: false}}\nmidi: {{api: none}}\n"
        "output: {midi_file: out/a.mid, plot: out/a.png}\n"
    )
    run = program("run", config)
    out, err = run.communicate(timeout=60)
    assert run.returncode == 0, err
    assert out.startswith("played 0:0")
    assert f"wrote {folder / 'out' / 'a.mid'}" in out
    assert f"wrote {folder / 'out' / 'a.png'}" in out
    sounding = set()
    for message in mido.MidiFile(folder / "out" / "a.mid"):
        if message.type == "note_on" and message.velocity:
            sounding.add((message.channel, message.note))
        elif message.type in {"note_on", "note_off"}:
            sounding.discard((message.channel, message.note))
    assert not sounding
    assert (folder / "out" / "a.png").read_bytes().startswith(b"\x89PNG")


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_a_clean_end(
    program: Callable[..., subprocess.Popen[str]], rig: Callable[[str], Path], number: signal.Signals
) -> None:
    run = program("run", rig("audio: {backend: dummy, signal: noise}\nmidi: {api: none}"))
    assert run.stderr is not None
    for line in run.stderr:
        if "playing" in line:
            break
    run.send_signal(number)
    out, err = run.communicate(timeout=30)
    assert run.returncode == 0, err
    assert "Traceback" not in err
    assert out.startswith("played ")


@posix
def test_on_a_terminal_the_status_is_rewritten_in_place(
    emohost: Callable[..., Result], rig: Callable[[str], Path]
) -> None:
    import pty  # POSIX alone

    shown = bytearray()

    def read(terminal: int) -> bytes:
        data = os.read(terminal, 4096)
        shown.extend(data)
        return data

    command = [sys.executable, "-m", "emohost", "run", str(rig(SILENCE)), "--duration", "1"]
    assert os.waitstatus_to_exitcode(pty.spawn(command, read)) == 0
    assert b"\x1b[2K" in shown
    assert shown.count(b" notes  load ") > 2
    assert b"played 0:01" in shown


@posix
def test_on_a_fresh_machine_the_picture_is_drawn_without_a_word(
    rig: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Matplotlib looks for fonts the first time, and logs that: after the status line, which held standard error."""
    import pty  # POSIX alone

    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path / "matplotlib"))
    shown = bytearray()

    def read(terminal: int) -> bytes:
        data = os.read(terminal, 4096)
        shown.extend(data)
        return data

    config = rig(SILENCE + "output: {plot: a.png}\n")
    command = [sys.executable, "-m", "emohost", "run", str(config), "--duration", "0.5"]
    assert os.waitstatus_to_exitcode(pty.spawn(command, read)) == 0
    assert (config.parent / "a.png").exists()
    end = shown[shown.rindex(b"\x1b[2K") :].decode()
    assert re.fullmatch(r"\x1b\[2Kplayed .*\r\nload .*\r\nwrote \S+a\.png\r\n", end), end


def test_what_is_logged_after_the_status_line_is_shown_too(capsys: pytest.CaptureFixture[str]) -> None:
    from emohost.cli.run import log_to_stderr
    from emohost.cli.status import StatusLine

    root = logging.getLogger()
    before = (root.handlers[:], root.level, logging.getLogger("emohost").level)
    try:
        with StatusLine(quiet=False, verbose=False):
            log_to_stderr("info")
        logging.getLogger("emohost.host").info("one")
        logging.getLogger("matplotlib").info("two")
        logging.getLogger("matplotlib").warning("three")
    finally:
        root.handlers[:] = before[0]
        root.setLevel(before[1])
        logging.getLogger("emohost").setLevel(before[2])
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[1:] for line in lines] == [["info", "one"], ["warning", "three"]]


@posix
def test_ctrl_c_on_a_terminal_reaches_every_process_and_is_a_clean_end(
    emohost: Callable[..., Result], rig: Callable[[str], Path]
) -> None:
    import pty  # POSIX alone

    shown = bytearray()

    def read(terminal: int) -> bytes:
        data = os.read(terminal, 4096)
        if b" notes  load " in data and b" notes  load " not in shown:
            os.write(terminal, b"\x03")
        shown.extend(data)
        return data

    command = [sys.executable, "-m", "emohost", "run", str(rig(SILENCE))]
    assert os.waitstatus_to_exitcode(pty.spawn(command, read)) == 0
    assert b"played 0:" in shown
    assert b"Traceback" not in shown


def test_duration_ends_it_and_quiet_is_quiet(
    program: Callable[..., subprocess.Popen[str]], rig: Callable[[str], Path]
) -> None:
    started = time.monotonic()
    run = program("run", rig(SILENCE), "--duration", "0.5", "--quiet")
    out, err = run.communicate(timeout=60)
    assert (run.returncode, out) == (0, "")
    assert time.monotonic() - started >= 0.5
    assert "playing" not in err


def test_options_go_before_the_rig(
    emohost: Callable[..., Result], rig: Callable[[str], Path], music: Path, tmp_path: Path
) -> None:
    config = rig(
        f"audio: {{backend: file, path: {music.name}, paced: false}}\nmidi: {{api: none}}\n"
        "music: {play: when_heard, clock: {source: internal}}\n"  # the file is too short to listen first
    )
    for seed in (1, 1, 2):
        done = emohost("run", config, "--seed", seed, "--midi-file", tmp_path / f"{seed}.mid")
        assert done.exit_code == 0, done.output
    assert (tmp_path / "1.mid").read_bytes() != (tmp_path / "2.mid").read_bytes()


@pytest.mark.parametrize(
    ("text", "arguments", "code", "words"),
    [
        ("audio: {backend: dumy}", [], 2, "did you mean 'dummy'?"),
        ("audio: {backend: dummy}", ["--plot", "x.jpeg"], 2, "expected a name that ends in .png, .svg, .pdf"),
        ("audio: {backend: dummy}", ["--seed", "-1"], 2, "--seed"),
        ("audio: {backend: file, path: x.wav}\nmidi: {api: none}", [], 4, "x.wav"),
        (
            "audio: {backend: dummy}\nmidi: {api: none}\nnetworks: {melody: {file: x.json}}",
            [],
            3,
            "x.json: not found",
        ),
        ("audio: {backend: dummy}\nmidi: {connect: no such port here}", [], 5, ""),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_its_exit_code(
    program: Callable[..., subprocess.Popen[str]],
    rig: Callable[[str], Path],
    text: str,
    arguments: list[str],
    code: int,
    words: str,
) -> None:
    run = program("run", rig(text), *arguments)
    out, err = run.communicate(timeout=60)
    assert run.returncode == code, err
    assert out == ""
    assert words in err
    assert "Traceback" not in err


def test_every_line_of_the_log_has_its_time_and_level(
    program: Callable[..., subprocess.Popen[str]], rig: Callable[[str], Path]
) -> None:
    run = program("run", rig("audio: {backend: dummy, duration_s: 0.3}\nmidi: {api: none}\n"))
    _, err = run.communicate(timeout=60)
    assert run.returncode == 0
    lines = err.splitlines()
    assert lines
    assert all(re.match(r"\d\d:\d\d:\d\d\.\d{3} (info|warning|status) +\S", line) for line in lines), err
    assert "sound to note 15.3 ms (block 5.3 + delay 10)" in err


@posix
def test_a_lost_engine_is_told_once(
    program: Callable[..., subprocess.Popen[str]], rig: Callable[[str], Path]
) -> None:
    run = program("run", rig("audio: {backend: dummy, duration_s: 3}\nmidi: {api: none}\n"))
    told: list[str] = []
    assert run.stderr is not None
    for line in run.stderr:
        if " playing | " in line and not any(" playing | " in before for before in told):
            engine = next(
                child
                for child in psutil.Process(run.pid).children()
                if "emohost.host.engine_process" in child.cmdline()
            )
            engine.kill()
        told.append(line)
    assert run.wait(60) == 0
    assert sum("the engine was lost" in line for line in told) == 1, "".join(told)
