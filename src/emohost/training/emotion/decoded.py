"""What a network says, as points of the circumplex."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emohost.emotion import decode
from emohost.networks.load import Network


def emotion_of(network: Network, features: NDArray[Any]) -> NDArray[np.float64]:
    """(hops, 128) -> valence and arousal (hops, 2), from a fresh state, decoded as the host decodes them."""
    network.reset()
    return np.stack(decode(network.process(features)), axis=-1)
