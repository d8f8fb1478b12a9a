"""MIDI files: as they are encoded, and as a live run keeps them safe under names of its own."""
