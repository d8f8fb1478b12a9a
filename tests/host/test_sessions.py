"""A run that was kept is played again to the very bytes, whatever was done to it and however it ended."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import mido
import numpy as np
import psutil
import pytest
from host_runs import Run, music
from waiting import wait_for

from emohost.bridge import UnifiedFramework, extract_emotion_embedding
from emohost.bridge.ring import EmotionRing
from emohost.control.local import send_command
from emohost.emotion import encode
from emohost.errors import OutputError
from emohost.midi.ledger import Ledger
from emohost.sessions.replay import Replay, replay
from emohost.sessions.session import Session

CLOCK = "audio: {backend: dummy, signal: noise, level_db: -12, block_size: 128}\n"
ALWAYS = "music: {play: always, clock: {source: internal}, tempo: 240, key: A minor}\n"

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


@pytest.fixture(autouse=True)
def _own_control_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOHOST_RUNTIME", str(tmp_path / "run"))


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Callable[[str], Run]]:
    runs: list[Run] = []

    def start(text: str) -> Run:
        config = tmp_path / "rig.yaml"
        config.write_text(text)
        runs.append(Run(config, record=tmp_path / "session"))
        return runs[-1]

    yield start
    for run in runs:
        run.end()


def again(folder: Path) -> Replay:
    played = replay(Session.open(folder))
    assert [part.missing for part in played.parts] == ["" for _ in played.parts]
    assert [part.differs for part in played.parts] == [None for _ in played.parts]
    assert sum(len(part.events) for part in played.parts)
    return played


def blocks_go_by(run: Run, count: int) -> None:
    until = run.status.blocks + count
    run.wait_for(lambda: run.status.blocks >= until, f"{count} more blocks")


def test_a_file_that_was_played_to_its_end_gives_the_same_midi_file(
    tmp_path: Path, play: Callable[[str], Run]
) -> None:
    audio, midi = music(tmp_path / "song.wav", 8), tmp_path / "live.mid"
    play(f"audio: {{backend: file, path: {audio}, paced: false}}\noutput: {{midi_file: {midi}}}\n").finish()
    played = again(tmp_path / "session")
    played.write(tmp_path / "again.mid")
    assert (tmp_path / "again.mid").read_bytes() == midi.read_bytes()


@pytest.mark.parametrize("seed", range(3))
def test_what_was_done_to_a_run_is_done_again_at_its_frames(
    tmp_path: Path, play: Callable[[str], Run], seed: int
) -> None:
    random = np.random.default_rng(seed)
    run = play(CLOCK + ALWAYS)
    run.wait_playing()
    ring = EmotionRing()
    for _ in range(12):
        kind, value = random.integers(7), float(random.random())
        if kind == 0:
            send_command("set", name="density", value=value, over_s=0.3 * value, by="a test")
        elif kind == 1:
            send_command("set", name="tempo", value=80 + 100 * value, at="beat", by="a test")
        elif kind == 2:
            send_command("feel", valence=value, arousal=-value, weight=0.5 + value / 2, seconds=0.2)
        elif kind == 3:
            ring.write(encode(-value, value), weight=value, ttl_s=0.3)
        elif kind == 4:
            send_command("tap")
        elif kind == 5:
            send_command("panic")
        else:
            send_command("set", name="bass_enabled", value="off" if value < 0.5 else "on", at="bar")
        blocks_go_by(run, int(random.integers(1, 120)))
    ring.close()
    run.end()
    session = Session.open(tmp_path / "session")
    assert session.faults() == []
    assert session.parts[0].messages
    again(tmp_path / "session")


def test_what_another_process_of_side_b_wrote_is_felt_again(
    tmp_path: Path, play: Callable[[str], Run]
) -> None:
    with EmotionRing() as ring:
        run = play(CLOCK + ALWAYS)
        run.wait_playing()
        for _ in range(20):
            ring.write(encode(0.9, 0.9), weight=1.0, ttl_s=0.5)
            blocks_go_by(run, 20)
        run.end()
    messages = Session.open(tmp_path / "session").parts[0].messages
    assert any(message["kind"] == "emotion" and message["writer"] > 0 for message in messages)
    again(tmp_path / "session")


def test_what_its_people_do_not_want_kept_is_played_and_not_kept(
    tmp_path: Path, play: Callable[[str], Run]
) -> None:
    framework, run = UnifiedFramework(people=tmp_path / "people"), play(CLOCK + ALWAYS)
    run.wait_playing()
    felt = {"affect": {"valence": -0.9, "arousal": 0.9}}
    consent = {"signals": ["affect"], "purposes": ["play"], "expires_in_s": 600}
    with EmotionRing() as ring:
        ring.write(encode(0.5, -0.5), weight=1.0, ttl_s=0.2)  # nobody's: it is kept
        blocks_go_by(run, 100)
        embedding = extract_emotion_embedding(framework.create_with_consent({**felt, "consent": consent}))
        for _ in range(20):
            ring.write(embedding, weight=1.0, ttl_s=600)
            blocks_go_by(run, 20)
        run.wait_for(lambda: run.status.valence < -0.3, "it to be felt")
        run.end()
    framework.revoke()
    session = Session.open(tmp_path / "session")
    written = [message for message in session.parts[0].messages if message["kind"] == "emotion"]
    kept = [message for message in written if not message["withheld"]]
    assert len(kept) == 1
    assert kept[0]["valence"] == pytest.approx(0.5, abs=0.05)
    withheld = [message for message in written if message["withheld"]]
    assert len(withheld) >= 20
    assert not any("valence" in message for message in withheld)
    files = [path.read_bytes() for path in session.folder.rglob("*") if path.is_file()]
    assert not any(
        embedding.tobytes() in each or embedding.tobytes().hex().encode() in each for each in files
    )
    assert session.track["valence"].min() > -0.3
    played = replay(session)
    assert played.withheld == len(withheld)


def test_a_run_in_which_the_engine_was_lost_goes_on_in_its_replay(
    tmp_path: Path, play: Callable[[str], Run]
) -> None:
    run = play(CLOCK + ALWAYS)
    run.wait_playing()
    psutil.Process(run.engine_pid).kill()
    run.wait_for(lambda: run.status.restarts == 1 and run.status.state == "playing", "the next engine")
    blocks_go_by(run, 300)
    run.end()
    played = again(tmp_path / "session")
    assert len(played.parts) == 2
    times = [time_s for time_s, _, _ in played.timed_events()]
    assert times == sorted(times)
    played.write(tmp_path / "again.mid")
    messages = [
        message for message in mido.MidiFile(tmp_path / "again.mid") if message.type.startswith("note_")
    ]
    ledger = Ledger()
    for message in messages:
        ledger.enter(bytes(message.bytes()))
    assert messages
    assert ledger.sounding == 0


def test_networks_and_style_that_were_exchanged_are_exchanged_again(
    tmp_path: Path, play: Callable[[str], Run]
) -> None:
    own = tmp_path / "own.yaml"
    shipped = Path(__file__).resolve().parents[2] / "styles"
    own.write_text((shipped / "bossa.yaml").read_text())
    melody = tmp_path / "other.json"
    original = Path(__file__).resolve().parents[2] / "models" / "melodytransformer.json"
    melody.write_bytes(original.read_bytes())
    rig = CLOCK + ALWAYS.replace("}\n", ", style: own.yaml}\n") + "networks: {melody: {file: other.json}}\n"
    run = play(rig)
    run.wait_playing()
    own.write_text((shipped / "swing.yaml").read_text())
    network = json.loads(melody.read_text())
    network["metadata"] = {**network.get("metadata", {}), "version": "another"}
    second = tmp_path / "second.json"
    second.write_text(json.dumps(network))
    run.config.write_text(rig.replace("other.json", "second.json"))
    send_command("reload")
    blocks_go_by(run, 400)
    run.end()
    kinds = {message["kind"] for message in Session.open(tmp_path / "session").parts[0].messages}
    assert {"networks", "style"} <= kinds
    again(tmp_path / "session")


@posix
def test_what_was_kept_of_a_run_that_was_killed_is_played_again_but_for_the_last_second(
    tmp_path: Path,
) -> None:
    rig, folder = tmp_path / "rig.yaml", tmp_path / "session"
    rig.write_text(CLOCK + ALWAYS + "midi: {api: none}\n")
    command = [sys.executable, "-m", "emohost", "run", "-q", "--record", str(folder), str(rig)]
    host = subprocess.Popen(command)
    children: list[psutil.Process] = []
    try:
        wait_for(lambda: blocks_on_disk(folder) > 500, "some blocks on the disk", 60)
        children = psutil.Process(host.pid).children(recursive=True)
        last = blocks_on_disk(folder)
        host.send_signal(signal.SIGKILL)
        host.wait()
    finally:
        host.kill()
        for child in children:
            child.kill()
    session = Session.open(folder)
    assert not session.whole
    assert any("not kept to its end" in fault for fault in session.faults())
    played = replay(session)
    (part,) = played.parts
    assert part.differs is None
    assert part.events
    assert part.frames >= (last * 128) - 2 * 4096  # what the encoder had not given out yet


def blocks_on_disk(folder: Path) -> int:
    path = folder / "engine-1" / "blocks.bin"
    return path.stat().st_size // 24 if path.exists() else 0


@pytest.mark.skipif(sys.platform != "linux", reason="a limit on the size of files is Linux's here")
def test_a_disk_that_is_full_stops_the_recording_with_one_warning_and_not_the_music(tmp_path: Path) -> None:
    rig, folder, midi = tmp_path / "rig.yaml", tmp_path / "session", tmp_path / "take.mid"
    clock = CLOCK.replace("block_size: 128", "block_size: 128, duration_s: 6")
    rig.write_text(f"{clock}{ALWAYS}midi: {{api: none}}\noutput: {{midi_file: {midi}}}\n")
    command = [sys.executable, "-m", "emohost", "run", "--record", str(folder), str(rig)]
    host = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        wait_for(lambda: blocks_on_disk(folder) > 100, "some blocks on the disk", 60)
        psutil.Process(host.pid).rlimit(psutil.RLIMIT_FSIZE, (300_000, 300_000))
        out, err = host.communicate(timeout=60)
    finally:
        host.kill()
    assert host.returncode == 0, err
    assert err.count("the recording has stopped: File too large; the music goes on") == 1
    assert out.startswith("played 0:06")
    assert midi.is_file()
    (part,) = replay(Session.open(folder)).parts  # what there was room for
    assert part.differs is None
    assert part.frames > 0


def test_nothing_that_is_there_is_recorded_over(tmp_path: Path) -> None:
    (tmp_path / "session").mkdir()
    (tmp_path / "session" / "mine.txt").write_text("mine")
    (tmp_path / "rig.yaml").write_text(CLOCK + ALWAYS)
    run = Run(tmp_path / "rig.yaml", record=tmp_path / "session")
    with pytest.raises(OutputError, match="found a folder that is not empty; expected a new one"):
        run.finish()
    assert [path.name for path in (tmp_path / "session").iterdir()] == ["mine.txt"]
