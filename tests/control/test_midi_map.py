"""What a controller, pedal, pad or program change that comes in does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emohost.config.control import MidiMapping
from emohost.config.load import parse_rig
from emohost.control.learned import Learned
from emohost.control.midi_map import MidiMap
from emohost.control.parameters import BY_NAME
from emohost.errors import ConfigError, ControlError


class Host:
    """In place of one: sets what it is asked to set, and remembers."""

    def __init__(self) -> None:
        self.values = {name: float(each.default) for name, each in BY_NAME.items()}
        self.asked: list[dict[str, Any]] = []
        self.said: list[str] = []

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append({name: value for name, value in request.items() if name != "by"})
        if request["command"] == "set":
            low, high = BY_NAME[request["name"]].low, BY_NAME[request["name"]].high
            assert low <= request["value"] <= high
            self.values[request["name"]] = request["value"]
        if request.get("name") == "gone":
            raise ControlError("there is no snapshot 'gone'")
        return {}

    def map(self, *mappings: dict[str, Any]) -> MidiMap:
        return MidiMap(
            [MidiMapping.model_validate(each) for each in mappings],
            ["keys", "pedals"],
            self.answer,
            self.values.__getitem__,
            {0: "verse", 1: "chorus"}.get,
            self.said.append,
        )


@pytest.fixture
def host() -> Host:
    return Host()


def play(midi: MidiMap, *messages: mido.Message, source: int = 0) -> None:
    for at_ns, message in enumerate(messages):
        midi.take(at_ns, bytes(message.bytes()), source)
    midi.step()


def turned(controller: int, *values: int, channel: int = 1) -> list[mido.Message]:
    return [
        mido.Message("control_change", control=controller, value=value, channel=channel - 1)
        for value in values
    ]


def test_a_knob_goes_from_low_to_high(host: Host) -> None:
    midi = host.map({"controller": 20, "parameter": "density", "low": 0.5, "high": 1.5, "takeover": "jump"})
    play(midi, *turned(20, 0, 127))
    assert [each["value"] for each in host.asked] == [0.5, 1.5]


def test_a_knob_that_stands_elsewhere_moves_nothing_until_it_has_come_there(host: Host) -> None:
    midi = host.map({"controller": 20, "parameter": "density"})  # density is 1, the knob's middle
    play(midi, *turned(20, 0, 30, 50))
    assert host.asked == []
    play(midi, *turned(20, 70, 90))
    assert [round(each["value"], 2) for each in host.asked] == [1.1, 1.42]
    host.values["density"] = 0.2  # somebody else
    play(midi, *turned(20, 95, 60))
    assert host.values["density"] == 0.2
    play(midi, *turned(20, 10, 20))
    assert host.values["density"] == pytest.approx(2 * 20 / 127)


def test_a_switch_is_a_pedal(host: Host) -> None:
    midi = host.map({"controller": 64, "parameter": "drums_enabled"})
    play(midi, *turned(64, 0, 63, 64, 127, 20))
    assert [each["value"] for each in host.asked] == [0, 0, 1, 1, 0]


def test_a_pedal_acts_once_each_time_it_goes_down(host: Host) -> None:
    midi = host.map({"controller": 65, "action": "tap"})
    play(midi, *turned(65, 0, 127, 127, 0, 127))
    assert host.asked == [{"command": "tap", "at_ns": 1}, {"command": "tap", "at_ns": 4}]


@pytest.mark.parametrize(
    ("action", "request_"),
    [
        ("downbeat", {"command": "downbeat", "at_ns": 0}),
        ("start", {"command": "transport", "action": "start"}),
        ("stop", {"command": "transport", "action": "stop"}),
        ("panic", {"command": "panic"}),
    ],
)
def test_a_pad_acts(host: Host, action: str, request_: dict[str, Any]) -> None:
    midi = host.map({"note": 36, "action": action})
    play(midi, mido.Message("note_on", note=36, velocity=90), mido.Message("note_on", note=36, velocity=0))
    assert host.asked == [request_]


def test_a_pad_turns_a_part_off_and_on(host: Host) -> None:
    midi = host.map({"note": 37, "parameter": "drums_enabled"})
    play(midi, *[mido.Message("note_on", note=37, velocity=90)] * 3)
    assert [each["value"] for each in host.asked] == [0, 1, 0]


def test_program_changes_recall_snapshots_by_place_unless_a_mapping_takes_them(host: Host) -> None:
    midi = host.map({"program": 1, "snapshot": "solo", "over_s": 2})
    play(midi, *[mido.Message("program_change", program=number) for number in (0, 1, 2)])
    recall = {"command": "snapshot", "action": "recall"}
    assert host.asked == [{**recall, "name": "verse"}, {**recall, "name": "solo", "over_s": 2}]


@pytest.mark.parametrize(
    ("relative", "up", "down"),
    [("twos_complement", 1, 127), ("offset", 65, 63), ("sign_bit", 1, 65)],
)
def test_an_encoder_goes_in_steps_from_where_the_parameter_is(
    host: Host, relative: str, up: int, down: int
) -> None:
    midi = host.map({"controller": 30, "parameter": "density", "relative": relative})
    play(midi, *turned(30, up, up, down))
    assert [each["value"] for each in host.asked] == pytest.approx([1 + 2 / 127, 1 + 4 / 127, 1 + 2 / 127])
    play(midi, *turned(30, *[down] * 200))
    assert host.values["density"] == 0


def test_an_encoder_goes_through_whole_numbers_one_by_one(host: Host) -> None:
    midi = host.map({"controller": 30, "parameter": "transpose", "relative": "offset"})
    play(midi, *turned(30, 65, 70, 60))
    assert [each["value"] for each in host.asked] == [1, 2, 1]


def test_fourteen_bits_count_once_both_halves_are_there(host: Host) -> None:
    midi = host.map({"controller": 1, "parameter": "tempo", "fine": True, "takeover": "jump"})
    play(midi, *turned(1, 64), *turned(33, 32))
    assert [each["value"] for each in host.asked] == pytest.approx([20 + 280 * (64 * 128 + 32) / 16383])


def test_channel_and_input_are_heeded(host: Host) -> None:
    midi = host.map({"controller": 64, "parameter": "bass_enabled", "channel": 3, "input": "pedals"})
    play(midi, *turned(64, 0, channel=3), source=0)
    play(midi, *turned(64, 0, channel=2), source=1)
    assert host.asked == []
    play(midi, *turned(64, 0, channel=3), source=1)
    assert host.values["bass_enabled"] == 0


def test_what_is_refused_is_said_once(host: Host) -> None:
    midi = host.map({"note": 36, "snapshot": "gone"})
    play(midi, *[mido.Message("note_on", note=36, velocity=90)] * 3)
    assert host.said == ["MIDI: there is no snapshot 'gone'"]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=3), max_size=50))
def test_no_message_breaks_it(messages: list[bytes]) -> None:
    host = Host()
    midi = host.map(
        {"controller": 20, "parameter": "density"},
        {"controller": 1, "parameter": "tempo", "fine": True},
        {"controller": 30, "parameter": "transpose", "relative": "offset"},
        {"note": 36, "action": "tap"},
    )
    for data in messages:
        midi.take(0, data, 7)
    midi.step()


@pytest.mark.parametrize(
    ("mapping", "error"),
    [
        ("{controller: 20}", "found none as target; expected one of parameter, action, snapshot"),
        ("{parameter: density}", "found none as source; expected one of controller, note, program"),
        ("{controller: 20, note: 3, action: tap}", "found controller, note as source"),
        ("{controller: 20, parameter: densty}", "found 'densty'"),
        ("{controller: 20, parameter: density, high: 3}", "found high 3; expected 0 to 2"),
        ("{controller: 20, action: tap, low: 0}", "found low 0; expected a parameter with low"),
        ("{controller: 40, parameter: density, fine: true}", "expected a controller from 0 to 31 with fine"),
        ("{note: 40, parameter: density, relative: offset}", "expected a controller and a parameter with"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(mapping: str, error: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_rig(f"audio: {{backend: dummy}}\ncontrol:\n  midi:\n    - {mapping}\n")
    assert error in str(caught.value)
    assert str(caught.value).startswith("<text>:4:")


def test_what_moves_next_is_learned_used_and_kept(host: Host, tmp_path: Path) -> None:
    learned, midi = Learned(tmp_path / "stage.yaml"), host.map()
    learned.begin("density", midi.learn)
    assert learned.state()["waits"]
    play(midi, mido.Message("note_on", note=36, velocity=90), *turned(21, 64, channel=2), source=1)
    state = learned.state()
    assert not state["waits"]
    assert state["found"] == "{controller: 21, channel: 2, input: pedals, parameter: density}"
    play(midi, *turned(21, 70, channel=2), source=1)
    assert host.values["density"] == pytest.approx(2 * 70 / 127)
    learned.begin("tempo", midi.learn)
    play(midi, *turned(22, 3))
    kept = Learned(tmp_path / "stage.yaml").read()
    assert [(each.controller, each.parameter) for each in kept] == [(21, "density"), (22, "tempo")]
    learned.begin("density", midi.learn)
    play(midi, *turned(23, 3))
    kept = Learned(tmp_path / "stage.yaml").read()
    assert [(each.controller, each.parameter) for each in kept] == [(22, "tempo"), (23, "density")]


def test_a_parameter_that_is_not_there_is_not_learned(tmp_path: Path) -> None:
    learned = Learned(tmp_path / "stage.yaml")
    with pytest.raises(ControlError, match="did you mean 'density'"):
        learned.begin("densty", lambda learning: None)
    assert not learned.state()["waits"]


@pytest.mark.parametrize(
    "text", ["{", "3", "- 3", "- {controller: 20}", "- {controller: 20, parameter: x}", "\xff"]
)
def test_a_file_that_is_wrong_is_said_and_stays(tmp_path: Path, text: str) -> None:
    learned = Learned(tmp_path / "stage.yaml")
    learned.file.write_text(text, encoding="latin-1")
    with pytest.raises(ConfigError, match=r"stage\.midi\.yaml"):
        learned.read()
    with pytest.raises(ConfigError, match=r"stage\.midi\.yaml"):
        learned.begin("density", lambda learning: None)
    assert learned.file.read_text(encoding="latin-1") == text
