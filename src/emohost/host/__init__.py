"""The host: wires a rig together and owns its life, `emohost.host.host.Host` above all.

Nothing is imported here: the engine's process lives in this package too and must stay light.
"""
