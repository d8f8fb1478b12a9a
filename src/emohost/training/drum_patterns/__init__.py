"""Drum patterns of human drummers, as lines in the notation of styles (docs/styles.md).

`played` lays takes of the Groove MIDI Dataset on the grid of sixteenths; `grooves` finds in each take the bar that its
drummer repeats, and of a genre's takes the typical ones; `fills` finds how they end phrases; `lines` writes them.
"""
