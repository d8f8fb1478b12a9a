"""What goes wrong on a stage, done to the host as people run it, on a real JACK server: it never hangs, nothing is left
sounding that MIDI lets us stop, and what was written is readable.

What is done again and again is done ROUNDS times: `make faults` asks for more than CI.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import mido
import psutil
import pytest
from file_limits import no_larger_files
from host_process import ALWAYS, DEVICE, JACK_MIDI, PORT, HostProcess, hear
from jack_rig import Jackd, JackPeer, sounding
from waiting import wait_for

from emohost._core import Shared
from emohost.control.local import send_command
from emohost.errors import ControlError
from emohost.process.shared_memory import map_memory

pytestmark = pytest.mark.jack
RIG = DEVICE + ALWAYS + JACK_MIDI
ROUNDS = int(os.environ.get("EMOHOST_FAULT_ROUNDS", "1"))
FLOOD_S = 2.0
FLOOD_OF_MIDI = """
import mmap, sys, time
from emohost._core import JackClient, PortMemory
memory = PortMemory(mmap.mmap(-1, PortMemory.size), create=True)
client = JackClient("flood", memory, "out")
client.activate()
assert client.connect(client.output, sys.argv[1])
sent, until = 0, time.monotonic() + float(sys.argv[2])
while time.monotonic() < until:
    memory.live()
    while not memory.full:
        sent += memory.push(bytes([0x90, sent % 128, 1 + sent % 127]))
    time.sleep(0.001)
print(sent)
client.close()
"""
FLOOD = """
import sys, time
from emohost._core import Shared
from emohost.process.shared_memory import map_memory
rings, until = Shared(map_memory(sys.argv[1])), time.monotonic() + float(sys.argv[2])
while time.monotonic() < until:
    for _ in range(1000):
        rings.write_emotion([1.0] * 64, weight=1.0, ttl_s=60.0)
"""

Start = Callable[..., HostProcess]


def notes_come(peer: JackPeer, what: str, host: HostProcess) -> None:
    count = len(peer.received)
    try:
        wait_for(lambda: len(peer.received) > count + 5 and peer.on, what)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{host.log}") from None


def ends_well(host: HostProcess, peer: JackPeer | None = None) -> None:
    assert host.end() == 0, host.log
    assert "Traceback" not in host.log
    if peer is not None:
        assert not peer.on


def notes_in(file: Path) -> int:
    return file.exists() and sum(message.type == "note_on" for message in mido.MidiFile(file))


def test_jackd_killed_and_restarted_again_and_again(
    start: Start, jackd: Jackd, new_peer: Callable[..., JackPeer]
) -> None:
    host = start(RIG)
    for number in range(1, 2 * ROUNDS + 1):
        jackd.kill()
        wait_for(lambda: host.status().get("state") != "playing", "the loss to be noticed")
        jackd.start()
        back = time.monotonic()
        # jackd 1.9.21 misses a client for ever that comes while another is being activated: "engine may now behave
        # abnormally", and every cycle takes 50 ms. So the peer comes once the host is there.
        wait_for(lambda: host.status().get("state") == "playing", f"playing after restart {number}")
        peer = new_peer()
        hear(peer)
        notes_come(peer, f"notes after restart {number}", host)
        print(f"{number}: plays {time.monotonic() - back:.2f} s after jackd's return")
        assert int(str(host.status()["restarts"])) >= number
        if number < 2 * ROUNDS:
            peer.close()
    ends_well(host, peer)


@pytest.mark.parametrize("who", ["host", "everybody", "jackd"])
def test_stopped_for_a_while_and_continued(
    start: Start, jackd: Jackd, new_peer: Callable[..., JackPeer], who: str
) -> None:
    """A host that stands still cannot end its notes: its MIDI port's process does."""
    host, peer = start(RIG), new_peer()
    hear(peer)
    notes_come(peer, "notes", host)
    family = host.family()
    stopped = {"host": family[:1], "everybody": family, "jackd": [psutil.Process(jackd.pid)]}[who]
    for process in stopped:
        process.suspend()
    if who == "host":
        since = time.monotonic()
        wait_for(lambda: not peer.on, "silence", 5)
        print(f"silent within {time.monotonic() - since:.2f} s")
    time.sleep(2)
    for process in stopped:
        process.resume()
    notes_come(peer, "notes again", host)
    ends_well(host, peer)


def test_the_sink_of_the_midi_dies_and_another_comes(start: Start, new_peer: Callable[..., JackPeer]) -> None:
    first = new_peer("synth")
    host = start(DEVICE + ALWAYS + "midi: {api: jack, connect: synth}\n")
    notes_come(first, "notes", host)
    first.close()
    wait_for(lambda: "is gone" in host.log, "the loss to be noticed")
    assert host.status()["state"] == "playing"
    second = new_peer("synth")
    notes_come(second, "notes at the new sink", host)
    assert host.status()["restarts"] == 0
    ends_well(host, second)


@pytest.mark.parametrize("who", ["host", "engine", "port"])
def test_killed_with_9_it_leaves_no_note(start: Start, peer: JackPeer, who: str) -> None:
    """What the killed one left sounding is ended: on its own connection, without anybody's help."""
    host = start(RIG)
    hear(peer)
    for _ in range(ROUNDS):
        notes_come(peer, "notes", host)
        wait_for(lambda host=host: len(host.family()) >= 3, "all processes")
        pid = {"host": host.pid, "engine": host.engine_pid, "port": host.port_pid}[who]
        time.sleep(0.5)  # for the port's process to have told what it is connected to
        wait_for(lambda: peer.on, "a note")
        had = len(peer.received)
        os.kill(pid, signal.SIGKILL)
        killed = time.monotonic()
        wait_for(lambda had=had: peer.silent_at > had, "silence")
        print(f"{who} killed: silent within {time.monotonic() - killed:.2f} s")
        if who == "host":
            wait_for(lambda: not peer.find(PORT), "the port to go")
            host.kill()
            host = start(RIG)
            hear(peer)
    notes_come(peer, "notes again", host)
    ends_well(host, peer)


def test_a_port_process_that_is_stopped_leaves_notes_for_about_a_second(start: Start, peer: JackPeer) -> None:
    """As a driver that hangs. What is shown of the lateness is of the last seconds; the worst keeps its time."""
    host = start(RIG)
    hear(peer)
    notes_come(peer, "notes", host)
    time.sleep(0.5)  # for the port's process to have told what it is connected to
    for _ in range(ROUNDS):
        wait_for(lambda: peer.on, "a note")
        had, stopped = len(peer.received), host.port_pid
        os.kill(stopped, signal.SIGSTOP)
        since = time.monotonic()
        wait_for(lambda had=had: peer.silent_at > had, "silence")
        silent = time.monotonic() - since
        print(f"port stopped: silent within {silent:.2f} s")
        assert silent < 2.5
        notes_come(peer, "notes again", host)
    assert host.status()["restarts"] == 0
    ends_well(host, peer)


def test_a_disk_that_fills_up_stops_no_note_and_spoils_no_file(
    start: Start, peer: JackPeer, tmp_path: Path
) -> None:
    """By a limit on the size of files, so that it needs no disk; the log cannot be written either."""
    host, file = start(RIG + "output: {midi_file: take.mid}\n"), tmp_path / "take-001.mid"
    hear(peer)
    wait_for(lambda: notes_in(file) > 20, "the file")
    with no_larger_files(host.pid, file.stat().st_size):
        before = notes_in(file)
        time.sleep(6)  # it is saved twice a second
        assert notes_in(file) == before
        notes_come(peer, "notes all the same", host)
    wait_for(lambda: notes_in(file) > before, "the file to grow when there is room again")
    ends_well(host, peer)
    assert not sounding([bytes(each.bytes()) for each in mido.MidiFile(file) if not each.is_meta])
    assert sorted(each.name for each in tmp_path.glob("*.mid")) == ["take-001.mid"]
    assert not list(tmp_path.glob("*.part"))


def test_a_disk_that_stays_full_is_an_error_at_the_end_that_names_the_file(
    start: Start, peer: JackPeer, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a file system")
    try:
        host, file = start(RIG + "output: {midi_file: disk/take.mid}\n"), disk / "take-001.mid"
        hear(peer)
        wait_for(lambda: notes_in(file) > 20, "the file")
        with contextlib.suppress(OSError), (disk / "rest").open("wb", buffering=0) as rest:
            while rest.write(b"x" * 4096):
                pass
        notes_come(peer, "notes all the same", host)
        assert host.end() == 1, host.log
        assert f"{file}: cannot write the MIDI file: No space left on device" in host.log
        assert "Traceback" not in host.log
        assert not peer.on
        assert notes_in(file) > 20
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_the_wall_clock_set_back_and_forth_changes_nothing(
    start: Start, peer: JackPeer, tmp_path: Path
) -> None:
    if shutil.which("cc") is None:
        pytest.skip("no C compiler for the library that sets the clock (Debian: gcc)")
    library, offset = tmp_path / "wall_clock.so", tmp_path / "offset"
    source = Path(__file__).with_name("wall_clock.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", str(source), "-o", str(library), "-ldl"], check=True)
    offset.write_bytes(struct.pack("q", 0))
    faked = {"LD_PRELOAD": str(library), "WALL_CLOCK": str(offset)}
    shown = [sys.executable, "-c", "import time; print(time.time())"]
    host = start(RIG, **faked)
    hear(peer)
    notes_come(peer, "notes", host)
    for seconds in (-86400, 86400, 0):
        with offset.open("r+b") as file:  # the same file: it is mapped
            file.write(struct.pack("q", seconds))
        clock = subprocess.run(shown, env={**os.environ, **faked}, capture_output=True, check=True)
        assert abs(float(clock.stdout) - time.time() - seconds) < 60  # the trick works
        seconds_before = float(str(host.status()["seconds"]))
        notes_come(peer, "notes", host)
        time.sleep(1)
        assert 0.5 < float(str(host.status()["seconds"])) - seconds_before < 20
    assert host.status()["restarts"] == 0
    ends_well(host, peer)


@contextlib.contextmanager
def every_core_busy() -> Iterator[None]:
    """Two processes for each core that never rest."""
    busy = [sys.executable, "-c", "while True: pass"]
    processes = [subprocess.Popen(busy) for _ in range(2 * (os.cpu_count() or 1))]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_every_core_busy_costs_no_note(start: Start, peer: JackPeer) -> None:
    host = start(RIG)
    hear(peer)
    with every_core_busy():
        time.sleep(FLOOD_S)
        notes_come(peer, "notes", host)
        assert host.status()["restarts"] == 0
        ends_well(host, peer)


def test_a_flood_of_commands_is_obeyed_or_refused(start: Start, peer: JackPeer) -> None:
    host = start(RIG)
    hear(peer)
    refusals: set[str] = set()
    until = time.monotonic() + FLOOD_S

    def flood(first: int) -> None:
        number = first
        while time.monotonic() < until:
            number += 1
            try:
                send_command("set", name="tempo", value=100 + number % 100)
                send_command("panic")
            except ControlError as error:
                refusals.add(str(error))

    threads = [threading.Thread(target=flood, args=(first,)) for first in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"refused: {refusals or 'nothing'}")
    send_command("set", name="tempo", value=240)
    notes_come(peer, "notes", host)
    assert host.status()["restarts"] == 0
    ends_well(host, peer)


def test_a_flood_of_emotion_drops_what_is_too_much_and_is_followed(start: Start, peer: JackPeer) -> None:
    """Written into the engine's ring by a writer that never waits."""
    host = start(RIG)
    hear(peer)
    memory = str(host.status()["memory"])
    subprocess.run([sys.executable, "-c", FLOOD, memory, str(FLOOD_S)], check=True)
    dropped = Shared(map_memory(memory)).dropped["emotion"]
    print(f"{dropped} dropped")
    assert dropped > 1000
    wait_for(lambda: float(str(host.status()["valence"])) > 0.9, "the host to feel it")
    notes_come(peer, "notes", host)
    assert host.status()["restarts"] == 0
    ends_well(host, peer)


def test_a_flood_of_midi_in_drops_what_is_too_much_and_notes_go_on(start: Start, peer: JackPeer) -> None:
    host = start(DEVICE + ALWAYS + "midi: {api: jack, inputs: [{port: midi_in}]}\n")
    hear(peer)
    rings = Shared(map_memory(str(host.status()["memory"])))
    command = [sys.executable, "-c", FLOOD_OF_MIDI, "emohost:midi_in", str(FLOOD_S)]
    sent = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    dropped = host.status()["dropped"]
    print(f"{sent} sent, {rings.inputs_taken} taken, dropped {dropped}")
    assert isinstance(dropped, dict)
    assert dropped["input"] > 0
    assert sent > 10_000
    assert rings.inputs_taken > 1000
    notes_come(peer, "notes", host)
    assert host.status()["restarts"] == 0
    ends_well(host, peer)
