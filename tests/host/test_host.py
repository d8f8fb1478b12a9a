"""A whole run without a sound card: a file or a clock is played to its end, whatever happens on the way."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import mido
import psutil
import pytest
from host_runs import Run, music

from emohost.config import load_rig
from emohost.control.local import send_command
from emohost.errors import AudioError, ControlError, EmohostError, ModelError, OutputError
from emohost.networks import ROLES
from emohost.offline.render import RenderJob, render
from emohost.process.memory import memory_folder

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
        runs.append(Run(config))
        return runs[-1]

    yield start
    for run in runs:
        run.end()
    assert not [
        child for child in psutil.Process().children(recursive=True) if "emohost" in str(child.cmdline())
    ]
    assert not list(memory_folder().glob(f"emohost-{os.getpid()}-*"))


CLOCK = "{backend: dummy, signal: noise, level_db: -12, block_size: 128}"
ALWAYS = "music: {play: always, clock: {source: internal}, tempo: 240, key: A minor}\nmidi: {delay_ms: 5}\n"


def rendered(config: Path, audio: Path, block_size: int) -> bytes:
    """The MIDI file that `emohost render` writes."""
    loaded, path = load_rig(config), config.with_name("rendered.mid")
    render(RenderJob(audio, path, None, loaded.rig, loaded.base, block_size))
    return path.read_bytes()


@pytest.mark.parametrize("paced", [True, False])
def test_a_file_is_played_to_its_end_and_its_midi_file_is_that_of_a_render(
    play: Callable[[str], Run], tmp_path: Path, paced: bool
) -> None:
    audio = music(tmp_path / "music.wav", 3 if paced else 20)
    run = play(
        f"audio: {{backend: file, path: music.wav, paced: {str(paced).lower()}, block_size: 200}}\n"
        "music: {clock: {source: internal}}\noutput: {midi_file: out.mid}\n"
    )
    summary = run.finish()
    assert (tmp_path / "out.mid").read_bytes() == rendered(run.config, audio, 512)
    assert summary.last.notes > 2
    assert run.port.ledger.sounding == 0
    if paced:
        assert len(run.port.sent) >= 2 * summary.last.notes
        assert summary.last.seconds == pytest.approx(3, abs=0.01)


def test_a_live_change_of_tempo_is_in_the_file_and_moves_no_note(
    play: Callable[[str], Run], tmp_path: Path
) -> None:
    """Before it and after it the notes lie on the beats of their tempo, as exactly as the musician puts them there."""
    run = play(
        f"audio: {CLOCK}\nmusic: {{play: always, clock: {{source: internal}}, tempo: 120, key: A minor, humanise: 0}}\n"
        "midi: {delay_ms: 5}\n"
        "output: {midi_file: out.mid, plot: out.png}\n"
    )
    run.wait_playing()
    for tempo, seconds in ((120, 2), (171, 3), (60, 3)):
        run.host.steering.controls.set("tempo", tempo)
        wanted = run.status.seconds + seconds
        run.wait_for(lambda wanted=wanted: run.status.seconds > wanted, "some bars")
    run.stop.set()
    summary = run.finish()
    file = mido.MidiFile(tmp_path / "out.mid")
    tempi = [message.tempo for message in file.tracks[0] if message.type == "set_tempo"]
    assert tempi == [mido.bpm2tempo(tempo) for tempo in (120, 171, 60)]
    assert [message.numerator for message in file.tracks[0] if message.type == "time_signature"] == [4]
    now, notes = 0.0, []
    for message in file:
        now += message.time
        if message.type == "note_on" and message.velocity:
            notes.append(now)
    played = [time_s for time_s, data, _ in summary.events if data[0] & 0xF0 == 0x90 and data[2]]
    assert sorted(notes) == pytest.approx(sorted(played), abs=2e-3)
    # The bass plays on beats: their places on the file's grid of sixteenths agree, whatever the tempo.
    (bass,) = [track for track in file.tracks if track.name == "bass"]
    tick, places = 0, []
    for message in bass:
        tick += message.time
        if message.type == "note_on" and message.velocity:
            places.append(tick % 240)
    off = [min((place - places[0]) % 240, (places[0] - place) % 240) for place in places]
    print(f"{len(places)} bass notes, {off} ticks off the first one's place in its step")
    assert len(places) >= 4
    assert max(off) <= 20


def test_a_clock_stops_after_its_duration(play: Callable[[str], Run]) -> None:
    run = play(f"audio: {CLOCK[:-1]}, duration_s: 1}}\n{ALWAYS}")
    summary = run.finish()
    assert summary.last.seconds == pytest.approx(1, abs=0.1)
    assert run.port.ledger.sounding == 0


def test_stop_ends_every_note_and_every_process(play: Callable[[str], Run]) -> None:
    run = play(f"audio: {CLOCK}\n{ALWAYS}")
    run.wait_playing()
    run.stop.set()
    run.finish()
    assert run.port.ledger.sounding == 0
    assert bytes([0xB0, 123, 0]) in [data for _, data in run.port.sent]


@posix
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV])
def test_a_lost_engine_ends_its_notes_at_once_and_is_replaced(
    play: Callable[[str], Run], number: signal.Signals
) -> None:
    run = play(f"audio: {CLOCK}\n{ALWAYS}output: {{midi_file: out.mid}}\n")
    run.wait_playing()
    lost = run.engine_pid
    os.kill(lost, number)
    killed = time.monotonic()
    run.wait_for(lambda: run.port.ledger.sounding == 0, "silence")
    silent = time.monotonic() - killed
    print(f"{number.name}: notes off after {silent * 1000:.0f} ms")
    assert silent < 0.5
    run.wait_for(lambda: run.status.restarts == 1 and run.port.ledger.sounding, "it plays again")
    print(f"{number.name}: a note after {time.monotonic() - killed:.2f} s")
    assert run.engine_pid != lost
    assert not psutil.pid_exists(lost) or psutil.Process(lost).status() == psutil.STATUS_ZOMBIE
    said = [text for text in run.status.messages if "lost" in text]
    assert len(said) == 1
    run.stop.set()
    run.finish()
    on: set[tuple[int, int]] = set()
    for message in mido.MidiFile(run.config.parent / "out.mid"):
        if message.type == "note_on" and message.velocity:
            on.add((message.channel, message.note))
        elif message.type in ("note_on", "note_off"):
            on.discard((message.channel, message.note))
    assert not on


@posix
@pytest.mark.parametrize("spare", ["kept", "killed", "none"])
def test_a_spare_engine_takes_a_lost_ones_place(
    play: Callable[[str], Run], monkeypatch: pytest.MonkeyPatch, spare: str
) -> None:
    """Where there is none, another is started; one that dies by itself is replaced."""
    monkeypatch.setattr("emohost.host.spare.SETTLED_S", 0.2)
    monkeypatch.setattr("emohost.host.spare.AGAIN_S", 0.2)
    run = play(f"audio: {CLOCK}\n{ALWAYS}supervision: {{spare: {str(spare != 'none').lower()}}}\n")
    run.wait_playing()
    following = 0
    if spare == "none":
        time.sleep(0.5)
        assert run.host._spare.pid is None
    else:
        run.wait_for(lambda: run.host._spare.pid, "a spare engine")
        following = run.host._spare.pid or 0
    if spare == "killed":
        os.kill(following, signal.SIGKILL)
        run.wait_for(lambda: run.host._spare.pid not in (None, following), "another spare engine")
        following = run.host._spare.pid or 0
    os.kill(run.engine_pid, signal.SIGKILL)
    run.wait_for(lambda: run.status.restarts == 1 and run.port.ledger.sounding, "it plays again")
    assert spare == "none" or run.engine_pid == following


@posix
def test_the_next_engine_goes_on_with_the_steps_of_the_lost_one(play: Callable[[str], Run]) -> None:
    """Attacks lie on one grid before and after, to the jitter of two starts."""
    run = play(
        f"audio: {CLOCK}\n"
        "music: {play: always, clock: {source: internal}, tempo: 60, key: A minor, humanise: 0}\n"
    )
    run.wait_playing()
    run.wait_for(lambda: run.status.notes > 20, "notes")
    before = run.host._supervisor.engine.shared.continuation()  # type: ignore[union-attr]
    os.kill(run.engine_pid, signal.SIGKILL)
    run.wait_for(lambda: run.status.restarts == 1 and run.status.state == "playing", "another engine")
    blocks = run.status.blocks
    run.wait_for(lambda: run.status.blocks > blocks + 10, "its blocks")
    after = run.host._supervisor.engine.shared.continuation()  # type: ignore[union-attr]
    steps = (after["step_ns"] - before["step_ns"]) / 1e9 / 0.25
    passed = 16 * (after["bar"] - before["bar"]) + after["step_in_bar"] - before["step_in_bar"]
    assert steps == pytest.approx(passed, abs=0.4)
    assert (after["tonic"], after["minor"], after["tempo"]) == (9, True, 60)


@posix
def test_a_file_goes_on_where_its_engine_was_lost(play: Callable[[str], Run], tmp_path: Path) -> None:
    music(tmp_path / "music.wav", 3)
    run = play("audio: {backend: file, path: music.wav}\nmusic: {play: always}\n")
    run.wait_for(lambda: run.statuses and run.status.seconds > 1.5, "half of it")
    os.kill(run.engine_pid, signal.SIGKILL)
    summary = run.finish()
    assert summary.last.restarts == 1
    assert summary.last.seconds == pytest.approx(3, abs=0.3)


@posix
def test_the_host_stopped_and_continued_goes_on_with_the_same_engine(play: Callable[[str], Run]) -> None:
    """In the test's place the supervisor's own thread is held up, as SIGSTOP of the whole process would."""
    run = play(f"audio: {CLOCK}\n{ALWAYS}")
    run.wait_playing()
    engine = run.engine_pid
    step = run.host._supervisor.step  # type: ignore[union-attr]
    run.host._supervisor.step = lambda: time.sleep(0.7)  # type: ignore[union-attr, method-assign]
    time.sleep(1.0)
    run.host._supervisor.step = step  # type: ignore[union-attr, method-assign]
    blocks = run.status.blocks
    run.wait_for(lambda: run.status.blocks > blocks + 100, "more blocks")
    assert run.engine_pid == engine
    assert run.status.restarts == 0


def test_commands_from_outside(play: Callable[[str], Run]) -> None:
    run = play(f"audio: {CLOCK}\n{ALWAYS}")
    run.wait_playing()
    answer = send_command("status")
    assert answer["pid"] == os.getpid()
    assert answer["status"]["state"] == "playing"
    assert answer["status"]["first_sound_frame"] == 0
    json.dumps(answer)
    with pytest.raises(ControlError, match="tempo: found 1000"):
        send_command("set", name="tempo", value=1000)
    with pytest.raises(ControlError, match="no command 'explode'"):
        send_command("explode")
    send_command("set", name="tempo", value=60)
    run.wait_for(lambda: run.host.monitor.last["tempo"] == 60, "the tempo")
    send_command("panic")
    send_command("stop")
    run.finish()
    assert run.port.ledger.sounding == 0


def test_panic_ends_what_sounds_and_the_music_goes_on(play: Callable[[str], Run]) -> None:
    run = play(f"audio: {CLOCK}\n{ALWAYS}")
    run.wait_playing()
    before = len(run.port.sent)
    send_command("panic")
    after = [data for _, data in run.port.sent[before:]]
    assert bytes([0xB0, 123, 0]) in after
    notes = run.status.notes
    run.wait_for(lambda: run.status.notes > notes + 5, "more notes")


@posix
def test_what_was_set_holds_for_the_next_engine(play: Callable[[str], Run]) -> None:
    run = play(f"audio: {CLOCK}\n{ALWAYS}")
    run.wait_playing()
    send_command("set", name="tempo", value=77)
    os.kill(run.engine_pid, signal.SIGKILL)
    run.wait_for(lambda: run.status.restarts == 1 and run.host.monitor.last["tempo"] == 77, "the tempo again")


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("audio: {backend: file, path: no.wav}", AudioError, r"no\.wav: found no such file"),
        ("audio: {backend: file, path: bad.wav}", AudioError, r"bad\.wav: "),
        (
            "audio: {backend: dummy}\nnetworks: {melody: {file: ./no.json}, groove: {file: ./none.json}}",
            ModelError,
            r"(?s)no\.json.*none\.json",
        ),
        ("audio: {backend: dummy}\noutput: {midi_file: rig.yaml/x.mid}", OutputError, r"x\.mid"),
    ],
)
def test_what_cannot_start_is_one_clear_error(
    play: Callable[[str], Run], tmp_path: Path, text: str, kind: type[EmohostError], message: str
) -> None:
    (tmp_path / "bad.wav").write_bytes(b"RIFF nonsense")
    run = play(text + "\n")
    with pytest.raises(kind, match=message):
        run.finish()


def test_a_file_that_breaks_off_is_played_as_far_as_it_goes_and_no_note_stays_on(
    play: Callable[[str], Run], tmp_path: Path
) -> None:
    whole = music(tmp_path / "whole.flac", 6).read_bytes()
    (tmp_path / "music.flac").write_bytes(whole[: len(whole) // 2])
    run = play("audio: {backend: file, path: music.flac, paced: false}\nmusic: {play: always}\n")
    summary = run.finish()
    assert 1 < summary.last.seconds < 5
    assert run.port.ledger.sounding == 0


def test_without_any_network_the_host_still_keeps_time(play: Callable[[str], Run]) -> None:
    missing = ", ".join(f"{role}: {{file: ./no.json, optional: true}}" for role in ROLES)
    run = play(f"audio: {CLOCK[:-1]}, duration_s: 1}}\n{ALWAYS}networks: {{{missing}}}\n")
    summary = run.finish()
    assert sum("its part is silent" in text for text in summary.last.messages) == len(ROLES)
    assert summary.last.seconds == pytest.approx(1, abs=0.1)


def test_an_optional_network_that_is_missing_is_said_and_its_part_is_silent(
    play: Callable[[str], Run],
) -> None:
    run = play(f"audio: {CLOCK}\n{ALWAYS}networks: {{melody: {{file: ./no.json, optional: true}}}}\n")
    run.wait_playing()
    run.wait_for(lambda: run.status.notes > 20, "notes")
    assert any("melody" in text and "silent" in text and "no.json" in text for text in run.status.messages)
    assert not [data for _, data in run.port.sent if data[0] == 0x90]  # the melody's channel


def test_the_reports_for_a_picture_are_kept_only_if_asked_for(
    play: Callable[[str], Run], tmp_path: Path
) -> None:
    summary = play(f"audio: {CLOCK[:-1]}, duration_s: 1}}\n{ALWAYS}").finish()
    assert not len(summary.reports)
    assert not summary.events
    run = play(f"audio: {CLOCK[:-1]}, duration_s: 2}}\n{ALWAYS}output: {{plot: run.png}}\n")
    summary = run.finish()
    assert 50 <= len(summary.reports) <= 250  # one a hop
    assert len(summary.events) > 10
    assert [time_s for time_s, _, _ in summary.events] == sorted(time_s for time_s, _, _ in summary.events)
