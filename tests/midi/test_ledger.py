"""The ledger knows every note that is on, so all can be ended whatever was sent before."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from emohost._core import Engine
from emohost.audio.backend import AudioFormat
from emohost.cli.remote.panic import silence
from emohost.config.schema import Rig
from emohost.engine.build import engine_settings
from emohost.engine.request import EngineRequest
from emohost.midi.ledger import Ledger, is_note_off, is_note_on
from emohost.networks.features import DEFAULTS
from emohost.vocabulary import ROLE_NAMES

channels = st.integers(0, 3)
notes = st.integers(60, 64)
messages = st.one_of(
    st.builds(lambda c, n, v: bytes([0x90 | c, n, v]), channels, notes, st.integers(0, 127)),
    st.builds(lambda c, n: bytes([0x80 | c, n, 0]), channels, notes),
    st.builds(lambda c, k, v: bytes([0xB0 | c, k, v]), channels, st.integers(0, 119), st.integers(0, 127)),
    st.builds(lambda c, p: bytes([0xC0 | c, p]), channels, st.integers(0, 127)),
)


def balance(sent: list[bytes]) -> dict[tuple[int, int], int]:
    """Note-ons without note-off by (channel, note), as a receiver that counts sees them; negative: an end too many."""
    on: dict[tuple[int, int], int] = {}
    for data in sent:
        key = (data[0] & 15, data[1])
        if is_note_on(data):
            on[key] = on.get(key, 0) + 1
        elif is_note_off(data):
            on[key] = on.get(key, 0) - 1
    return {key: count for key, count in on.items() if count}


@given(st.lists(messages, max_size=60))
def test_after_silence_every_note_on_has_exactly_one_note_off(sequence: list[bytes]) -> None:
    ledger = Ledger()
    sent = [data for data in sequence if ledger.enter(data)]
    owed = ledger.silence()
    assert len(owed) == sum(balance(sent).values())
    assert balance(sent + owed) == {}
    assert ledger.sounding == 0
    assert ledger.silence() == []


@given(st.lists(messages, max_size=60))
def test_restore_brings_programs_and_controllers_to_their_last_values(sequence: list[bytes]) -> None:
    def values(sent: list[bytes]) -> dict[tuple[int, int], int]:
        state = {}
        for data in sent:
            if data[0] & 0xF0 == 0xB0:
                state[data[0], data[1]] = data[2]
            elif data[0] & 0xF0 == 0xC0:
                state[data[0], -1] = data[1]
        return state

    ledger = Ledger()
    for data in sequence:
        ledger.enter(data)
    assert values(ledger.restore()) == values(sequence)


def test_the_end_of_a_note_that_is_not_on_need_not_be_sent() -> None:
    ledger = Ledger()
    assert not ledger.enter(bytes([0x80, 60, 0]))
    assert ledger.enter(bytes([0x90, 60, 1]))
    assert ledger.enter(bytes([0x90, 60, 0]))
    assert not ledger.enter(bytes([0x90, 60, 0]))


def test_every_channel_used_gets_pedal_up_and_all_notes_off() -> None:
    ledger = Ledger()
    ledger.enter(bytes([0x92, 60, 1]))
    ledger.enter(bytes([0xB5, 20, 1]))
    assert ledger.reset_messages() == [
        bytes([0xB2, 64, 0]),
        bytes([0xB2, 123, 0]),
        bytes([0xB5, 64, 0]),
        bytes([0xB5, 123, 0]),
    ]


def test_engine_host_and_command_line_send_the_same_panic() -> None:
    """On every channel that the band has; the command line, which knows none, on all."""
    rig = Rig.model_validate({"audio": {"backend": "dummy"}})
    settings = engine_settings(EngineRequest.of(rig, Path()), AudioFormat(8000, 160, 1, waits=True), DEFAULTS)
    engine = Engine(settings, dict.fromkeys(ROLE_NAMES))
    engine.shared.command("panic")
    engine.process(None, 160)
    sent = [data for _, data, _ in engine.shared.pop_events() if data[0] & 0xF0 == 0xB0]
    ledger = Ledger()
    for data in sent:
        ledger.enter(data)
    assert len(sent) > 4
    assert sorted(ledger.reset_messages()) == sorted(sent)
    assert set(sent) <= set(silence())
