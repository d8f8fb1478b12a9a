"""Files through the engine, as fast as it goes: audio to MIDI (render), and what the host hears (analyze)."""
