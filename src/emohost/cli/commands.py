"""The commands: name, the module that holds it as `command`, and its line in `emohost --help`."""

from __future__ import annotations

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("emohost.cli.init", "Write a first rig, from the devices and ports that are there."),
    "run": ("emohost.cli.run", "Play a rig until Ctrl-C or the end of its file."),
    "render": ("emohost.cli.render", "Audio files to MIDI files, as fast as it goes."),
    "analyze": ("emohost.cli.analyze", "What the host hears in audio files: emotion, key, chords."),
    "check": ("emohost.cli.check", "Try everything a rig needs, short of playing it."),
    "soundcheck": ("emohost.cli.soundcheck", "Listen to the player, and tell the rig's usual level."),
    "validate": ("emohost.cli.validate", "Measure latency and memory here and now, and check the promises."),
    "consent": ("emohost.cli.consent", "What people allow Side B to use: grant, list, revoke."),
    "devices": ("emohost.cli.devices", "List audio devices and MIDI ports."),
    "styles": ("emohost.cli.styles", "List styles, check one of your own, hear one as MIDI."),
    "models": ("emohost.cli.models", "List, inspect and score model files."),
    "train": ("emohost.cli.train", "Train a network on data of your own or on the published sets."),
    "feel": ("emohost.cli.remote.feel", "Make the running host feel something."),
    "tap": ("emohost.cli.remote.tap", "Tap tempo and beat of the running host."),
    "transport": (
        "emohost.cli.remote.transport",
        "Start or stop the running host, set its downbeat or clock.",
    ),
    "set": ("emohost.cli.remote.set", "Set a live parameter of the running host: density, tempo …"),
    "get": ("emohost.cli.remote.get", "What the live parameters are set to, and by whom."),
    "mute": ("emohost.cli.remote.mute", "Let parts of the running host rest."),
    "unmute": ("emohost.cli.remote.unmute", "Let parts play again."),
    "learn": ("emohost.cli.remote.learn", "Let the MIDI controller that moves next set a parameter."),
    "snapshot": ("emohost.cli.remote.snapshot", "Keep settings under a name, and recall them."),
    "reload": ("emohost.cli.remote.reload", "Read the running host's rig again."),
    "status": ("emohost.cli.remote.status", "The state of the running host."),
    "stop": ("emohost.cli.remote.stop", "End the running host."),
    "panic": ("emohost.cli.remote.panic", "All notes off, in the running host or on a rig's port."),
    "schema": ("emohost.cli.schema", "Print the JSON Schema of a rig's YAML file, for editors."),
}
