"""POP909 as it is read: bars from the beats, keys, chords, and melodies on a grid of sixteenths."""

from __future__ import annotations

from pathlib import Path

import mido
import numpy as np
import pytest

from emohost.training.data_sets.folders import DataError
from emohost.training.data_sets.pop909.songs import load, parse_chord, read_song
from emohost.training.data_sets.songs import Songs, chord_class, chord_roots, chord_tones, transposed
from emohost.training.progress import silent

BEAT_S = 0.5
BARS = 20
CHORDS = ("G:maj", "C:maj/3", "D:sus4", "E:min7")


def write_song(folder: Path, in_bar: int = 4, key: str = "G:maj") -> None:
    """A scale in G, a note a beat, after an upbeat of two beats; a chord a bar."""
    folder.mkdir(parents=True)
    beats = 2 + in_bar * BARS + 1
    lines = [f"{BEAT_S * beat} 0.0 {float((beat - 2) % in_bar == 0)}" for beat in range(beats)]
    (folder / "beat_midi.txt").write_text("\n".join(lines) + "\n")
    bar_s = in_bar * BEAT_S
    chords = [f"{1 + bar * bar_s}\t{1 + (bar + 1) * bar_s}\t{CHORDS[bar % 4]}" for bar in range(BARS)]
    (folder / "chord_midi.txt").write_text("\n".join(chords) + "\n")
    (folder / "key_audio.txt").write_text(f"0.3\t999.0\t{key}\n")
    midi = mido.MidiFile(ticks_per_beat=480)
    midi.tracks.append(mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=500000)]))
    track = mido.MidiTrack([mido.MetaMessage("track_name", name="MELODY")])
    for beat in range(beats - 1):
        pitch = 67 + (0, 2, 4, 5, 7, 9, 11)[beat % 7]
        track.append(mido.Message("note_on", note=pitch, velocity=90))
        track.append(mido.Message("note_off", note=pitch, time=480))
    midi.tracks.append(track)
    midi.save(folder / f"{folder.name}.mid")


def test_bars_come_from_the_beats_and_the_upbeat_is_left_out(tmp_path: Path) -> None:
    write_song(tmp_path / "007")
    (song,) = read_song(tmp_path / "007")
    assert (song.piece, song.tonic, song.minor) == ("pop909/007", 7, False)
    assert song.steps == BARS * 16
    assert song.tempo == pytest.approx(120)
    np.testing.assert_array_equal(song.step_in_bar, np.arange(song.steps) % 16)
    np.testing.assert_allclose(song.step_s, 1.0 + 0.125 * np.arange(song.steps + 1))
    melody = song.melody()
    np.testing.assert_array_equal(melody["step"], 4 * np.arange(BARS * 4))
    np.testing.assert_allclose(melody["steps"], 4.0)
    assert set((melody["pitch"] + song.shift) % 12) == {0, 2, 4, 5, 7, 9, 11}  # in C major


def test_chords_are_classes_and_relative_to_the_tonic(tmp_path: Path) -> None:
    write_song(tmp_path / "007")
    (song,) = read_song(tmp_path / "007")
    wanted = [chord_class(0, "maj"), chord_class(5, "maj"), chord_class(7, "maj"), chord_class(9, "min7")]
    np.testing.assert_array_equal(song.relative_chords(), np.repeat(np.tile(wanted, BARS // 4), 16))


def test_songs_that_are_not_in_four_are_left_out(tmp_path: Path) -> None:
    write_song(tmp_path / "007", in_bar=3)
    assert read_song(tmp_path / "007") == []


def test_what_is_kept_is_what_was_read(tmp_path: Path) -> None:
    write_song(tmp_path / "pop909" / "POP909" / "007")
    write_song(tmp_path / "pop909" / "POP909" / "008", key="E:min")
    first, second = (load(tmp_path, tmp_path / "cache", silent) for _ in range(2))
    assert [song.piece for song in second] == ["pop909/007", "pop909/008"]
    assert [song.minor for song in second] == [False, True]
    for a, b in zip(first, second, strict=True):
        for name in ("step_s", "step_in_bar", "chord", "notes"):
            np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    assert len(Songs.from_arrays(Songs().to_arrays())) == 0


def test_a_file_that_is_missing_or_torn_is_named(tmp_path: Path) -> None:
    write_song(tmp_path / "007")
    (tmp_path / "007" / "beat_midi.txt").write_text("0.5 1.0\n")
    with pytest.raises(DataError, match=r"beat_midi.txt, line 1: expected 3 columns, found 2"):
        read_song(tmp_path / "007")
    with pytest.raises(DataError, match="expected the data set pop909"):
        load(tmp_path / "nowhere", tmp_path, silent)


@pytest.mark.parametrize(
    ("label", "root", "quality"),
    [
        ("F#:min7/b7", 6, "min7"),
        ("Bb:maj(9)".replace("(9)", "9"), 10, "maj7"),
        ("G:7/3", 7, "7"),
        ("B:hdim7", 11, "dim7"),
        ("D:sus4", 2, "min"),  # the triad of C major on D
        ("F:sus2", 5, "maj"),
    ],
)
def test_harte_labels_become_the_classes_of_the_network(label: str, root: int, quality: str) -> None:
    assert parse_chord(label, 0, False) == chord_class(root, quality)


def test_an_unknown_chord_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown chord 'C:strange'"):
        parse_chord("C:strange", 0, False)


def test_moving_a_chord_moves_its_tones_and_root() -> None:
    tones, roots = chord_tones(), chord_roots()
    classes = np.arange(64)
    for semitones in range(-12, 13):
        moved = transposed(classes, semitones)
        np.testing.assert_array_equal(tones[moved], np.roll(tones, semitones, axis=1))
        plain = classes < 60
        np.testing.assert_array_equal(roots[moved[plain]], (roots[plain] + semitones) % 12)
        assert moved[60] == 60
