"""A DAW beside the host: Ardour records what is played, leads it, and follows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
import soundfile
from ardour_session import TICKS, Ardour, Recording, start_ardour
from clock_rig import ask
from host_process import DEVICE, PORT, HostProcess, hear, play_into_host
from host_runs import events_of_render, music
from jack_rig import RATE, Jackd, JackPeer
from waiting import wait_for

pytestmark = pytest.mark.jack
BLOCK = 1024  # a player is written in Python
TRIES = 3  # for a take without a dropout that Ardour keeps, on a machine that is shared
LAST = RATE // 10  # of the music: the band is stopped when it is over
TEMPO = 120  # Ardour's, where nobody else sets it
ROUNDED = 2 * 60 * RATE / TEMPO / TICKS + 1  # frames: where a region begins, and in it
PARTS = {"melody": 1, "chords": 2, "bass": 3, "drums": 10, "accents": 5, "emotion": 16}
RIG = (
    DEVICE.replace("128", str(BLOCK))
    + """
midi: {api: jack}
music:
  play: when_heard
  clock: {source: internal}
  tempo: 150
  parts:
    melody: {channel: 1}
    chords: {channel: 2}
    bass: {channel: 3}
    drums: {channel: 10}
    accents: {enabled: true, channel: 5}
  controls:
    - {source: valence, controller: 20}
    - {source: arousal, controller: 21}
    - {source: expression, channel: 2, controller: 11}
output: {midi_file: take.mid}
"""
)


@pytest.fixture
def open_ardour(jackd: Jackd, tmp_path: Path) -> Iterator[Callable[..., Ardour]]:
    """With armed tracks; see start_ardour."""
    opened: list[Ardour] = []

    def open_one(prepare: Callable[[Ardour], object], follows: str = "") -> Ardour:
        folder = tmp_path / f"daw-{len(opened)}"
        opened.append(start_ardour(folder, prepare, follows=follows))
        return opened[-1]

    jackd.end()
    jackd.start(block=BLOCK)
    yield open_one
    for each in opened:
        each.kill()


def of_channel(messages: list[tuple[int, bytes]], channel: int) -> list[tuple[int, bytes]]:
    """Without system messages, and once what came twice at one frame: Ardour keeps one."""
    once = dict.fromkeys(messages)
    return [(frame, data) for frame, data in once if data[0] < 0xF0 and data[0] & 15 == channel - 1]


def frames_off(sent: list[tuple[int, bytes]], recorded: Recording) -> np.ndarray:
    """Of each message; what is the same was recorded in the order in which it was sent. (What falls on one of its ticks
    Ardour keeps in an order of its own.)"""
    missing = Counter(data for _, data in sent) - Counter(recorded.messages)
    assert not missing, [each for each in sent if each[1] in missing]
    assert len(sent) == len(recorded.messages)
    expected = sorted(sent, key=lambda each: each[1])
    got = sorted(zip(recorded.messages, recorded.frames, strict=True), key=lambda each: each[0])
    return np.array([frame for _, frame in got]) - [frame for frame, _ in expected]


def is_attack(data: bytes) -> bool:
    return data[0] & 0xF0 == 0x90 and data[2] > 0


def first_attacks(recording: Recording, count: int) -> Recording:
    attacks = [i for i, data in enumerate(recording.messages) if is_attack(data)][:count]
    return Recording(recording.frames[attacks], [recording.messages[i] for i in attacks])


def notes_of_file(file: Path) -> list[tuple[int, int, int]]:
    """(channel from 0, note, velocity), sorted."""
    notes = [
        each
        for track in mido.MidiFile(file).tracks
        for each in track
        if each.type == "note_on" and each.velocity
    ]
    return sorted((each.channel, each.note, each.velocity) for each in notes)


@dataclass(frozen=True)
class Take:
    """What was played while Ardour recorded, without a dropout."""

    received: list[tuple[int, bytes]]
    """(JACK frame, MIDI bytes) by a client beside Ardour, since the host began."""
    recorded: slice
    """Of `received`; what came just before and after may be in the recording, too."""
    played_from: int
    """JACK frame of the audio's first sample."""
    status: dict[str, Any]
    file: Path
    """The host's own, of the same."""


def play(host: HostProcess, peer: JackPeer, ardour: Ardour, audio: np.ndarray) -> Take | None:
    """None where JACK, or the host, had a dropout, or Ardour kept nothing."""
    hear(peer)
    for name in PARTS:
        peer.connect(PORT, f"ardour:{name}/midi_in 1")
    ardour.roll()
    ardour.record()
    begins, dropouts = len(peer.received), peer.dropouts
    play_into_host(peer, audio)
    ask("transport", action="stop")
    wait_for(lambda: host.status()["band"] == "stopped", "the band to stop")
    status = host.status()
    ends = len(peer.received)
    kept = ardour.stop()
    dropouts, received = peer.dropouts - dropouts, list(peer.received)
    assert host.end() == 0, host.log
    if dropouts or status["flags"] or not kept:
        print(f"{dropouts} dropouts, flags {status['flags']}, {ardour.said if not kept else 'kept'}")
        return None
    assert peer.played_from is not None
    (*_, file) = sorted(host.config.parent.glob("take-*.mid"))
    return Take(received, slice(begins, ends), peer.played_from, status, file)


def test_ardour_records_all_that_is_played_where_it_was_played(
    open_ardour: Callable[..., Ardour],
    new_peer: Callable[..., JackPeer],
    start: Callable[[str], HostProcess],
    tmp_path: Path,
) -> None:
    """A track for each part, and the sound beside: every message, at its frame; notes behind the sound by the stated
    delay, or later by what the host says that it was late; the same notes as in the host's own file."""
    audio, _ = soundfile.read(music(tmp_path / "music.wav", 5), dtype="float32")
    peer = new_peer()

    def add_tracks(ardour: Ardour) -> None:
        for name, channel in PARTS.items():
            ardour.add_midi_track(name, channel)
        ardour.add_audio_track("player")
        peer.connect("audio", "ardour:player/audio_in 1")

    ardour = open_ardour(add_tracks)
    for _ in range(TRIES):
        peer.received.clear()
        host = start(RIG)
        if (take := play(host, peer, ardour, audio)) is not None:
            break
    else:
        pytest.skip(f"the machine was too busy for {TRIES} takes: each had a dropout, or Ardour kept nothing")
    lead = int(np.flatnonzero(audio)[0])
    onset = onset_in(ardour)
    recordings = {name: ardour.recorded_midi(name) for name in PARTS}
    for name, channel in PARTS.items():
        holds_what_was_sent(recordings[name], channel, take, onset - lead - take.played_from)
    first = take.status["first_sound_frame"]
    heard = np.concatenate([np.zeros(first - lead, np.float32), audio])
    rendered = [each for each in events_of_render(host.config, heard) if each[0] < len(heard) - LAST]
    for name, channel in PARTS.items():
        meant = [
            (frame + onset - first, data) for frame, data in of_channel(rendered, channel) if is_attack(data)
        ]
        if meant:
            lies_behind_the_sound(recordings[name], meant, take.status)
    played = [
        (data[0] & 15, *data[1:]) for each in recordings.values() for data in each.messages if is_attack(data)
    ]
    assert sorted(played) == notes_of_file(take.file)


def onset_in(ardour: Ardour) -> int:
    """The first frame of sound on the audio track."""
    begins, sound = ardour.recorded_audio("player")
    return begins + int(np.flatnonzero(sound)[0])


def holds_what_was_sent(recorded: Recording, channel: int, take: Take, to_ardour: int) -> None:
    """`to_ardour`: from JACK's frames to those of Ardour's time line."""
    certain = [frame + to_ardour for frame, _ in of_channel(take.received[take.recorded], channel)]
    assert len(certain) > 5
    low, high = recorded.frames.min() - ROUNDED, recorded.frames.max() + ROUNDED
    assert low < min(certain) and max(certain) < high  # noqa: PT018
    sent = [(frame + to_ardour, data) for frame, data in of_channel(take.received, channel)]
    off = frames_off([each for each in sent if low < each[0] < high], recorded)
    print(f"channel {channel}: {len(off)} messages, {off.min():.0f} to {off.max():.0f} frames off")
    assert np.abs(off).max() < ROUNDED


def lies_behind_the_sound(
    recorded: Recording, meant: list[tuple[int, bytes]], status: dict[str, Any]
) -> None:
    """`meant`: the notes of a render of the same sound, each at its own frame."""
    late = frames_off(meant, first_attacks(recorded, len(meant))) - status["latency"]["delay_ms"] * RATE / 1e3
    said = status["worst_lateness"][0] * RATE / 1e3
    print(
        f"{len(meant)} notes: median {np.median(late):.0f}, last {late.max():.0f} frames late; it said {said:.0f}"
    )
    assert abs(late.min()) < ROUNDED  # what is not late lies where it is said to lie
    assert late.max() < said + ROUNDED
