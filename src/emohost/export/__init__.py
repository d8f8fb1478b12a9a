"""A recorded MIDI file, and the sound beside it, as a project for DAWs (DAWproject 1.0)."""
