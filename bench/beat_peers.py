"""What another beat tracker hears of a file, hop by hop: run by bench/beats.py with a Python that has it.

    OTHER/bin/python bench/beat_peers.py aubio|madmom FILE

Prints {"beats": [...], "downbeats": [...]} in seconds.
"""

from __future__ import annotations

import json
import sys

import soundfile


def aubio(file: str) -> tuple[list[float], list[float]]:
    import aubio as library

    audio, rate = soundfile.read(file, dtype="float32")
    hop = 512
    tempo = library.tempo("default", 1024, hop, rate)
    beats = []
    for start in range(0, len(audio) - hop + 1, hop):
        if tempo(audio[start : start + hop]):
            beats.append(float(tempo.get_last_s()))
    return beats, []


def madmom(file: str) -> tuple[list[float], list[float]]:
    """Its causal network and the forward pass of its Markov model; no downbeats online."""
    from madmom.audio.signal import Signal
    from madmom.features.beats import DBNBeatTrackingProcessor, RNNBeatProcessor
    from scipy.signal import resample_poly

    audio, rate = soundfile.read(file, dtype="float32")
    sound = Signal(resample_poly(audio, 44100, rate).astype("float32"), sample_rate=44100, num_channels=1)
    activations = RNNBeatProcessor(online=True)(sound)
    tracker = DBNBeatTrackingProcessor(fps=100, online=True)
    return [float(beat) for beat in tracker(activations)], []


if __name__ == "__main__":
    beats, downbeats = {"aubio": aubio, "madmom": madmom}[sys.argv[1]](sys.argv[2])
    print(json.dumps({"beats": beats, "downbeats": downbeats}))
