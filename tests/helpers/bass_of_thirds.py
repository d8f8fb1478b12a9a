"""A style for tests that listen for the mode: without networks the bass alone plays, and here it has thirds."""

from __future__ import annotations

from pathlib import Path

STYLE = """
name: Thirds
source: written for a test
metre: 4
tempo: [40, 300]
drums: {kick: "x...|....|....|...."}
bass:
  lines:
    - "R---|3---|5---|3---"
    - {steps: "..3-|....|....|....", from: 0.3}
    - {steps: "....|..3-|....|....", from: 0.5}
    - {steps: "....|....|..3-|....", from: 0.75}
    - {steps: "....|....|....|..3-", from: 0.85}
"""


def bass_of_thirds(folder: Path) -> Path:
    """The style's file, with thirds, and more notes the livelier it is."""
    path = folder / "thirds.yaml"
    path.write_text(STYLE)
    return path
