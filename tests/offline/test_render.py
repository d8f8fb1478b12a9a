"""`emohost render`: audio to MIDI, the same whatever the block size, every note ended, every mistake told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import mido
import pytest
import soundfile
from click.testing import Result
from matplotlib.image import imread

from emohost.cli.common.files import rig_for_files
from emohost.midi.notes import unbalanced
from emohost.networks import Network, load_set, network_files

DEMO = Path(__file__).resolve().parents[2] / "configs" / "demo.flac"
Emohost = Callable[..., Result]


def events(path: Path) -> list[tuple[float, bytes, int]]:
    now, found = 0.0, []
    for message in mido.MidiFile(path):
        now += message.time
        if not message.is_meta:
            found.append((now, bytes(message.bytes()), 0))
    return found


def test_every_block_size_gives_the_same_bytes(emohost: Emohost, clip: Path, tmp_path: Path) -> None:
    """Block sizes that divide hops and steps, and ones that do not."""
    made = []
    for size in (64, 441, 512, 8192):
        result = emohost("render", clip, tmp_path / f"{size}.mid", "--block-size", size)
        assert result.exit_code == 0, result.output
        made.append((tmp_path / f"{size}.mid").read_bytes())
    assert len(events(tmp_path / "512.mid")) > 20
    assert made == [made[0]] * 4


def test_the_seed_decides(emohost: Emohost, clip: Path, tmp_path: Path) -> None:
    """The same seed plays the same, another one something else."""
    rig = tmp_path / "rig.yaml"
    rig.write_text(
        "audio: {backend: dummy}\nmusic: {clock: {source: internal}}\n"
    )  # the clip is too short to listen first
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        result = emohost("render", clip, tmp_path / f"{name}.mid", "--seed", seed, "--config", rig)
        assert result.exit_code == 0, result.output
    a, b, c = ((tmp_path / f"{name}.mid").read_bytes() for name in "abc")
    assert a == b
    assert a != c


def test_the_demo_leaves_no_note_on(emohost: Emohost, tmp_path: Path) -> None:
    """All of it, with picture and report: parts on their tracks, notes that begin and end within the music."""
    result = emohost("render", DEMO, tmp_path / "demo.mid", "--plot", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    played = events(tmp_path / "demo.mid")
    assert unbalanced(played) == []
    assert sum(data[0] & 0xF0 == 0x90 and data[2] > 0 for _, data, _ in played) == sum(
        report["notes"].values()
    )
    assert {part for part, count in report["notes"].items() if count} == {"melody", "chords", "bass", "drums"}
    assert played[-1][0] <= report["duration"] + 0.01
    tracks = [track.name for track in mido.MidiFile(tmp_path / "demo.mid").tracks]
    assert tracks == ["", "melody", "chords", "bass", "accents", "drums", "controls"]  # by channel
    picture = imread(tmp_path / "demo.png")
    assert picture.shape[:2] == (1080, 1920)
    assert picture[..., :3].std() > 0.05


def test_many_files_with_one_that_is_bad(emohost: Emohost, clip: Path, tmp_path: Path) -> None:
    """In two processes: the good ones come out as they do alone, the bad one is told, exit status 4."""
    (tmp_path / "bad.wav").write_text("no music\n" * 100)
    half, rate = soundfile.read(clip, dtype="float32", frames=200_000)
    soundfile.write(tmp_path / "half.wav", half, rate, subtype="FLOAT")
    out = tmp_path / "out"
    result = emohost("render", clip, tmp_path / "bad.wav", tmp_path / "half.wav", out, "--jobs", 2, "--json")
    assert result.exit_code == 4
    assert "bad.wav: cannot be read as audio" in result.stderr
    assert "1 of 3 files failed" in result.stderr
    assert sorted(path.name for path in out.iterdir()) == ["clip.mid", "half.mid"]
    assert [Path(json.loads(line)["file"]).name for line in result.stdout.splitlines()] == [
        "clip.flac",
        "half.wav",
    ]
    assert emohost("render", clip, tmp_path / "alone.mid").exit_code == 0
    assert (tmp_path / "alone.mid").read_bytes() == (out / "clip.mid").read_bytes()


def test_a_file_that_breaks_off_is_played_as_far_as_it_goes(emohost: Emohost, tmp_path: Path) -> None:
    """What is there is played, and one line says that the header promises more."""
    (tmp_path / "broken.flac").write_bytes(DEMO.read_bytes()[:300_000])
    result = emohost("render", tmp_path / "broken.flac", tmp_path / "out.mid")
    assert result.exit_code == 0, result.output
    assert "broken.flac: found 7.4 s of audio; its header promises 43.8 s" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert mido.MidiFile(tmp_path / "out.mid").length <= 7.5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.flac", "out.mid"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{clip}", "{folder}/song.wav"], "expected a MIDI file (.mid) or a folder"),
        (["{clip}", "{clip}"], "expected a MIDI file (.mid) or a folder"),
        (["{clip}", "{clip}", "{folder}/x.mid"], "expected a folder"),
        (["{clip}", "{clip}", "{folder}/out"], "would both be written to"),
        (["{clip}", "{folder}/nowhere/x.mid"], "found no folder"),
        (["{clip}"], "Missing argument"),
        (["{clip}", "{folder}/x.mid", "--block-size", "0"], "0 is not in the range"),
    ],
)
def test_a_mistake_is_told_before_anything_is_written(
    emohost: Emohost, clip: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    """Above all, audio is never overwritten because OUT was forgotten."""
    before = clip.read_bytes()
    filled = [argument.format(clip=clip, folder=tmp_path) for argument in arguments]
    result = emohost("render", *filled)
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())
    assert clip.read_bytes() == before
    assert not list(tmp_path.glob("**/*.mid"))


def test_the_configuration_decides_what_is_played(emohost: Emohost, clip: Path, tmp_path: Path) -> None:
    """Its tempo and parts; its devices are not opened."""
    config = tmp_path / "rig.yaml"
    config.write_text(
        "audio: {backend: portaudio, device: no such device}\n"
        "music: {clock: {source: internal}, tempo: 132, parts: {drums: {enabled: false}, melody: {channel: 7}}}\n"
    )
    result = emohost("render", clip, tmp_path / "x.mid", "--config", config, "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["tempo"] == 132
    assert report["notes"]["drums"] == 0
    assert report["notes"]["melody"] > 0
    midi = mido.MidiFile(tmp_path / "x.mid")
    assert mido.tempo2bpm(midi.tracks[0][0].tempo) == pytest.approx(132, abs=0.01)
    channels = {track.name: {m.channel for m in track if m.type == "note_on"} for track in midi.tracks[1:]}
    assert channels["melody"] == {6}
    assert not channels.get("drums")


def test_an_optional_network_may_be_missing(emohost: Emohost, clip: Path, tmp_path: Path) -> None:
    """Its part is silent, the others play; were it needed, the model's error would end it with status 3."""
    config = tmp_path / "rig.yaml"
    rig = "audio: {{backend: dummy}}\nmusic: {{clock: {{source: internal}}}}\n"
    rig += "networks: {{melody: {{file: nowhere.json, optional: {}}}}}\n"
    config.write_text(rig.format("true"))
    result = emohost("render", clip, tmp_path / "x.mid", "--config", config, "--json")
    assert result.exit_code == 0, result.output
    notes = json.loads(result.stdout)["notes"]
    assert notes["melody"] == 0
    assert notes["chords"] > 0
    config.write_text(rig.format("false"))
    result = emohost("render", clip, clip.with_name("other.wav"), tmp_path / "out", "--config", config)
    assert result.exit_code == 3
    assert result.stderr.count("nowhere.json") == 1


def test_untrained_networks_are_told_apart(emohost: Emohost, clip: Path, tmp_path: Path) -> None:
    """Once on standard error and in the report, as long as a file says so of itself, and not otherwise."""
    rig, base = rig_for_files(None, None)
    expected = [
        role
        for role, network in load_set(network_files(rig.networks), base).items()
        if isinstance(network, Network) and network.info.status == "untrained"
    ]
    result = emohost("render", clip, tmp_path / "x.mid", "--json")
    assert json.loads(result.stdout)["untrained"] == expected
    assert result.stderr.count("UNTRAINED") == bool(expected)


def test_the_bar_is_on_the_terminal_and_the_json_in_the_pipe(clip: Path, tmp_path: Path) -> None:
    """Standard error is a terminal, standard output is not: neither gets what is the other's."""
    pty = pytest.importorskip("pty", reason="no pseudo-terminals on this system")
    terminal, its_end = pty.openpty()
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "emohost",
        "render",
        clip,
        tmp_path / "x.mid",
        "--json",
    ]
    try:
        process = subprocess.run(command, stdout=subprocess.PIPE, stderr=its_end, timeout=120, check=True)
        shown = os.read(terminal, 100_000).decode()
    finally:
        os.close(its_end)
        os.close(terminal)
    assert json.loads(process.stdout)["duration"] == pytest.approx(9.0)
    assert "s of audio" in shown
    assert "{" not in shown
