"""One host on the real rig: steered by a MIDI controller, an OSC client and the command line, and reloaded."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from host_process import ALWAYS, DEVICE, HostProcess, hear
from jack_rig import JackPeer
from model_files import random_network, rtneural
from pythonosc.osc_message_builder import OscMessageBuilder
from waiting import wait_for

from emohost.control.local import send_command

pytestmark = pytest.mark.jack


def emohost(*arguments: str) -> str:
    command = [sys.executable, "-m", "emohost", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def value(name: str) -> float:
    return float(send_command("get")["parameters"][name])


def notes_of(peer: JackPeer, channel: int, since: int) -> int:
    """Note-ons on a channel from 1, among the messages from number `since` on."""
    return sum(data[0] == 0x90 | (channel - 1) and data[2] > 0 for data in peer.messages[since:])


def test_a_controller_an_osc_client_and_the_command_line_steer_one_host(
    start: Callable[..., HostProcess], peer: JackPeer
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    host = start(
        DEVICE
        + ALWAYS
        + "midi: {api: jack, inputs: [{port: midi_in}]}\n"
        + f"control:\n  osc: {{port: {port}}}\n  midi:\n"
        + "    - {controller: 64, parameter: drums_enabled}\n    - {note: 36, action: panic}\n"
    )
    hear(peer)
    wait_for(lambda: peer.find("emohost:midi_in"), "the host's MIDI input")
    peer.connect("keys", "emohost:midi_in")
    wait_for(lambda: notes_of(peer, 10, 0), "drums")

    peer.send(bytes([0xB0, 64, 0]))  # the pedal comes up: no drums
    wait_for(lambda: value("drums_enabled") == 0, "the pedal")
    since = len(peer.messages) + 50
    wait_for(lambda: len(peer.messages) > since + 50, "more notes")
    assert notes_of(peer, 10, since) == 0

    learning = subprocess.Popen(
        [sys.executable, "-m", "emohost", "learn", "density"], stdout=subprocess.PIPE, text=True
    )
    wait_for(lambda: send_command("learn")["waits"], "the host to listen for a controller")
    peer.send(bytes([0xB1, 21, 64]))
    told, _ = learning.communicate(timeout=20)
    assert told.startswith("{controller: 21, channel: 2, input: midi_in, parameter: density}, kept in ")
    peer.send(bytes([0xB1, 21, 32]))
    wait_for(lambda: value("density") == pytest.approx(2 * 32 / 127), "the knob that was learned")

    osc = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    builder = OscMessageBuilder("/emohost/set/tempo")
    builder.add_arg(120.0)
    osc.sendto(builder.build().dgram, ("127.0.0.1", port))
    wait_for(lambda: host.status()["tempo"] == 120, "the tempo that OSC asked for")
    osc.close()

    assert "drums_enabled" in emohost("get")
    emohost("unmute", "drums", "--at", "beat")
    since = len(peer.messages)
    wait_for(lambda: notes_of(peer, 10, since), "drums again")
    emohost("transport", "stop")
    wait_for(lambda: not peer.on, "silence")
    emohost("stop")
    assert host.wait() == 0
    assert "density" in host.log
    assert "MIDI midi_in" in host.log
    assert "osc 127.0.0.1" in host.log


def test_networks_and_style_are_exchanged_while_the_device_calls(
    start: Callable[..., HostProcess], peer: JackPeer, tmp_path: Path
) -> None:
    def write(seed: int) -> None:
        network = rtneural(random_network(seed, inputs=64, hidden=4, outputs=128))
        (tmp_path / "mine.json").write_text(json.dumps(network), encoding="utf-8")
        (tmp_path / "mine.yaml").write_text(
            f"name: Mine\nsource: by hand\ntempo: [60, {90 + seed}]\n", encoding="utf-8"
        )

    write(0)
    host = start(
        DEVICE
        + ALWAYS.replace("A minor", "A minor, style: mine.yaml")
        + "midi: {api: jack}\nnetworks: {melody: {file: mine.json}}\n"
    )
    hear(peer)
    engine = host.engine_pid
    for seed in range(1, 4):
        since = len(peer.messages)
        wait_for(lambda since=since: len(peer.messages) > since + 20, "notes")
        write(seed)
        assert send_command("reload")["swap"] == ["music.style", "networks.melody.file"]
    since = len(peer.messages)
    wait_for(lambda: notes_of(peer, 1, since), "the melody of the last network")
    status = host.status()
    assert (host.engine_pid, status["restarts"], status["dropped"]) == (engine, 0, {})
    assert host.end() == 0, host.log
    wait_for(lambda: not peer.on, "silence")
