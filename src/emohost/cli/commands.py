"""The commands: name, the module that holds it as `command`, and its line in `emohost --help`."""

from __future__ import annotations

COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("emohost.cli.run", "Play a rig until Ctrl-C or the end of its file."),
    "render": ("emohost.cli.render", "Audio files to MIDI files, as fast as it goes."),
    "analyze": ("emohost.cli.analyze", "What the host hears in audio files: emotion, key, chords."),
    "check": ("emohost.cli.check", "Try everything a rig needs, short of playing it."),
    "validate": ("emohost.cli.validate", "Measure latency and memory here and now, and check the promises."),
    "consent": ("emohost.cli.consent", "What people allow Side B to use: grant, list, revoke."),
    "devices": ("emohost.cli.devices", "List audio devices and MIDI ports."),
    "models": ("emohost.cli.models", "List, inspect and score model files."),
    "train": ("emohost.cli.train", "Train a network on data of your own or on the published sets."),
    "feel": ("emohost.cli.feel", "Make the running host feel something."),
    "panic": ("emohost.cli.panic", "All notes off, in the running host or on a rig's port."),
    "schema": ("emohost.cli.schema", "Print the JSON Schema of a rig's YAML file, for editors."),
}
