"""Which precision each network of a rig can do with: what `engine.precision: auto` means.

The smallest in which every output stays within LIMIT of what exact arithmetic gives, on features as the host hears
them (`calibration.py`), run as the chain runs: the emotion network's outputs go into the other four. Measured against
the float32 kernels, which golden vectors hold within FLOAT32_ERROR of double precision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from emohost.errors import ModelError
from emohost.networks.calibration import HeardSession, hear
from emohost.networks.features import DEFAULTS, feature_settings
from emohost.networks.formats.values import Float32
from emohost.networks.load import Network, Parsed

LIMIT = 5e-3
FLOAT32_ERROR = 1e-5
SMALLEST_FIRST = ("int8", "float16", "float32")


def build_all(
    parsed: Mapping[str, Parsed], precision: str
) -> tuple[dict[str, Network], dict[str, ModelError]]:
    """The networks by role, and why one cannot be built. `precision`: 'auto', or one for all."""
    networks: dict[str, Network] = {}
    errors: dict[str, ModelError] = {}
    for role, each in parsed.items():
        try:
            networks[role] = each.network("float32" if precision == "auto" else precision)
        except ModelError as error:
            errors[role] = error
    if precision == "auto" and networks:
        networks = _Chain(networks, {role: parsed[role] for role in networks}).choose()
    return networks, errors


def deviations(parsed: Parsed) -> dict[str, float]:
    """Largest distance from float32's outputs by precision, of a network of a role by itself: what the others would
    add is left out. A precision that cannot keep the weights is missing. Raises ModelError."""
    assert parsed.role is not None
    exact = parsed.network()
    chain = _Chain({parsed.role: exact}, {parsed.role: parsed})
    return {
        precision: distance
        for precision in SMALLEST_FIRST
        if (distance := chain.distance(parsed.role, precision, chain.session.heard_embedding)) is not None
    }


def distances(exact: Mapping[str, Network], chosen: Mapping[str, Network]) -> dict[str, float]:
    """Largest distance of an output of each network in `chosen` from that of the same one in `exact` (float32), both
    run as the chain runs. Leaves all with another state. By role."""
    chain = _Chain(exact, {})
    emotion = chosen.get("emotion")
    embedding = _run(emotion, chain.session.features) if emotion else chain.session.heard_embedding
    return {role: chain.moved(role, network, embedding) for role, network in chosen.items()}


class _Chain:
    """The networks of a rig as float32, what goes into them, and what comes out."""

    def __init__(self, exact: Mapping[str, Network], parsed: Mapping[str, Parsed]) -> None:
        self._exact, self._parsed = exact, parsed
        emotion = exact.get("emotion")
        self.session: HeardSession = hear(feature_settings(emotion.info) if emotion else DEFAULTS)
        if emotion is not None:
            self.session = replace(self.session, heard_embedding=_run(emotion, self.session.features))
        self._built: dict[tuple[str, str], Network | None] = {}
        self._expected = {
            role: _run(network, self._inputs(role, self.session.heard_embedding))
            for role, network in exact.items()
        }

    def choose(self) -> dict[str, Network]:
        """The emotion network's precision has to do for itself and for the four that hear it."""
        for precision in SMALLEST_FIRST:
            chosen = self._with_emotion(precision)
            if chosen is not None:
                return chosen
        raise AssertionError("float32 is within any limit of itself")

    def moved(self, role: str, network: Network, embedding: Float32) -> float:
        """Largest distance of its outputs from the exact chain's, if `embedding` is what it is given."""
        return float(np.abs(_run(network, self._inputs(role, embedding)) - self._expected[role]).max())

    def distance(self, role: str, precision: str, embedding: Float32) -> float | None:
        """The same of a network in that precision; None if it cannot be built."""
        network = self._network(role, precision)
        return None if network is None else self.moved(role, network, embedding)

    def _with_emotion(self, precision: str) -> dict[str, Network] | None:
        embedding = self.session.heard_embedding
        if "emotion" in self._exact:
            network = self._network("emotion", precision)
            if network is None or not self._good(self.distance("emotion", precision, embedding)):
                return None
            embedding = _run(network, self.session.features)
        chosen = {}
        for role in self._exact:
            allowed = (precision,) if role == "emotion" else SMALLEST_FIRST
            found = self._smallest(role, allowed, embedding)
            if found is None:
                return None
            chosen[role] = found
        return chosen

    def _smallest(self, role: str, allowed: tuple[str, ...], embedding: Float32) -> Network | None:
        for precision in allowed:
            distance = self.distance(role, precision, embedding)
            network = self._network(role, precision)
            if network is not None and self._good(distance):
                network.reset()
                return Network(network.native, replace(network.info, deviation=distance))
        return None

    @staticmethod
    def _good(distance: float | None) -> bool:
        return distance is not None and distance <= LIMIT - FLOAT32_ERROR

    def _network(self, role: str, precision: str) -> Network | None:
        """Built once; None where the weights are too large for it."""
        if precision == "float32":
            return self._exact[role]
        if (role, precision) not in self._built:
            try:
                self._built[role, precision] = self._parsed[role].network(precision)
            except ModelError:
                self._built[role, precision] = None
        return self._built[role, precision]

    def _inputs(self, role: str, embedding: Float32) -> Float32:
        return self.session.features if role == "emotion" else self.session.inputs(role, embedding)


def _run(network: Network, x: Float32) -> Float32:
    network.reset()
    return network.native.process(x)
