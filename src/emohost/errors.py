"""Errors for people. Each message is one clear line (or one per mistake): file, place, expected, found."""

from __future__ import annotations


class EmohostError(Exception):
    """A mistake or a missing thing outside the program; the command line prints it and exits with `exit_code`."""

    exit_code = 1


class ConfigError(EmohostError):
    """The configuration is wrong. One line per mistake."""

    exit_code = 2


class ModelError(EmohostError):
    """A model file is bad: names the file, the layer (index and type), what was expected and what was found."""

    exit_code = 3


class AudioError(EmohostError):
    """An audio device or file cannot do what was asked; lists what it can."""

    exit_code = 4


class MidiError(EmohostError):
    """A MIDI port cannot be had; lists what there is."""

    exit_code = 5


class PortAbsentError(MidiError):
    """An existing MIDI port is not there, or not yet; lists what there is."""


class MidiFileError(EmohostError):
    """A MIDI file cannot be read; names the file and the place in it."""


class EngineError(EmohostError):
    """The engine process could not be kept running."""

    exit_code = 6


class ControlError(EmohostError):
    """A running host cannot be reached, or refuses a command."""

    exit_code = 7


class OutputError(EmohostError):
    """A file cannot be written, or is being written by another process; names the file."""


class FieldError(EmohostError):
    """The field between rigs cannot be opened."""


class RingError(EmohostError):
    """Side B's ring to the hosts cannot be had."""

    exit_code = 7


class SessionError(EmohostError):
    """A session that was kept cannot be read, or not be played again as it was; names the file."""
