"""The engine from Python: the same music for every block size, rate and run; nothing upsets it; notes balance."""

from __future__ import annotations

import gc
import mmap
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_engine import SIZES, MakeEngine, make_networks, make_settings, note_ons, notes_left_on

from emohost import _core
from emohost.networks import find_model, load_model

BLOCK_SIZES = (1, 17, 32, 64, 128, 441, 480, 512, 1024, 4096)


def emotions(hops: np.ndarray) -> np.ndarray:
    return np.array([_core.decode_emotion(embedding) for embedding in hops["embedding"]])


# --- the block size changes nothing --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reference(music: np.ndarray) -> tuple[list[tuple[int, bytes, int]], np.ndarray]:
    engine = _core.Engine(make_settings(parts={"accents": {"enabled": True}}), make_networks())
    return engine.render(music, 256) + engine.finish(), engine.take_hops()


@pytest.mark.parametrize("block_size", BLOCK_SIZES)
def test_every_block_size_gives_the_same_midi_and_the_same_emotion(
    make_engine: MakeEngine,
    music: np.ndarray,
    reference: tuple[list[tuple[int, bytes, int]], np.ndarray],
    block_size: int,
) -> None:
    """MIDI byte for byte, the embedding at every hop within 1e-5, over six seconds of music."""
    engine = make_engine(parts={"accents": {"enabled": True}})
    events = engine.render(music, block_size) + engine.finish()
    assert note_ons(events) > 20
    assert events == reference[0]
    hops = engine.take_hops()
    assert len(hops) == len(music) // 960
    assert np.array_equal(hops["frame"], 960 * np.arange(1, len(hops) + 1))
    np.testing.assert_allclose(hops["embedding"], reference[1]["embedding"], atol=1e-5, rtol=0)


@settings(max_examples=5, deadline=None)
@given(sizes=st.lists(st.integers(0, 5000), min_size=1, max_size=20))
def test_alternating_block_sizes_change_nothing_either(
    music: np.ndarray, reference: tuple[list[tuple[int, bytes, int]], np.ndarray], sizes: list[int]
) -> None:
    """Any sequence of sizes, zero and larger than the maximum included."""
    engine = _core.Engine(make_settings(parts={"accents": {"enabled": True}}), make_networks())
    events, at, turn = [], 0, 0
    while at < len(music):
        size = sizes[turn % len(sizes)] if turn < 1000 else 4096
        engine.process(music[at : at + size])
        events += engine.shared.pop_events()
        at, turn = at + size, turn + 1
    assert events + engine.finish() == reference[0]


# --- sample rates, seeds, runs -------------------------------------------------------------------------------------


@pytest.mark.parametrize("precision", ["float16", "int8"])
def test_block_sizes_change_nothing_with_smaller_weights_either(music: np.ndarray, precision: str) -> None:
    events, embeddings = [], []
    for block_size in (64, 64, 1000):
        engine = _core.Engine(make_settings(), make_networks(precision=precision))
        events.append(engine.render(music, block_size) + engine.finish())
        embeddings.append(engine.take_hops()["embedding"])
    assert note_ons(events[0]) > 20
    assert events[0] == events[1] == events[2]
    assert np.array_equal(embeddings[0], embeddings[1])
    np.testing.assert_allclose(embeddings[2], embeddings[0], atol=1e-4, rtol=0)


def test_without_evaluations_between_ticks_the_same_is_played(
    make_engine: MakeEngine, music: np.ndarray
) -> None:
    often, ticks = make_engine(), _core.Engine({**make_settings(), "between_ticks": False}, make_networks())
    assert often.render(music, 256) + often.finish() == ticks.render(music, 256) + ticks.finish()
    assert np.array_equal(often.take_hops(), ticks.take_hops())


def test_sample_rates_agree_on_the_emotion(demo: tuple[np.ndarray, int]) -> None:
    """44.1, 48 and 96 kHz versions of the same music, heard by the trained network: valence and arousal within 0.02 at
    every hop."""
    import librosa

    audio, rate = demo
    tracks = []
    for target in (44100, 48000, 96000):
        resampled = librosa.resample(audio[: 15 * rate], orig_sr=rate, target_sr=target, res_type="soxr_vhq")
        trained = load_model(find_model("emotion", None, None), "emotion").native
        engine = _core.Engine(make_settings(sample_rate=target), {**make_networks(), "emotion": trained})
        engine.render(resampled, 512)
        tracks.append(emotions(engine.take_hops()))
    hops = min(map(len, tracks))
    assert hops >= 15 * 50 - 1
    assert np.ptp(tracks[0], axis=0).min() > 0.2  # it is a track, not a line
    for other in tracks[1:]:
        assert np.abs(other[:hops] - tracks[0][:hops]).max() <= 0.02


def test_the_same_audio_seed_and_configuration_give_the_same_midi(
    make_engine: MakeEngine, music: np.ndarray
) -> None:
    events = make_engine().render(music, 256)
    assert make_engine().render(music, 256) == events
    other_seed = _core.Engine(make_settings(seed=2), make_networks())
    assert other_seed.render(music, 256) != events


def test_rendering_in_two_parts_is_rendering_the_whole(make_engine: MakeEngine, music: np.ndarray) -> None:
    whole, parts = make_engine(), make_engine()
    half = 100_000
    events = parts.render(music[:half], 250) + parts.render(music[half:], 250)
    assert events == whole.render(music, 250)


def test_hops_are_what_a_listener_of_its_own_hears(make_engine: MakeEngine, music: np.ndarray) -> None:
    """The rehearsal at the start leaves no trace."""
    engine = make_engine()
    engine.render(music, 512)
    hops = engine.take_hops()
    settings = make_settings()
    listener = _core.Listener(settings["sample_rate"], **settings["listener"])
    alone = listener.process(music)
    assert len(alone) == len(hops)
    for name in ("features", "chroma_long", "level_db", "key_clarity"):
        np.testing.assert_allclose(hops[name], alone[name], atol=1e-4, rtol=1e-4)


# --- hostile input -------------------------------------------------------------------------------------------------

KINDS: dict[str, Callable[[int], np.ndarray]] = {
    "silence": lambda n: np.zeros(n),
    "full scale": lambda n: np.random.default_rng(1).uniform(-1, 1, n),
    "square": lambda n: np.where(np.arange(n) % 100 < 50, 1.0, -1.0),
    "DC": lambda n: np.ones(n),
    "denormals": lambda n: np.full(n, 1e-42),
    "NaN": lambda n: np.full(n, np.nan),
    "infinity": lambda n: np.where(np.arange(n) % 2, np.inf, -np.inf),
    "huge": lambda n: np.full(n, np.finfo(np.float32).max),
}


@pytest.mark.parametrize("kind", KINDS)
def test_no_input_upsets_it(make_engine: MakeEngine, music: np.ndarray, kind: str) -> None:
    """Every report stays finite and in range, notes balance, and music afterwards is heard again."""
    engine = make_engine(play="always")
    bad = KINDS[kind](48000).astype(np.float32)
    events = engine.render(bad, 333) + engine.render(music[:96000], 333) + engine.finish()
    reports = engine.take_reports()
    for name in reports.dtype.names or ():
        if reports[name].dtype.names is None:
            assert np.isfinite(reports[name]).all(), name
    for name in ("valence", "arousal", "audio_valence", "audio_arousal"):
        assert np.abs(reports[name]).max() <= 1
    assert notes_left_on(events) == set()
    not_a_number = kind in ("NaN", "infinity")
    assert reports["bad_samples"][-1] == (48000 if not_a_number else 0)
    assert bool((reports["flags"] & _core.FLAGS["not_a_number"]).any()) == not_a_number
    hops = engine.take_hops()
    assert hops["level_db"][-1] > -60
    assert np.isfinite(hops["embedding"]).all()


def test_a_missing_block_is_silence(make_engine: MakeEngine) -> None:
    given, missing = make_engine(play="always"), make_engine(play="always")
    for _ in range(100):
        given.process(np.zeros(480, np.float32))
        missing.process(None, 480)
    assert given.shared.pop_events() == missing.shared.pop_events()
    flags = missing.shared.pop_reports()["flags"]
    assert (flags & _core.FLAGS["null_input"]).all()
    assert not (given.shared.pop_reports()["flags"] & _core.FLAGS["null_input"]).any()


def test_first_sound_is_the_first_sample_that_is_not_zero(make_engine: MakeEngine) -> None:
    engine = make_engine()
    engine.process(np.zeros(1000, np.float32))
    assert engine.shared.first_sound_frame is None
    block = np.zeros(100, np.float32)
    block[42] = 1e-3
    engine.process(block)
    engine.process(block)
    assert engine.shared.first_sound_frame == 1042

    stereo = make_engine(channels_in=2)
    frames = np.array([[0, 0], [np.nan, 0], [0, 0], [0.5, -0.5], [1, 1]], np.float32)
    stereo.process(frames)
    assert stereo.shared.first_sound_frame == 3


# --- notes ---------------------------------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(
    commands=st.lists(
        st.tuples(
            st.integers(0, 200),
            st.sampled_from(
                [
                    ("panic", None),
                    ("transport_stop", None),
                    ("transport_start", None),
                    *((name, value) for name in _core.PARAMETERS for value in (-1e9, 0.0, 1.0, 1e9)),
                ]
            ),
        ),
        max_size=30,
    )
)
def test_whatever_is_commanded_notes_balance(
    music: np.ndarray, commands: list[tuple[int, tuple[str, float | None]]]
) -> None:
    """Any commands at any block: every note-on has its note-off once it is over."""
    engine = _core.Engine(make_settings(), make_networks())
    events = []
    for number in range(200):
        for _, (name, value) in (command for command in commands if command[0] == number):
            if value is None:
                engine.shared.command(name)
            else:
                engine.shared.set_parameter(name, value)
        engine.process(music[number * 1024 : (number + 1) * 1024])
        events += engine.shared.pop_events()
    events += engine.finish()
    assert notes_left_on(events) == set()
    frames = [frame for frame, _, _ in events]
    assert frames == sorted(frames)


def test_a_full_event_ring_loses_no_note_off(make_engine: MakeEngine, music: np.ndarray) -> None:
    """Nobody reads for two seconds: the blocks say so, and afterwards every note is still ended."""
    engine = make_engine(play="always")
    events, full = [], 0
    for number in range(250):
        if 50 < number < 134:
            while engine.shared.push_event(0, b"\xfe"):
                pass
        else:
            events += [event for event in engine.shared.pop_events() if event[1] != b"\xfe"]
        engine.process(music[number * 1024 : (number + 1) * 1024])
        full += int((engine.shared.pop_reports()["flags"] & _core.FLAGS["event_ring_full"]).sum())
    events += [event for event in engine.shared.pop_events() if event[1] != b"\xfe"]
    events += engine.finish()
    assert full > 40
    assert notes_left_on(events) == set()


def test_a_full_telemetry_ring_is_counted_and_stops_nothing(make_engine: MakeEngine) -> None:
    engine = make_engine()
    for _ in range(4200):
        engine.process(None, 1)
    assert engine.shared.dropped["telemetry"] == 104
    assert engine.shared.blocks == 4200
    assert engine.shared.pop_reports(10_000)["block"].tolist() == list(range(4096))


# --- commands ------------------------------------------------------------------------------------------------------


def played(engine: _core.Engine, music: np.ndarray) -> list[tuple[int, bytes, int]]:
    return engine.render(music, 512) + engine.finish()


def test_commands_do_what_they_say(make_engine: MakeEngine, music: np.ndarray) -> None:
    plain = played(make_engine(), music)
    melody_channel = {data[0] & 15 for _, data, part in plain if part == 0 and data[0] & 0xF0 == 0x90}
    assert melody_channel == {0}

    silent = make_engine()
    silent.shared.set_parameter("melody_enabled", 0)
    assert not any(data[0] == 0x90 for _, data, _ in played(silent, music))

    transposed = make_engine()
    transposed.shared.set_parameter("transpose", 5)
    bass = [data[1] for _, data, part in plain if part == 2 and data[0] & 0xF0 == 0x90]
    higher = [data[1] for _, data, part in played(transposed, music) if part == 2 and data[0] & 0xF0 == 0x90]
    assert [note + 5 for note in bass] == higher or {n % 12 for n in higher} == {(n + 5) % 12 for n in bass}

    fast = make_engine()
    fast.shared.set_parameter("tempo", 1000)
    fast.render(music, 512)
    assert fast.take_reports()["tempo"][-1] == 300

    stopped = make_engine()
    stopped.shared.command("transport_stop")
    assert note_ons(played(stopped, music)) == 0


# --- Side B --------------------------------------------------------------------------------------------------------


def test_side_b_comes_and_goes_without_a_jump(make_engine: MakeEngine) -> None:
    """Weight 0.8: there within half a second, for two, then down to nothing within one more, in small steps."""
    engine = make_engine()
    engine.process(None, 4800)
    engine.shared.pop_reports()
    engine.shared.write_emotion(_core.encode_emotion(0.9, -0.9), weight=0.8, ttl_s=2)
    for _ in range(700):
        engine.process(None, 240)  # 5 ms
    reports = engine.shared.pop_reports()
    away = np.abs(reports["valence"] - reports["audio_valence"])
    assert away[100] > 0.2
    assert np.allclose(away[100:400], away[100], atol=0.05)
    assert away[601:].max() < 1e-5
    assert np.abs(np.diff(away)).max() < 0.03
    assert engine.shared.side_b == {"share": 0, "taken": 1, "lost": 0, "torn": 0, "stale": 0}


def test_emotion_weight_takes_side_b_out_of_play(make_engine: MakeEngine) -> None:
    engine = make_engine()
    engine.shared.set_parameter("emotion_weight", 0)
    engine.shared.write_emotion(_core.encode_emotion(1, 1), weight=1)
    engine.process(None, 4800)
    report = engine.shared.pop_reports()[-1]
    assert report["valence"] == report["audio_valence"]


def test_side_b_changes_what_is_played(make_engine: MakeEngine, music: np.ndarray) -> None:
    happy, sad = make_engine(), make_engine()
    happy.shared.write_emotion(_core.encode_emotion(0.9, 0.9), weight=1, ttl_s=100)
    sad.shared.write_emotion(_core.encode_emotion(-0.9, -0.9), weight=1, ttl_s=100)
    assert played(happy, music) != played(sad, music)


# --- networks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", SIZES)
def test_a_network_may_be_missing(music: np.ndarray, role: str) -> None:
    """Its part rests; the others play on."""
    networks = make_networks()
    networks[role] = None
    engine = _core.Engine(make_settings(play="always"), networks)
    events = played(engine, music)
    assert notes_left_on(events) == set()
    parts = {part for _, data, part in events if data[0] & 0xF0 == 0x90}
    if role == "melody":
        assert 0 not in parts
    if role != "harmony":
        assert 3 in parts
    assert parts


def test_networks_are_taken_over(make_engine: MakeEngine) -> None:
    networks = make_networks()
    _core.Engine(make_settings(), networks)
    with pytest.raises(RuntimeError, match="handed over"):
        networks["melody"].reset()  # type: ignore[union-attr]
    with pytest.raises(RuntimeError, match="handed over"):
        _core.Engine(make_settings(), networks)


def test_what_is_refused_names_the_role_or_setting_and_takes_nothing() -> None:
    networks = make_networks()
    swapped = {**networks, "melody": networks["groove"], "groove": networks["melody"]}
    with pytest.raises(ValueError, match="melody: expected 64 inputs and 128 outputs, found 64 and 32"):
        _core.Engine(make_settings(), swapped)
    with pytest.raises(ValueError, match="two roles"):
        _core.Engine(make_settings(), {**networks, "groove": networks["melody"]})
    with pytest.raises(ValueError, match="unknown 'drums'"):
        _core.Engine(make_settings(), {**networks, "drums": None})
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"sample_rate": 10.0}, "sample_rate: expected 8000 to 384000"),
        ({"max_block": 0}, "max_block"),
        ({"channels_in": 0}, "channels_in"),
        ({"colour": 1}, "unknown 'colour'"),
        ({"listener": {"hop_s": -1.0}}, "listener: "),
    ]
    for change, message in wrong:
        with pytest.raises(ValueError, match=message):
            _core.Engine({**make_settings(), **change}, networks)
    _core.Engine(make_settings(), networks)


def test_networks_are_swapped_while_it_plays(make_engine: MakeEngine, music: np.ndarray) -> None:
    engine = make_engine()
    engine.process(music[:512])
    assert engine.offer(make_networks(2))
    waiting = make_networks(3)
    assert not engine.offer(waiting)
    waiting["melody"].reset()  # type: ignore[union-attr]  # still ours
    engine.process(music[512:1024])
    assert engine.collect() == 1
    assert engine.offer(waiting)
    engine.process(music[1024:2048])
    assert engine.collect() == 1


# --- threads and life ----------------------------------------------------------------------------------------------


def test_processing_does_not_need_the_interpreter_lock(make_engine: MakeEngine, music: np.ndarray) -> None:
    """While a render runs, Python runs, too."""
    engine = make_engine()
    turns = 0
    thread = threading.Thread(target=engine.render, args=(np.tile(music, 10), 64))
    thread.start()
    while thread.is_alive():
        turns += 1
        time.sleep(0)
    thread.join()
    assert turns > 10


def test_an_engine_keeps_the_memory_of_its_rings(music: np.ndarray) -> None:
    memory = mmap.mmap(-1, _core.Shared.size)
    engine = _core.Engine(make_settings(), make_networks(), _core.Shared(memory, create=True))
    gc.collect()
    with pytest.raises(BufferError):
        memory.close()
    engine.process(music[:4096])
    assert _core.Shared(memory).blocks == 1


def test_input_of_the_wrong_shape_is_refused(make_engine: MakeEngine) -> None:
    engine = make_engine(channels_in=2)
    with pytest.raises(ValueError, match=r"expected shape \(frames, 2\), found \(5, 3\)"):
        engine.process(np.zeros((5, 3), np.float32))
    with pytest.raises(ValueError, match="frames"):
        engine.process(None)


def test_midi_in_is_taken_and_what_is_none_is_counted(make_engine: MakeEngine) -> None:
    engine = make_engine()
    engine.shared.push_input(0, b"\xf8")
    engine.shared.push_input(100, b"\x90\x40\x10", 1)
    engine.shared.push_input(0, b"\x40\x10")
    engine.render(np.zeros((100, 1), np.float32), 50)
    assert engine.shared.inputs_taken == 1
    engine.render(np.zeros((100, 1), np.float32), 50)
    assert engine.shared.inputs_taken == 2
    assert engine.shared.dropped["input"] == 1
