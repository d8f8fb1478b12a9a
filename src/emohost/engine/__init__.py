"""From a rig and a source to an engine: one message, one function, live and offline."""
