"""Which features the emotion network was trained on."""

from __future__ import annotations

from typing import Any, TypedDict

from emohost.networks.formats.values import ModelPlace, as_number, as_object, describe
from emohost.networks.load import Info

LAYOUTS = ("mel128", "emohost1")

# For a file that says nothing: the layout anyone can compute with librosa, and the defaults of hearing/listener.h.
DEFAULT_LAYOUT = "mel128"
DEFAULTS = {"window_s": 0.04, "hop_s": 0.02, "fmin_hz": 30.0, "fmax_hz": 11025.0}
# What the listener takes.
RANGES = {
    "window_s": (0.005, 0.5),
    "hop_s": (0.004, 0.2),
    "fmin_hz": (0.0, 191_000.0),
    "fmax_hz": (101.0, 192_000.0),
}
LEAST_SPAN_HZ = 101.0
EMOHOST1_FMAX_HZ = 12_000.0


class FeatureSettings(TypedDict):
    """Settings of the listener (`_core.Listener`)."""

    layout: str  # 'mel128' or 'emohost1'
    window_s: float
    hop_s: float
    fmin_hz: float
    fmax_hz: float


def feature_settings(info: Info) -> FeatureSettings:
    """From `metadata.features` of the emotion network; keys that are missing have their defaults. Raises ModelError
    for an unknown layout, a wrong type, or a value out of range."""
    place = ModelPlace(info.file)
    features = as_object(info.metadata.get("features", {}), "metadata.features", place)
    layout = features.get("layout", DEFAULT_LAYOUT)
    if layout not in LAYOUTS:
        raise place.wrong("metadata.features.layout", " or ".join(LAYOUTS), describe(layout))
    numbers = {key: _in_range(features, key, place) for key in DEFAULTS}
    if numbers["fmin_hz"] + LEAST_SPAN_HZ > numbers["fmax_hz"]:
        found = f"{numbers['fmin_hz']:g} and {numbers['fmax_hz']:g}"
        raise place.wrong("metadata.features", f"fmin_hz {LEAST_SPAN_HZ:g} Hz or more below fmax_hz", found)
    if layout == "emohost1" and numbers["fmax_hz"] > EMOHOST1_FMAX_HZ:
        expected = f"at most {EMOHOST1_FMAX_HZ:g} with layout emohost1"
        raise place.wrong("metadata.features.fmax_hz", expected, f"{numbers['fmax_hz']:g}")
    return FeatureSettings(
        layout=layout,
        window_s=numbers["window_s"],
        hop_s=numbers["hop_s"],
        fmin_hz=numbers["fmin_hz"],
        fmax_hz=numbers["fmax_hz"],
    )


def _in_range(features: dict[str, Any], key: str, place: ModelPlace) -> float:
    what = f"metadata.features.{key}"
    value = as_number(features.get(key, DEFAULTS[key]), what, place)
    low, high = RANGES[key]
    if not low <= value <= high:
        raise place.wrong(what, f"{low:g} to {high:g}", f"{value:g}")
    return value
