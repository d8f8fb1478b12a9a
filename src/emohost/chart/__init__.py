"""Chord charts: which chord stands at which beat, read from a line of chords, a text file, ChordPro's grids or an
`irealbook://` link. Pure; any thread.
"""

from emohost.chart.bars import Chart, ChartError, most_bars
from emohost.chart.files import parse_chart, read_text

__all__ = ["Chart", "ChartError", "most_bars", "parse_chart", "read_text"]
