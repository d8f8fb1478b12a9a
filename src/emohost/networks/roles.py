"""The five roles: what goes in and out of each network, and the architecture it normally has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Role:
    name: str
    file: str  # the standard name of its model file
    inputs: int
    outputs: int
    layers: tuple[tuple[str, int], ...]  # (kind, outputs); any other architecture is as good
    hidden: str  # activation of its dense and convolution layers, where a file names none
    output: str  # and of the last of them
    tick: str  # on what its state advances
    meaning: str  # of the outputs

    @property
    def architecture(self) -> str:
        """Such as 'dense 512 tanh, dense 256 tanh, lstm 128, dense 64 tanh'."""
        parts = []
        for index, (kind, size) in enumerate(self.layers):
            activation = self.output if index == len(self.layers) - 1 else self.hidden
            parts.append(f"{kind} {size}" if kind == "lstm" else f"{kind} {size} {activation}")
        return ", ".join(parts)


ROLES = {
    role.name: role
    for role in (
        Role(
            "emotion",
            "emotionrecognizer.json",
            128,
            64,
            (("dense", 512), ("dense", 256), ("lstm", 128), ("dense", 64)),
            "tanh",
            "tanh",
            "hop",
            "emotion embedding: thermometer code of valence (0-31) and arousal (32-63)",
        ),
        Role(
            "melody",
            "melodytransformer.json",
            64,
            128,
            (("dense", 256), ("lstm", 256), ("dense", 256), ("dense", 128)),
            "relu",
            "sigmoid",
            "sixteenth",
            "probability that each MIDI note begins at the step, in C major / A minor",
        ),
        Role(
            "harmony",
            "harmonypredictor.json",
            128,
            64,
            (("dense", 256), ("dense", 128), ("dense", 64)),
            "tanh",
            "softmax",
            "sixteenth",
            "distribution over 64 chord classes relative to the tonic",
        ),
        Role(
            "dynamics",
            "dynamicsengine.json",
            32,
            16,
            (("dense", 128), ("dense", 64), ("dense", 16)),
            "relu",
            "sigmoid",
            "sixteenth",
            "velocity and gate of melody, chords, bass, drums; accent; expression, brightness, modulation, reverb, "
            "chorus, attack, release; each 0 to 1",
        ),
        Role(
            "groove",
            "groovepredictor.json",
            64,
            32,
            (("dense", 128), ("dense", 64), ("dense", 32)),
            "tanh",
            "tanh",
            "sixteenth",
            "16 sixteenths x (emphasis, timing offset as a fraction of a step), each -1 to 1",
        ),
    )
}


def role_named(name: str) -> Role:
    """Raises ValueError for a name that is none of the five."""
    if name not in ROLES:
        raise ValueError(f"role: expected one of {', '.join(ROLES)}, found {name!r}")
    return ROLES[name]
