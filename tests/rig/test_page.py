"""The page in a real browser before a host on the real rig: what is pressed is heard at the MIDI port's other end, and
a controller that moves is learned for the parameter beside whose button it was asked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from browser import free_port, opened, running_browser, sees
from host_process import ALWAYS, DEVICE, HostProcess, hear
from jack_rig import JackPeer
from waiting import wait_for

from emohost.control.local import send_command
from emohost.vocabulary import PARAMETERS, PARTS

pytestmark = pytest.mark.jack

CHANNEL = {part.name: part.channel for part in PARTS}


def notes_of(peer: JackPeer, part: str, since: int) -> int:
    """Note-ons among the messages from number `since` on."""
    return sum(data[0] == 0x90 | (CHANNEL[part] - 1) and data[2] > 0 for data in peer.messages[since:])


def test_what_is_pressed_is_heard_and_what_moves_is_learned(
    start: Callable[..., HostProcess], peer: JackPeer
) -> None:
    port = free_port()
    start(
        DEVICE
        + ALWAYS
        + "midi: {api: jack, inputs: [{port: midi_in}]}\n"
        + f"control: {{web: {{port: {port}}}}}\n"
    )
    hear(peer)
    wait_for(lambda: peer.find("emohost:midi_in"), "the host's MIDI input")
    peer.connect("keys", "emohost:midi_in")
    wait_for(lambda: notes_of(peer, "drums", 0), "drums")
    with running_browser() as browser:
        page = opened(browser, port)
        sees(page, "#connections", "emohost:midi_out → ", "MIDI in 1 ← ", "Audio in 1 ←")

        page.click("button[data-parameter=drums_enabled]")
        wait_for(lambda: value("drums_enabled") == 0, "the drums to be off")
        since = len(peer.messages) + 30  # what was planned is still played
        wait_for(lambda: len(peer.messages) > since + 40, "more notes")
        assert notes_of(peer, "drums", since) == 0
        assert notes_of(peer, "bass", since) > 0

        page.click("button[data-action=stop]")
        wait_for(lambda: not peer.on, "silence")
        page.click("button[data-action=start]")
        since = len(peer.messages)
        wait_for(lambda: notes_of(peer, "bass", since), "the band again")

        since = len(peer.messages)
        page.click("#panic")
        wait_for(lambda: bytes([0xB0, 123, 0]) in peer.messages[since:], "all notes off")

        for number, parameter in enumerate(PARAMETERS):
            button = page.locator(f"[data-learn={parameter.name}]")
            button.click()
            wait_for(lambda button=button: button.get_attribute("aria-pressed") == "true", "that it waits")
            peer.send(bytes([0xB1, 20 + number, 0]), bytes([0xB1, 20 + number, 1]))
            sees(page, "#learned", f"controller: {20 + number}, channel: 2, input: midi_in", parameter.name)
        peer.send(bytes([0xB1, 20, 127]), bytes([0xB1, 20, 0]), bytes([0xB1, 20, 127]))
        wait_for(lambda: value("tempo") == 300, "the knob that was learned for the tempo")
        sees(page, ".parameter:has([data-parameter=tempo])", "300", "by MIDI midi_in")


def value(name: str) -> float:
    return float(send_command("get")["parameters"][name])
