"""What each signal says about valence and arousal, how surely, and after whom. docs/side-b.md tells the limits.

The directions are from the sources; slopes and variances are the project's own choice. Bodily and vocal signals count
as deviations from a person's own baseline (baseline.py); all of them tell only arousal:

heart_rate       rises in most emotions of high arousal, pleasant or not (S. D. Kreibig, "Autonomic nervous system
                 activity in emotion: a review", Biological Psychology 84, 2010). Movement raises it just as well.
gsr              skin conductance follows sympathetic arousal (W. Boucsein, "Electrodermal Activity", 2nd ed., 2012).
                 Any unit, once calibrated; without, a share of the sensor's range, 0 to 1.
eeg_alpha        relative power at 8 to 13 Hz, 0 to 1: falls as arousal, seen in skin conductance, rises (R. J. Barry et
                 al., "Natural alpha frequency components in resting EEG and their relation to arousal", Clinical
                 Neurophysiology 131, 2020). Closing the eyes raises it more than any feeling.
voice_tone       mean pitch; and
voice_intensity  loudness, each a share of the speaker's range, 0 to 1: both rise with activation (P. N. Juslin and P.
                 Laukka, Psychological Bulletin 129, 2003). Valence could not be predicted from the voice (P. Laukka, P.
                 N. Juslin and R. Bresin, "A dimensional approach to vocal expression of emotion", Cognition and Emotion
                 19, 2005).
affect           what the person says: taken at its word, to about 0.15.
text             the regressor's expected rating (text/).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emohost.bridge.baseline import Baselines
from emohost.bridge.fusion import SPREAD, Observation
from emohost.bridge.text.regressor import TextEstimate


@dataclass(frozen=True)
class Bodily:
    """A signal that tells arousal by its deviation from the baseline."""

    slope: float  # arousal for a deviation of one reactivity (baseline.py); negative: it falls
    spread: float  # standard deviation of the arousal it tells, baseline known
    independent_s: float  # how long its errors last


BODILY: dict[str, Bodily] = {
    "heart_rate": Bodily(0.4, 0.35, 10.0),
    "gsr": Bodily(0.4, 0.30, 5.0),
    "eeg_alpha": Bodily(-0.3, 0.45, 2.0),
    "voice_tone": Bodily(0.35, 0.40, 2.0),
    "voice_intensity": Bodily(0.4, 0.35, 2.0),
}
REACH = 2.5  # reactivities; what deviates further counts as that much
AFFECT_SPREAD = 0.15
SAID_INDEPENDENT_S = 10.0  # before the same words or numbers from a person count as said anew


def bodily(name: str, value: float, baselines: Baselines) -> Observation:
    """Of a signal of BODILY. An uncalibrated baseline widens the variance by what people differ in."""
    means = BODILY[name]
    deviation, doubt = baselines.deviation(name, value)
    arousal = means.slope * float(np.clip(deviation, -REACH, REACH))
    return Observation.of(None, (arousal, means.spread**2 + (means.slope * doubt) ** 2))


def affect(valence: float | None, arousal: float | None) -> Observation:
    """Of what a person says; None for an axis not told."""
    variance = AFFECT_SPREAD**2
    return Observation.of(
        None if valence is None else (valence, variance), None if arousal is None else (arousal, variance)
    )


def text(estimate: TextEstimate) -> Observation:
    """Of a rating expected with mean m and variance v (prior: 0 and 1): the observation that takes this prior to that
    posterior, m / (1 - v) with variance v / (1 - v). One standard deviation of ratings is SPREAD on the axes."""
    precision = np.maximum(1 - estimate.variance, 1e-6)
    return Observation(SPREAD * estimate.mean / precision, SPREAD**2 * estimate.variance / precision)
