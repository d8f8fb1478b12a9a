"""Pieces as sound: fluidsynth with one of two soundfonts, kept from run to run."""

from __future__ import annotations

import hashlib
from pathlib import Path

import mido
import soundfile
from pieces import Piece

from emohost.files import replacing
from emohost.training.rendering.fluidsynth import TEST_SOUNDFONT, TRAIN_SOUNDFONT, synthesize

RATE = 44100
FONTS = (TRAIN_SOUNDFONT, TEST_SOUNDFONT)
TICKS_PER_S = 960


def rendered(piece: Piece, font: Path, cache: Path) -> Path:
    """A WAV file of it. Raises EmohostError."""
    digest = hashlib.sha256(repr((piece.notes, piece.programs, piece.seconds, font.name)).encode())
    target = cache / f"{digest.hexdigest()[:24]}.wav"
    if target.exists():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with replacing(target) as temporary:
        soundfile.write(
            temporary, synthesize(midi_of(piece), font, RATE), RATE, subtype="FLOAT", format="WAV"
        )
    return target


def midi_of(piece: Piece) -> mido.MidiFile:
    events: list[tuple[int, int, mido.Message]] = [
        (0, 0, mido.Message("program_change", channel=channel, program=program))
        for channel, program in piece.programs.items()
    ]
    for on, off, pitch, velocity, channel in piece.notes:
        named = {"channel": channel, "note": max(0, min(127, pitch))}
        begin = round(on * TICKS_PER_S)
        events.append((begin, 2, mido.Message("note_on", velocity=max(1, min(127, velocity)), **named)))
        events.append((max(begin + 10, round(off * TICKS_PER_S)), 1, mido.Message("note_off", **named)))
    events.sort(key=lambda event: event[:2])
    track, now = mido.MidiTrack(), 0
    for tick, _, message in events:
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=max(0, round(piece.seconds * TICKS_PER_S) - now)))
    midi = mido.MidiFile(ticks_per_beat=TICKS_PER_S // 2)
    midi.tracks.append(track)
    return midi
