"""Where audio comes from: a device through PortAudio, a file, or a clock."""
