"""Styles: what drums, comping and bass play, as YAML files (docs/styles.md). Ten come with emohost; anyone may write
one.

Read and checked here, off the audio thread; the core gets them as plain structs, all of them before the stream starts.
"""

from emohost.styles.load import load_style, parse_style, shipped

__all__ = ["load_style", "parse_style", "shipped"]
