"""Makes configs/demo.flac from its score: MIDI by mido, sound by fluidsynth, level and FLAC here.

    python tools/render_demo.py [--soundfont FluidR3_GM.sf2] [--out configs/demo.flac] [--midi demo.mid]

Needs fluidsynth and the FluidR3 soundfont (Debian: fluidsynth, fluid-soundfont-gm). See configs/DEMO.md.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import mido
import numpy as np
import soundfile
from demo_score import BACH, BACH_START, STEPS_PER_BAR, TEMPO, ScoreNote, score

ROOT = Path(__file__).resolve().parent.parent
SOUNDFONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
SAMPLE_RATE = 48000
TICKS_PER_STEP = 120  # 480 per beat
PEAK_DBFS = -1.0
TAIL_S = 2.0  # after the last note-off, so that it rings out
# voice: (General MIDI program from 0, volume 0-127)
INSTRUMENTS = {
    "right hand": (0, 118),
    "left hand": (0, 104),
    "soprano": (48, 64),
    "alto": (48, 58),
    "tenor": (48, 58),
    "bass": (48, 62),
}


def velocity(note: ScoreNote) -> int:
    """Bar and beat accents; the piano plays out, the strings stay soft."""
    place = note.start % STEPS_PER_BAR
    accent = 10 if place == 0 else 6 if place % 8 == 0 else 3 if place % 4 == 0 else 0
    return (62 if note.voice in BACH else 92 if note.voice == "right hand" else 74) + accent


def gate(note: ScoreNote) -> int:
    """How long the key is down, in ticks: runs slightly detached, strings joined."""
    ticks = note.length * TICKS_PER_STEP
    return ticks - 4 if note.voice in BACH else ticks * 9 // 10


def midi_file(notes: list[ScoreNote]) -> mido.MidiFile:
    """One track per voice; its length says how long the sound is."""
    midi = mido.MidiFile(type=1, ticks_per_beat=4 * TICKS_PER_STEP)
    midi.tracks.append(mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(TEMPO), time=0)]))
    for channel, (voice, (program, volume)) in enumerate(INSTRUMENTS.items()):
        timed = [(0, mido.Message("program_change", channel=channel, program=program))]
        timed += [
            (0, mido.Message("control_change", channel=channel, control=control, value=value))
            for control, value in ((7, volume), (91, 40), (93, 0))
        ]
        for note in (note for note in notes if note.voice == voice):
            at = note.start * TICKS_PER_STEP
            on = mido.Message("note_on", channel=channel, note=note.pitch, velocity=velocity(note))
            off = mido.Message("note_off", channel=channel, note=note.pitch, velocity=0)
            timed += [(at, on), (at + gate(note), off)]
        timed.sort(key=lambda item: (item[0], item[1].type == "note_on"))
        track, now = mido.MidiTrack([mido.MetaMessage("track_name", name=voice, time=0)]), 0
        for tick, message in timed:
            track.append(message.copy(time=tick - now))
            now = tick
        track.append(mido.MetaMessage("end_of_track", time=0))
        midi.tracks.append(track)
    return midi


def synthesise(midi: Path, soundfont: Path) -> np.ndarray:
    """fluidsynth's sound, mixed to mono, as the host hears it: float (frames,). Stereo would exceed 2 MB."""
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "demo.wav"
        command = ["fluidsynth", "-niq", "-g", "0.5", "-r", str(SAMPLE_RATE), "-o", "synth.chorus.active=0"]
        command += ["-o", "synth.reverb.room-size=0.4", "-T", "wav", "-O", "float", "-F", str(wav)]
        subprocess.run([*command, str(soundfont), str(midi)], check=True, stdout=subprocess.DEVNULL)
        audio, rate = soundfile.read(wav, always_2d=True)
    if rate != SAMPLE_RATE:
        raise SystemExit(f"fluidsynth wrote {rate} Hz, not {SAMPLE_RATE} Hz")
    return audio.mean(axis=1)


def finish(audio: np.ndarray, length_s: float) -> np.ndarray:
    """Cut to length, fade the last half second, one gain for the whole: the contrast of level stays."""
    frames = round(length_s * SAMPLE_RATE)
    audio = np.pad(audio, (0, max(0, frames - len(audio))))[:frames]
    fade = SAMPLE_RATE // 2
    audio[-fade:] *= np.linspace(1, 0, fade) ** 2
    return audio * (10 ** (PEAK_DBFS / 20) / np.abs(audio).max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--soundfont", type=Path, default=SOUNDFONT)
    parser.add_argument("--out", type=Path, default=ROOT / "configs" / "demo.flac")
    parser.add_argument("--midi", type=Path, help="keep the MIDI file here")
    arguments = parser.parse_args()
    if not arguments.soundfont.exists():
        sys.exit(f"{arguments.soundfont}: no such soundfont (Debian: apt-get install fluid-soundfont-gm)")
    notes = score()
    with tempfile.TemporaryDirectory() as folder:
        midi = arguments.midi or Path(folder) / "demo.mid"
        midi_file(notes).save(midi)
        audio = synthesise(midi, arguments.soundfont)
    step_s = 60 / TEMPO / 4
    audio = finish(audio, max(note.start + note.length for note in notes) * step_s + TAIL_S)
    soundfile.write(arguments.out, audio, SAMPLE_RATE, subtype="PCM_16", format="FLAC", compression_level=1.0)
    for name, part in (
        ("Mozart", audio[: round(BACH_START * step_s * SAMPLE_RATE)]),
        ("Bach", audio[round((BACH_START + 8) * step_s * SAMPLE_RATE) :]),
    ):
        print(f"{name}: {10 * np.log10(np.mean(part**2)):.1f} dBFS RMS")
    print(f"{arguments.out}: {len(audio) / SAMPLE_RATE:.1f} s, {arguments.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
