"""MIDI out: ports, the thread that sends events when they are due, and the ledger of sounding notes."""
