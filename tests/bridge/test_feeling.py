"""What signals say: the directions of the sources, against a person's own baseline, dead sensors left out and named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emohost.bridge import mappings
from emohost.bridge.baseline import READINGS, TYPICAL, Baselines
from emohost.bridge.fusion import SPREAD, VARIANCE_MOST, Tracker
from emohost.bridge.sensors import Sensors
from emohost.bridge.signals import FIELDS, Signals
from emohost.bridge.state import Feeling
from emohost.bridge.text.regressor import TextEstimate

RISING = ("heart_rate", "gsr", "voice_tone", "voice_intensity")


def calibrated(**levels: float) -> Baselines:
    baselines, random = Baselines(), np.random.default_rng(1)
    for name, level in levels.items():
        for _ in range(READINGS):
            baselines.rest(name, level * (1 + 0.02 * random.normal()))
    return baselines


@pytest.mark.parametrize("name", mappings.BODILY)
def test_arousal_rises_or_falls_with_the_signal_and_valence_is_not_told(name: str) -> None:
    level = TYPICAL[name].level
    low, high = (mappings.bodily(name, level * factor, Baselines()) for factor in (0.8, 1.2))
    assert (high.mean[1] > low.mean[1]) == (name in RISING)
    assert high.variance[0] == VARIANCE_MOST


@pytest.mark.parametrize("name", mappings.BODILY)
def test_a_baseline_of_ones_own_moves_the_neutral_point_and_makes_surer(name: str) -> None:
    level = TYPICAL[name].level * 1.3
    typical = mappings.bodily(name, level, Baselines())
    own = mappings.bodily(name, level, calibrated(**{name: level}))
    assert abs(own.mean[1]) < 0.05 < abs(typical.mean[1])
    assert own.variance[1] < typical.variance[1]


def test_a_baseline_in_another_unit_works_alike() -> None:
    """Skin conductance in microsiemens, or as a share of the range."""
    micro = mappings.bodily("gsr", 7.5, calibrated(gsr=5.0))
    share = mappings.bodily("gsr", 0.3, calibrated(gsr=0.2))
    np.testing.assert_allclose(micro.mean, share.mean, atol=1e-9)


def test_a_level_counts_only_after_enough_readings() -> None:
    baselines = Baselines()
    for number in range(READINGS):
        assert baselines.calibrated("gsr") is False, number
        baselines.rest("gsr", 5.0)
    assert baselines.calibrated("gsr")


@given(
    st.dictionaries(st.sampled_from(sorted(TYPICAL)), st.lists(st.floats(0, 200), min_size=1, max_size=30))
)
def test_baselines_come_back_as_they_were_kept(readings: dict[str, list[float]]) -> None:
    baselines = Baselines()
    for name, values in readings.items():
        for value in values:
            baselines.rest(name, value)
    again = Baselines.load(baselines.save())
    for name in TYPICAL:
        assert again.deviation(name, 3.0) == baselines.deviation(name, 3.0)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"levels": {"x": [1, 2, 3]}}', b'{"levels": {"gsr": [1]}}']
)
def test_what_is_no_baseline_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of json's or ours
        Baselines.load(data)


@given(st.floats(-3, 3), st.floats(0.05, 0.999))
def test_a_text_seen_first_is_felt_as_rated(mean: float, variance: float) -> None:
    """The observation takes the prior to the regressor's own mean and variance."""
    seen = mappings.text(TextEstimate(np.full(2, mean), np.full(2, variance), 1.0))
    tracker = Tracker()
    tracker.update(seen)
    if seen.variance[0] < VARIANCE_MOST:
        np.testing.assert_allclose(tracker.mean, np.clip(SPREAD * mean, -1, 1), atol=1e-9)
        np.testing.assert_allclose(tracker.variance, SPREAD**2 * variance, atol=1e-9)


numbers = st.fixed_dictionaries(
    {}, optional={name: st.floats(each.low, each.high) for name, each in FIELDS.items()}
)


@given(st.lists(st.tuples(st.floats(-1, 100), numbers), max_size=6))
def test_any_stream_of_readings_leaves_a_sane_state(stream: list[tuple[float, dict[str, float]]]) -> None:
    feeling, now_s = Feeling(), 0.0
    for seconds, readings in stream:
        now_s += seconds
        feeling.take(Signals(numbers=dict(readings)), now_s)
        assert (np.abs(feeling.tracker.mean) <= 1).all()
        assert np.isfinite(feeling.tracker.variance).all()


def test_a_racing_heart_is_felt_as_arousal_and_a_calm_one_as_rest() -> None:
    felt = {}
    for beats in (60.0, 95.0):
        feeling = Feeling(calibrated(heart_rate=70.0))
        for second in range(30):
            feeling.take(Signals(numbers={"heart_rate": beats + second % 2}), float(second))
        felt[beats] = feeling.tracker.mean[1]
    assert felt[60.0] < -0.05
    assert felt[95.0] > 0.2


def test_a_stuck_sensor_is_left_out_and_named_until_it_moves() -> None:
    sensors = Sensors()
    said = [sensors.check("gsr", 0.4, 0.5 * number) for number in range(60)]
    assert said[:10] == [None] * 10
    assert said[-1] is not None
    assert said[-1].startswith("stuck for ")
    assert sensors.check("gsr", 0.41, 30.0) is None


def test_a_heart_rate_in_whole_beats_may_rest_for_a_while() -> None:
    sensors = Sensors()
    assert [sensors.check("heart_rate", 61.0, float(second)) for second in range(25)] == [None] * 25
    assert sensors.check("heart_rate", 61.0, 31.0) is not None


def test_a_jump_that_no_heart_makes_is_left_out_and_the_true_value_comes_back() -> None:
    sensors = Sensors()
    assert sensors.check("heart_rate", 70.0, 0.0) is None
    assert "jumps" in (sensors.check("heart_rate", 180.0, 1.0) or "")
    assert sensors.check("heart_rate", 72.0, 2.0) is None
    # And if it was true after all, it is believed once a heart could have got there.
    told = [sensors.check("heart_rate", 180.0, 3.0 + second) for second in range(30)]
    assert told[0] is not None
    assert told[-1] is None


def test_a_signal_that_falls_silent_is_named_for_a_while() -> None:
    feeling = Feeling()
    feeling.take(Signals(numbers={"heart_rate": 70.0, "gsr": 0.4, "affect_valence": 0.5}), 0.0)
    assert feeling.take(Signals(numbers={"gsr": 0.41}), 3.0) == {}
    assert feeling.take(Signals(numbers={"gsr": 0.42}), 9.0) == {"heart_rate": "missing for 9 s"}
    assert feeling.take(Signals(numbers={"gsr": 0.43}), 200.0) == {}


def test_a_dead_sensor_does_not_move_the_state() -> None:
    alone, with_dead = Feeling(), Feeling()
    for second in range(40):
        beats = 80.0 + second % 3
        alone.take(Signals(numbers={"heart_rate": beats}), float(second))
        with_dead.take(
            Signals(numbers={"heart_rate": beats, "voice_intensity": 0.0, "voice_tone": 0.9}), float(second)
        )
    np.testing.assert_array_equal(alone.tracker.mean, with_dead.tracker.mean)


def test_conductance_in_microsiemens_needs_a_calibration() -> None:
    feeling = Feeling()
    assert "calibrated" in feeling.take(Signals(numbers={"gsr": 6.0}), 0.0)["gsr"]
    for number in range(READINGS):
        feeling.rest(Signals(numbers={"gsr": 5.0 + 0.01 * number}), 1.0 + number)
    assert feeling.take(Signals(numbers={"gsr": 8.0}), 40.0) == {}
    assert feeling.tracker.mean[1] > 0.1


def test_a_text_that_is_not_understood_is_named_and_moves_nothing() -> None:
    feeling = Feeling()
    left_out = feeling.take(Signals(text="Ich bin heute so traurig und allein in der Nacht"), 0.0)
    assert "words" in left_out["text"]
    assert feeling.used == ()
    np.testing.assert_array_equal(feeling.tracker.mean, 0)
    np.testing.assert_array_equal(feeling.tracker.variance, SPREAD**2)


def test_the_same_words_said_again_at_once_say_little_more() -> None:
    once, often = Feeling(), Feeling()
    once.take(Signals(text="a wonderful day"), 0.0)
    for number in range(20):
        often.take(Signals(text="a wonderful day"), 0.05 * number)
    assert often.tracker.mean[0] < once.tracker.mean[0] + 0.12
    once.take(Signals(text="a terrible, awful day"), 2.0)
    assert once.tracker.mean[0] < 0
