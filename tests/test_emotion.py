"""What the emotion embedding promises, in numpy and in the native core."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from emohost import _core, emotion

Code = NDArray[np.float32]
axis = st.floats(-1, 1)
anywhere = st.floats(-1e6, 1e6)
embeddings = hnp.arrays(np.float32, 64, elements=st.floats(-1, 1, width=32))


@given(axis, axis)
def test_decoding_returns_what_was_encoded(valence: float, arousal: float) -> None:
    back = emotion.decode(emotion.encode(valence, arousal))
    np.testing.assert_allclose(back, (valence, arousal), atol=1e-5)


@given(anywhere, anywhere)
def test_native_and_numpy_codes_agree_also_outside_the_circumplex(valence: float, arousal: float) -> None:
    code = emotion.encode(valence, arousal)
    np.testing.assert_allclose(_core.encode_emotion(valence, arousal), code, atol=1e-6)
    clamped = emotion.encode(np.clip(valence, -1, 1), np.clip(arousal, -1, 1))
    np.testing.assert_array_equal(code, clamped)


@given(embeddings, embeddings, st.floats(-0.5, 1.5))
def test_native_and_numpy_read_and_blend_any_embedding_alike(
    a: np.ndarray, b: np.ndarray, weight: float
) -> None:
    np.testing.assert_allclose(_core.decode_emotion(a), emotion.decode(a), atol=1e-6)
    np.testing.assert_allclose(_core.blend_emotion(a, b, weight), emotion.blend(a, b, weight), atol=1e-6)


@given(embeddings, st.integers(0, 63), st.floats(0, 1, width=32))
def test_raising_an_entry_never_lowers_its_axis(code: Code, entry: int, by: float) -> None:
    raised = code.copy()
    raised[entry] += np.float32(by)
    before, after = emotion.decode(code), emotion.decode(raised)
    moved, other = (0, 1) if entry < 32 else (1, 0)
    assert after[moved] >= before[moved]
    assert after[other] == before[other]


def test_the_code_is_a_thermometer_with_evenly_spread_centres() -> None:
    code = emotion.encode(0.3, -0.6)
    centres = -1 + 2 * np.arange(32) / 31
    np.testing.assert_allclose(code[:32], np.tanh(4 * (0.3 - centres)), atol=1e-6)
    np.testing.assert_allclose(code[32:], np.tanh(4 * (-0.6 - centres)), atol=1e-6)


def test_everything_works_over_leading_axes() -> None:
    valence = np.linspace(-1, 1, 12).reshape(3, 4)
    code = emotion.encode(valence, 0.25)
    assert code.shape == (3, 4, 64)
    assert code.dtype == np.float32
    back = emotion.decode(code)
    np.testing.assert_allclose(back[0], valence, atol=1e-5)
    np.testing.assert_allclose(back[1], 0.25, atol=1e-5)
    mixed = emotion.blend(code, code[0, 0], np.full((3, 4), 0.5))
    np.testing.assert_allclose(mixed, (code + code[0, 0]) / 2, atol=1e-6)


@pytest.mark.parametrize(
    "call",
    [
        lambda: emotion.encode(np.nan, 0),
        lambda: emotion.encode([0, np.nan], 0),
        lambda: emotion.decode(np.full(64, np.nan)),
        lambda: emotion.decode(np.full(64, np.inf)),
        lambda: emotion.decode(np.zeros(63)),
        lambda: emotion.blend(np.zeros(64), np.zeros(64), np.nan),
        lambda: _core.encode_emotion(0, float("nan")),
        lambda: _core.decode_emotion(np.full(64, np.nan, np.float32)),
        lambda: _core.decode_emotion(np.zeros((2, 64), np.float32)),
        lambda: _core.blend_emotion(np.zeros(64, np.float32), np.zeros(64, np.float32), float("nan")),
        lambda: _core.blend_emotion(np.zeros(64, np.float32), np.full(64, np.inf, np.float32), 0.5),
    ],
)
def test_what_is_no_number_and_no_embedding_is_refused(call: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"NaN|shape"):
        call()


def test_a_track_is_drawn_with_time_as_colour() -> None:
    figure_module = pytest.importorskip("matplotlib.figure")
    figure = figure_module.Figure()
    axes = figure.add_subplot()
    time = np.arange(5) * 0.5
    emotion.plot_track(axes, time, np.linspace(-0.5, 0.5, 5), np.linspace(0, 1, 5))
    figure.canvas.draw()
    (line,) = [c for c in axes.collections if len(c.get_paths()) == 4]
    np.testing.assert_array_equal(line.get_array(), time[1:])
    np.testing.assert_allclose(line.get_segments()[0][0], (-0.5, 0.0))
    np.testing.assert_allclose(line.get_segments()[-1][1], (0.5, 1.0))
    words = {text.get_text() for text in axes.texts}
    assert {"excited", "calm", "sad", "tense"} <= words


def test_a_track_of_one_point_is_drawn_and_an_empty_or_ragged_one_refused() -> None:
    figure_module = pytest.importorskip("matplotlib.figure")
    axes = figure_module.Figure().add_subplot()
    emotion.plot_track(axes, [0.0], [0.1], [0.2])
    axes.figure.canvas.draw()
    for time, valence, arousal in (([], [], []), ([0, 1], [0.0, 0.0], [0.0]), ([0, 1], [0.0], [0.0])):
        with pytest.raises(ValueError, match="length"):
            emotion.plot_track(axes, time, valence, arousal)


def test_importing_it_does_not_import_matplotlib() -> None:
    code = "import sys, emohost.emotion; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
