"""The five networks with seeded random weights, to play with until there are trained ones.

`python -m emohost.networks.untrained FOLDER` writes them; models/ in the repository was made so.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from emohost import __version__
from emohost.networks.features import DEFAULTS
from emohost.networks.formats.layers import Layer
from emohost.networks.formats.values import Float32
from emohost.networks.formats.write import write_model
from emohost.networks.roles import ROLES, Role

SEED = 20240229
DECIMALS = 4  # random weights need no more, and the files stay small


def untrained_layers(role: Role, seed: int = SEED) -> list[Layer]:
    """The role's standard architecture with random weights (Glorot and Bengio 2010, uniform), so that the outputs move
    with the inputs. The same seed gives the same weights."""
    random = np.random.default_rng([seed, list(ROLES).index(role.name)])

    def uniform(limit: float, *shape: int) -> Float32:
        return (np.round(random.uniform(-limit, limit, shape), DECIMALS) + 0.0).astype(np.float32)

    def glorot(inputs: int, outputs: int) -> Float32:
        return uniform(float(np.sqrt(6 / (inputs + outputs))), inputs, outputs)

    layers = []
    width = role.inputs
    for index, (kind, size) in enumerate(role.layers):
        if kind == "lstm":
            kernel = np.concatenate([glorot(width, size) for _ in range(4)], axis=1)
            recurrent = np.concatenate([glorot(size, size) for _ in range(4)], axis=1)
            bias = uniform(0.1, 4 * size)
            bias[size : 2 * size] += 1  # remember, to begin with (Jozefowicz et al. 2015)
            layers.append(Layer("lstm", width, size, [kernel, recurrent, bias]))
        else:
            last = index == len(role.layers) - 1
            weights = [glorot(width, size), uniform(0.1, size)]
            layers.append(Layer("dense", width, size, weights, role.output if last else role.hidden))
        width = size
    return layers


def untrained_metadata(role: Role) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "role": role.name,
        "version": __version__,
        "status": "untrained",
        "tick": role.tick,
        "outputs": role.meaning,
        "data": f"none: random weights, seed {SEED}",
        "licence": "BSD-3-Clause",
        "scores": {},
    }
    if role.name == "emotion":
        metadata["features"] = {"layout": "emohost1", **DEFAULTS}
    return metadata


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: python -m emohost.networks.untrained FOLDER", file=sys.stderr)
        return 2
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for role in ROLES.values():
        write_model(folder / role.file, untrained_layers(role), untrained_metadata(role))
        print(folder / role.file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
