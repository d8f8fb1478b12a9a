"""Where `render` and `analyze` get sound from beside plain files, and names of files that are no text."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

DEMO = Path(__file__).resolve().parents[2] / "configs" / "demo.flac"
EMOHOST = [sys.executable, "-m", "emohost"]


@pytest.fixture
def short(tmp_path: Path) -> Path:
    time_s = np.arange(48000) / 48000
    soundfile.write(tmp_path / "short.wav", 0.2 * np.sin(2 * np.pi * 261.6 * time_s), 48000)
    return tmp_path / "short.wav"


def emohost(*arguments: str | bytes, data: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*EMOHOST, *arguments], input=data or b"", capture_output=True, check=False, timeout=60
    )


def test_a_dash_is_the_standard_input(short: Path) -> None:
    expected = json.loads(emohost("analyze", "--json", str(short)).stdout)
    done = emohost("analyze", "--json", "-", data=short.read_bytes())
    assert done.returncode == 0, done.stderr
    assert {**json.loads(done.stdout), "file": ""} == {**expected, "file": ""}
    done = emohost("render", "-", str(short.with_suffix(".mid")), data=short.read_bytes())
    assert done.returncode == 0, done.stderr
    assert short.with_suffix(".mid").exists()
    done = emohost("analyze", "-", data=b"no sound at all")
    assert done.returncode == 4
    assert done.stderr.startswith(b"standard input: cannot be read as audio")


def test_a_pipe_says_that_it_waits_and_is_then_read(short: Path) -> None:
    pipe = short.with_name("pipe")
    os.mkfifo(pipe)
    with subprocess.Popen(
        [*EMOHOST, "analyze", str(pipe)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        assert f"{pipe}: a pipe; waiting for a program".encode() in process.stderr.readline()
        pipe.write_bytes(short.read_bytes())
        assert process.wait(60) == 0


def test_a_rig_cannot_be_played_from_a_pipe_and_says_so_at_once(short: Path) -> None:
    os.mkfifo(short.with_name("pipe"))
    rig = short.with_name("rig.yaml")
    rig.write_text("audio: {backend: file, path: pipe}\nmidi: {api: none}\n")
    for command in ("check", "run"):
        done = emohost(command, str(rig))
        assert done.returncode == 4
        assert b"found a pipe; expected a sound file" in done.stdout + done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names of files are text")
def test_a_name_that_is_no_utf8(short: Path) -> None:
    odd = os.fsencode(short.parent) + b"/take-\xff.wav"
    os.rename(short, odd)  # noqa: PTH104 - bytes
    done = emohost("render", "--json", "--plot", odd, os.fsencode(short.parent) + b"/out-\xfe.mid")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["file"].endswith("take-\ufffd.wav")
    assert {b"out-\xfe.mid", b"out-\xfe.png"} <= set(os.listdir(os.fsencode(short.parent)))  # noqa: PTH208
    for form in ("--json", "--csv"):
        done = emohost("analyze", form, odd)
        assert done.returncode == 0, done.stderr


def test_what_is_strange_about_a_file_is_said_once_and_the_file_is_rendered(short: Path) -> None:
    short.write_bytes(short.read_bytes()[:50_000])
    done = emohost("render", "--json", str(short), str(short.with_suffix(".mid")))
    assert done.returncode == 0, done.stderr
    said = f"{short}: found 0.5 s of audio; its header promises 1.0 s"
    assert done.stderr.decode().count(said) == 1
    assert json.loads(done.stdout)["warnings"] == [said]
    rig = short.with_name("rig.yaml")
    rig.write_text(
        f"audio: {{backend: file, path: {short.name}}}\nmidi: {{api: none}}\noutput: {{midi_file: x.mid}}\n"
    )
    done = emohost("run", str(rig))
    assert done.returncode == 0, done.stderr
    assert done.stderr.decode().count(said) == 1


@pytest.mark.parametrize("command", [("render",), ("analyze",), ("analyze", "--json"), ("run",)])
def test_a_file_of_which_nothing_can_be_decoded_is_one_line(
    program: Callable[..., subprocess.Popen[str]], tmp_path: Path, command: tuple[str, ...]
) -> None:
    song = tmp_path / "song.flac"
    song.write_bytes(DEMO.read_bytes()[:3000] + b"junkjunk")
    rig = tmp_path / "rig.yaml"
    rig.write_text("audio: {backend: file, path: song.flac}\nmidi: {api: none}\n")
    arguments: dict[str, list[str | Path]] = {
        "render": [song, tmp_path / "out.mid"],
        "analyze": [song],
        "run": ["--quiet", rig],
    }
    process = program(*command, *arguments[command[0]])
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (4, ""), err
    assert err == f"{song}: found no audio in it that can be decoded\n"
