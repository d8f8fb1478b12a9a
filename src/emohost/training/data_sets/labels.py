"""Emotion of a passage of notes, from what the music does: an additive model of cues.

T. Eerola, A. Friberg and R. Bresin ("Emotional expression in music: contribution, linearity, and additivity of
primary musical cues", Frontiers in Psychology 4:487, 2013) varied six cues in 200 excerpts. Their order of importance
was mode, tempo, register, dynamics, articulation, timbre, and their effects added up almost linearly (77-89 % of the
variance of listeners' ratings). The directions are those of A. Gabrielsson and E. Lindström ("The role of structure
in the musical expression of emotions", in Handbook of Music and Emotion, 2010) and P. Juslin (in Music and Emotion,
2001): happy is major, fast, rather loud, staccato, high and bright; sad is minor, slow, soft, legato, low and dull;
anger and fear are minor, fast, loud and harsh; tenderness is major, slow, soft and legato.

The coefficients are this project's own choice. Within each axis they keep the order above, with one exception: for
arousal loudness comes before register, which says little there. "Tempo" is shared between the beat and the density of
notes, since a listener hears events and not a metronome. Mode says nothing of arousal. The coefficients of an axis
add up to 1, so a label lies in (-1, 1), 0 being the middle of every cue.

Pure numpy; any thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, log2, tanh

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float64 = NDArray[np.float64]

#        cue            (valence, arousal)
WEIGHTS = {
    "mode": (0.60, 0.00),
    "tempo_bpm": (0.10, 0.20),
    "density": (0.05, 0.25),
    "register": (0.10, 0.05),
    "dynamics": (0.06, 0.30),
    "articulation": (0.05, 0.11),
    "brightness": (0.04, 0.09),
}

# Attacks closer together than this are one event: a chord is no faster than a note.
TOGETHER_S = 0.03

# Tonic first: in what share of the segments of Kostka and Payne's textbook examples a degree occurs (D. Temperley,
# "Music and Probability", MIT Press 2007).
MAJOR_PROFILE: Float64 = np.array(
    [0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400]
)
MINOR_PROFILE: Float64 = np.array(
    [0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330]
)
CLEAR_DIFFERENCE = (
    0.25  # of correlation between the best major and the best minor key that counts as wholly clear
)


@dataclass(frozen=True)
class Cues:
    """What a passage does, in the units of the field."""

    mode: float  # -1 minor to 1 major
    tempo_bpm: float  # beats per minute
    density: float  # notes per second; those that begin together count once
    register: float  # mean MIDI note, weighted by duration
    dynamics: float  # mean velocity, 0 to 1
    articulation: float  # 0 legato to 1 staccato
    brightness: float  # of the timbre, 0 dull to 1 bright


def emotion(cues: Cues) -> tuple[float, float]:
    """(valence, arousal), each in (-1, 1): the weighted sum of the cues, each brought to (-1, 1) first.

    Rises with each cue that has a weight on the axis, strictly within the range of music. Raises ValueError for a
    cue that is not finite and for a tempo or density below 0.
    """
    told = levels(cues)
    valence = sum(WEIGHTS[name][0] * level for name, level in told.items())
    arousal = sum(WEIGHTS[name][1] * level for name, level in told.items())
    return valence, arousal


def cues_of_notes(
    onset_s: ArrayLike,
    duration_s: ArrayLike,
    pitch: ArrayLike,
    velocity: ArrayLike,
    *,
    tempo_bpm: float,
    length_s: float,
    mode: float | None = None,
    brightness: float = 0.5,
) -> Cues:
    """Cues of a passage of pitched notes (leave drums out).

    onset_s, duration_s: (n,) seconds; pitch: (n,) MIDI notes; velocity: (n,) MIDI velocities 0-127; n >= 1.
    length_s: of the passage, rests included. mode: -1 to 1 where the key is known; otherwise `mode_of_chroma` hears
    it in the notes. Raises ValueError for no notes, arrays of different lengths, and a length that is not positive.
    """
    onsets, durations = _column("onset_s", onset_s), _column("duration_s", duration_s)
    pitches, velocities = _column("pitch", pitch), _column("velocity", velocity)
    if not len(onsets) == len(durations) == len(pitches) == len(velocities) or len(onsets) == 0:
        raise ValueError(
            "onset_s, duration_s, pitch and velocity must be of one length, at least 1: found "
            f"{len(onsets)}, {len(durations)}, {len(pitches)} and {len(velocities)}"
        )
    if not length_s > 0:
        raise ValueError(f"length_s must be above 0, found {length_s}")
    weight = np.maximum(durations, 1e-3)
    attacks = _attacks(onsets)
    chroma = np.bincount(np.round(pitches).astype(int) % 12, weights=weight, minlength=12)
    return Cues(
        mode=mode_of_chroma(chroma) if mode is None else mode,
        tempo_bpm=tempo_bpm,
        density=len(attacks) / length_s,
        register=float(np.average(pitches, weights=weight)),
        dynamics=float(velocities.mean()) / 127.0,
        articulation=_articulation(onsets, durations, attacks),
        brightness=brightness,
    )


def mode_of_chroma(chroma: ArrayLike, tonic: int | None = None) -> float:
    """How major (1) or minor (-1) pitch classes are: (12,) weights, C first. With a tonic only its two keys compete.

    The difference between the best correlation with Temperley's major and minor profiles; 0 where all are alike.
    """
    weights = _column("chroma", chroma)
    if len(weights) != 12:
        raise ValueError(f"chroma must have 12 entries, found {len(weights)}")
    tonics = range(12) if tonic is None else (tonic % 12,)
    difference = _fit(weights, MAJOR_PROFILE, tonics) - _fit(weights, MINOR_PROFILE, tonics)
    return float(np.clip(difference / CLEAR_DIFFERENCE, -1.0, 1.0))


def key_of_chroma(chroma: ArrayLike) -> tuple[int, bool]:
    """The key that fits best, as (tonic, minor); the tonic as a pitch class, 0 = C."""
    weights = _column("chroma", chroma)
    scores = {
        (tonic, minor): _fit(weights, profile, (tonic,))
        for tonic in range(12)
        for minor, profile in ((False, MAJOR_PROFILE), (True, MINOR_PROFILE))
    }
    return max(scores, key=lambda key: scores[key])


def levels(cues: Cues) -> dict[str, float]:
    """Each cue in (-1, 1): 0 where it is ordinary, about +-0.76 where it is clearly high or low."""
    for name in WEIGHTS:
        value = getattr(cues, name)
        if not isfinite(value):
            raise ValueError(f"{name} must be a finite number, found {value}")
    if cues.tempo_bpm < 0 or cues.density < 0:
        raise ValueError(f"tempo and density must not be below 0, found {cues.tempo_bpm} and {cues.density}")
    return {
        "mode": max(-1.0, min(1.0, cues.mode)),
        "tempo_bpm": tanh(log2(max(cues.tempo_bpm, 1.0) / 100.0) / 0.7),  # 62 slow, 162 fast
        "density": tanh(log2(max(cues.density, 0.05) / 3.5) / 1.3),  # 1.4 calm, 8.6 busy
        "register": tanh((cues.register - 62.0) / 12.0),
        "dynamics": tanh((cues.dynamics - 0.58) / 0.22),  # velocity 46 soft, 102 loud
        "articulation": tanh((cues.articulation - 0.35) / 0.35),
        "brightness": tanh((cues.brightness - 0.5) / 0.3),
    }


def _attacks(onsets: Float64) -> Float64:
    times = np.sort(onsets)
    first = np.concatenate([[True], np.diff(times) > TOGETHER_S])
    return np.asarray(times[first])


def _articulation(onsets: Float64, durations: Float64, attacks: Float64) -> float:
    """1 - share of the time to the next attack for which a note sounds, on average: 0 when tied over. Rests longer
    than a second are phrasing and count as one second. The last attack has no successor and does not count."""
    following = np.searchsorted(attacks, onsets + TOGETHER_S, side="right")
    inner = following < len(attacks)
    if not inner.any():
        return 0.35  # nothing can be said: the middle
    gaps = np.clip(attacks[following[inner]] - onsets[inner], TOGETHER_S, 1.0)
    return float(1.0 - np.clip(durations[inner] / gaps, 0.0, 1.0).mean())


def _fit(weights: Float64, profile: Float64, tonics: range | tuple[int, ...]) -> float:
    centred = weights - weights.mean()
    shape = profile - profile.mean()
    size = float(np.linalg.norm(centred) * np.linalg.norm(shape))
    if size < 1e-12:
        return 0.0
    return max(float(np.roll(shape, tonic) @ centred) / size for tonic in tonics)


def _column(name: str, values: ArrayLike) -> Float64:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"{name} must be a list of numbers, found shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or infinity; finite numbers expected")
    return array
