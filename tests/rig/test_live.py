"""The host as people run it, on a real JACK server: audio in through PortAudio, MIDI out through JACK."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from host_process import ALWAYS, DEVICE, JACK_MIDI, PORT, HostProcess, hear, play_into_host
from host_runs import Run, events_of_render, music
from jack_rig import RATE, Jackd, JackPeer, sounding
from waiting import wait_for

from emohost.control.local import running_hosts
from emohost.errors import AudioError
from emohost.process.memory import memory_folder

pytestmark = pytest.mark.jack
SOUND_FONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
HEARD = "music: {play: when_heard, clock: {source: internal}, tempo: 150}\n"
LAST_S = 0.1  # of the music: the host is ended when it is over, which ends what sounds
TRIES = 3  # for a recording without a dropout of the test's own, on a machine that is shared


def notes_of_render(config: Path, audio: np.ndarray) -> list[tuple[int, bytes]]:
    before = len(audio) - round(LAST_S * RATE)
    return [
        (frame, data)
        for frame, data in events_of_render(config, audio)
        if data[0] & 0xE0 == 0x80 and frame < before
    ]


def test_what_is_played_through_jack_gives_the_notes_of_a_render(
    start: Callable[[str], HostProcess], jackd: Jackd, new_peer: Callable[..., JackPeer], tmp_path: Path
) -> None:
    """Exactly the same notes, in the same order, once the audio is aligned by the first frame that was not silent."""
    audio, _ = soundfile.read(music(tmp_path / "music.wav", 6), dtype="float32")
    jackd.end()
    jackd.start(block=1024)  # the player is written in Python
    peer = new_peer()
    lead = int(np.flatnonzero(audio)[0])
    for attempt in range(1, TRIES + 1):
        host = start(DEVICE.replace("128", "1024") + HEARD + JACK_MIDI)
        hear(peer)
        time.sleep(0.3)
        peer.received.clear()
        dropouts = peer.dropouts
        play_into_host(peer, audio)
        status = host.status()
        host.end()
        if peer.dropouts == dropouts and not status["flags"]:
            break
        print(f"attempt {attempt}: {peer.dropouts - dropouts} dropouts, flags {status['flags']}")
    else:
        pytest.skip(f"the machine was too busy for {TRIES} recordings: each had a dropout")
    silence = int(str(status["first_sound_frame"])) - lead
    heard = np.concatenate([np.zeros(silence, np.float32), audio])
    expected = notes_of_render(host.config, heard)
    got = [(frame, data) for frame, data in peer.received if data[0] & 0xE0 == 0x80]
    count = len(expected)
    assert count > 10
    assert [data for _, data in got[:count]] == [data for _, data in expected]
    offsets = np.array([frame for frame, _ in got[:count]]) - [frame for frame, _ in expected]
    print(
        f"{count} events; spread of their times {np.ptp(offsets) / RATE * 1000:.1f} ms; late {status['lateness_ms']}"
    )
    assert not sounding(peer.messages)


def test_ended_by_a_signal_nothing_sounds_and_a_second_run_finds_everything_free(
    start: Callable[[str], HostProcess], peer: JackPeer
) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        host = start(DEVICE + ALWAYS + JACK_MIDI)
        hear(peer)
        wait_for(lambda: sounding(peer.messages), "a note")
        family = host.family()
        print(f"{len(family)} processes, {host.memory_mb():.0f} MB resident")
        assert host.memory_mb() < 200
        assert host.end(number) == 0, host.log
        assert not sounding(peer.messages)
        assert bytes([0xB0, 123, 0]) in peer.messages
        assert not [process for process in family if process.is_running()]
        assert not list(memory_folder().glob(f"emohost-{family[0].pid}-*"))
        assert running_hosts() == []
        wait_for(lambda: not peer.find("emohost:"), "the port to go")
        peer.received.clear()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_when_the_engine_is_lost_notes_end_within_half_a_second_and_the_port_stays(
    start: Callable[[str], HostProcess], peer: JackPeer, number: signal.Signals
) -> None:
    host = start(DEVICE + ALWAYS + JACK_MIDI)
    hear(peer)
    wait_for(lambda: sounding(peer.messages), "a note")
    lost = host.engine_pid
    wait_for(lambda: sounding(peer.messages), "a note")
    time.sleep(float(os.environ.get("EMOHOST_SETTLE_S", "0")))  # with 8, a spare engine stands by
    wait_for(lambda: sounding(peer.messages), "a note")
    count = len(peer.received)
    os.kill(lost, number)
    killed = time.monotonic()
    wait_for(lambda: not sounding(peer.messages), "silence")
    silent = peer.received_at[-1] - killed
    wait_for(lambda: sounding(peer.messages) and host.status().get("restarts") == 1, "it to play again")
    heard = [
        at - killed
        for at, data in zip(peer.received_at[count:], peer.messages[count:], strict=False)
        if data[0] & 0xF0 == 0x90 and data[2] and at - killed > silent
    ]
    print(f"{number.name}: notes off after {silent * 1000:.0f} ms, the next note after {heard[0]:.2f} s")
    assert silent < 0.5
    assert host.engine_pid != lost
    assert host.end() == 0
    assert not sounding(peer.messages)


def test_when_jackd_dies_notes_end_and_with_its_return_it_plays_again(jackd: Jackd, tmp_path: Path) -> None:
    """JACK's MIDI dies with it, so the notes go to a port that does not."""
    config = tmp_path / "rig.yaml"
    config.write_text(DEVICE + ALWAYS)
    run = Run(config)
    try:
        for _ in range(2):
            restarts = run.status.restarts if run.statuses else 0
            run.wait_playing()
            jackd.kill()
            killed = time.monotonic()
            run.wait_for(lambda: run.port.ledger.sounding == 0, "silence")
            silent = time.monotonic() - killed
            run.wait_for(lambda: run.status.state == "waiting for the device", "it to wait")
            jackd.start()
            back = time.monotonic()
            sent = len(run.port.sent)
            run.wait_for(lambda count=sent: len(run.port.sent) > count + 5, "it to play again")
            playing = time.monotonic() - back
            print(
                f"jackd killed: notes off after {silent * 1000:.0f} ms; plays {playing:.2f} s after its return"
            )
            assert silent < 0.5
            assert playing < 3
            assert run.status.restarts == restarts + 1
    finally:
        run.end()
    assert run.port.ledger.sounding == 0


def test_after_a_restart_of_jackd_midi_flows_again_by_itself(
    start: Callable[[str], HostProcess], jackd: Jackd, new_peer: Callable[..., JackPeer]
) -> None:
    host = start(DEVICE + ALWAYS + JACK_MIDI)
    first = new_peer()
    hear(first)
    wait_for(lambda: first.received, "MIDI")
    first.close()
    jackd.kill()
    time.sleep(1)
    jackd.start()
    back = time.monotonic()
    # See test_faults.py: jackd misses a client that comes while another is being activated.
    wait_for(lambda: host.status().get("state") == "playing", "playing again")
    second = new_peer()
    hear(second)
    wait_for(lambda: sounding(second.messages), "a note")
    recovered = time.monotonic() - back
    print(f"a note {recovered:.2f} s after jackd's return")
    assert recovered < 3


def test_killed_with_9_the_host_takes_its_children_along_and_starts_again(
    start: Callable[[str], HostProcess], peer: JackPeer
) -> None:
    host = start(DEVICE + ALWAYS + JACK_MIDI)
    family = host.family()
    assert len(family) == 3
    host.kill()
    wait_for(lambda: not any(process.is_running() for process in family), "all processes to end")
    wait_for(lambda: not peer.find("emohost:"), "the port to go")
    again = start(DEVICE + ALWAYS + JACK_MIDI)
    assert not list(memory_folder().glob(f"emohost-{family[0].pid}-*"))
    hear(peer)
    wait_for(lambda: sounding(peer.messages), "a note")
    assert again.end() == 0
    assert not sounding(peer.messages)


def test_a_host_that_was_stopped_goes_on_and_leaves_no_note(
    start: Callable[[str], HostProcess], peer: JackPeer
) -> None:
    host = start(DEVICE + ALWAYS + JACK_MIDI)
    hear(peer)
    wait_for(lambda: sounding(peer.messages), "a note")
    engine = host.engine_pid
    main = host.family()[0]
    main.suspend()
    time.sleep(2)
    main.resume()
    peer.received.clear()
    wait_for(lambda: len(peer.received) > 20, "MIDI to flow again")
    assert host.engine_pid == engine
    assert host.end() == 0
    assert not sounding(peer.messages)


def test_fluidsynth_makes_sound_of_the_hosts_port(
    start: Callable[[str], HostProcess], peer: JackPeer
) -> None:
    if shutil.which("fluidsynth") is None or not SOUND_FONT.exists():
        pytest.skip("fluidsynth or its sound font is not installed (Debian: fluidsynth fluid-soundfont-gm)")
    start(DEVICE + ALWAYS + JACK_MIDI)
    options = (
        "-a jack -m jack -r 48000 -is -o audio.jack.id=fs -o midi.jack.id=fs -o audio.jack.autoconnect=no"
    )
    synth = subprocess.Popen(
        ["fluidsynth", *options.split(), str(SOUND_FONT)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: peer.find("fs:left") and peer.find("fs:midi"), "fluidsynth's ports")
        (midi,) = peer.find("fs:midi", is_midi=True, is_input=True)
        peer.connect(PORT, midi)
        peer.connect("fs:left", "input")
        wait_for(lambda: peer.loudest > 0.01, "sound")
    finally:
        synth.kill()
        synth.wait()


def test_a_thread_that_keeps_the_interpreter_lock_stops_no_block(jackd: Jackd) -> None:
    script = Path(__file__).with_name("locked_interpreter.py")
    result = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == 0, result.stderr
    print(result.stdout)
    blocks, expected = map(int, re.findall(r"(\d+) of (\d+) blocks", result.stdout)[0])
    assert blocks >= 0.95 * expected  # jackd itself may be late: what counts is that they came
    assert "reports without a gap" in result.stdout


@pytest.mark.parametrize(
    ("audio", "message"),
    [
        ("device: nonesuch", r"there is no audio input device 'nonesuch'; there is: 'system' \(JACK"),
        ("device: system, sample_rate: 44100", r"cannot do 44100 Hz with 1 in, 0 out; it can do 48000 Hz"),
        ("device: system, input_channels: 9", r"has 2 input channels; 9 were asked for"),
    ],
)
def test_a_device_that_cannot_do_it_says_what_it_can(
    jackd: Jackd, tmp_path: Path, audio: str, message: str
) -> None:
    config = tmp_path / "rig.yaml"
    config.write_text(f"audio: {{backend: portaudio, {audio}}}\n")
    with pytest.raises(AudioError, match=message):
        Run(config).finish()


def test_pass_through_and_duplex(start: Callable[[str], HostProcess], peer: JackPeer, tmp_path: Path) -> None:
    start(
        "audio: {backend: portaudio, device: system, block_size: 128, output_channels: 2, pass_through: true}\n"
        "midi: {api: none}\noutput: {midi_file: x.mid}\n"
    )
    audio, _ = soundfile.read(music(tmp_path / "music.wav", 2), dtype="float32")
    (output, _) = peer.find("emohost-audio:", is_audio=True, is_output=True)
    peer.connect(output, "input")
    play_into_host(peer, audio)
    wait_for(lambda: peer.loudest > 0.1, "what was played")
