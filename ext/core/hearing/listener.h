// All that the host hears: features for the emotion network, chroma, key, chord, level, onsets.
// Everything depends on seconds and hertz, so the same music at another sample rate gives the same answer.
#pragma once

#include <cstdint>
#include <memory>

#include "core/hearing/beat/bar_pointer.h"
#include "core/hearing/beat/beat.h"
#include "core/hearing/beat/beat_features.h"
#include "core/hearing/chord_heard.h"
#include "core/hearing/sound/sound_cues.h"
#include "core/vocabulary.h"

namespace emohost::hearing {

// mel128: librosa's mel spectrogram of the stream itself as log10(max(1e-11, power per hertz)), so that the
// sample rate and the length of the transform do not matter. White noise of RMS 1 at 48 kHz reads -4.4.
// In librosa:
//
//     window, hop = round(0.04 * sr), round(0.02 * sr)
//     n_fft = 1 << (window - 1).bit_length()
//     after = n_fft - window - (n_fft - window) // 2  # zeros that librosa puts behind the window
//     y = concatenate([zeros(n_fft - after - hop), y, zeros(after)])  # frame i ends with hop i + 1
//     mel = librosa.feature.melspectrogram(y=y, sr=sr, n_fft=n_fft, win_length=window, hop_length=hop,
//                                          window='hann', center=False, power=2.0, n_mels=128, fmin=30,
//                                          fmax=11025, htk=False, norm='slaney')
//     scale = 2 / (n_fft * sum(librosa.filters.get_window('hann', window) ** 2))
//     features = log10(maximum(1e-11, scale * mel)).T
//
// emohost1: all of it from the stream resampled to 24 kHz, so that the rate does not matter at all. By index:
//
//       0  64 such mel bands as (log10(power per hertz / reference + 1e-9) + 5) / 4, about [-1, 1], floor -1, over 0.5 s;
//          the reference is the player's usual mean square (calibration_s): a gain changes nothing for long
//      64  chroma_long turned so that the tonic comes first, times 3, at most 1; zeros while no key is known
//      76  the chroma of about 3 s likewise
//      88  level, brightness, flatness, articulation, pitch_register, mode, the mode of about 3 s and of 1.5 s
//      96  log2(1 + 4 d) / 6 of the onsets per second d above each of seven strengths (attacks.h)
//     103  share of the time in which the level falls faster than 20, 40, 80, 150 and 300 dB a second (falls.h)
//     108  1 + log10(s + 1e-4) / 4 of the shares s of 20 rates, 0.5 to 14 Hz, in the pulsing of the sound (modulation.h)
enum class Layout { mel128, emohost1 };

struct ListenerSettings {
    double sample_rate = 48000.0;
    Layout layout = Layout::emohost1;
    double window_s = 0.04;
    double hop_s = 0.02;  // emotion tick; hop k ends at frame llround(k * hop_s * sample_rate), k = 1, 2, ...
    double fmin_hz = 30.0;
    double fmax_hz = 11025.0;   // above sample_rate / 2: the floor; at most 12000 with emohost1
    float gate_db = -60.0f;     // below this level there is nothing to play along to
    float reference_db = 0.0f;  // level that counts as medium, dBFS; 0: found by a slow calibration
    float usual_db = -30.0f;    // that a player has before the calibration knows, which takes a minute or two
    double slowest_bpm = kSlowestBeat,
           fastest_bpm = kFastestBeat;  // tempi among which the beat is looked for
    double calibration_s = 36.0;        // its delay: about so old is the level that it compares with
};

// State of hearing at the last tick. Pitch classes are absolute: 0 = C.
struct Heard {
    uint64_t hops = 0;
    float features[kFeatures] = {};
    float beat_features[kBeatFeatures] = {};
    float sound_cues[kSoundCues] = {};  // sound_cues.h
    float chroma[12] = {};              // short term (about a beat), sums to 1, or all 0 in silence
    float chroma_long[12] = {};         // long term (about 6 s), likewise
    float tuning_cents = 0;             // [-50, 50]
    int tonic = -1;                     // key: 0-11, -1 unknown
    bool minor = false;
    float key_clarity = 0;  // [0, 1]
    float mode = 0;         // [-1, 1]: minor to major, of chroma_long
    int chord = -1;  // theory/chords.h class with absolute root; -1 unknown, also while no third is heard
    ChordHeard chord_more;
    float level_db = -120;          // RMS over the window, dBFS
    float level = 0;                // [0, 1]: level relative to the slow reference (automatic calibration)
    float onset_strength = 0;       // [0, 1], of the last tick
    float onset_density = 0;        // onsets per second, smoothed
    int attacks = 0;                // weak ones, too, in the last hop
    float brightness = 0;           // [0, 1]
    float flatness = 0;             // [0, 1]
    float articulation = 0;         // [0, 1]: 0 legato, 1 staccato
    float pitch_register = 0;       // [0, 1]: low to high
    float notes[kNotes] = {};       // from kLowestNote on: salience, 1 for the strongest; all 0 in silence
    bool sounding = false;          // level above the gate (with hysteresis and hold)
    Sound sound = Sound::nothing;   // what kind of sound it is
    Sound lately = Sound::nothing;  // the last that was judged, through some seconds of silence, too
    float sound_confidence = 0;     // [0, 1], of `sound`
    BeatHeard beat;
};

// A row of what was heard over time: heard_dtype in Python.
struct HeardAt {
    Heard heard;
    uint64_t frame = 0;  // end of the hop
};

struct Tick {
    bool due = false;    // a tick was taken
    bool hop = false;    // it was a feature hop: Heard is new, the emotion network steps
    bool onset = false;  // an onset was detected at this tick
};

constexpr double kBeatHop_s = 0.02;  // at which the beat network steps

class Listener {
  public:
    virtual ~Listener() = default;
    // Frames until the next tick; always >= 1. Ticks come every hop_s / 4 (onsets), every fourth is a hop.
    virtual int until_tick() const noexcept = 0;
    // Feeds n <= until_tick() mono samples, finite. If they reach the tick, takes it. Real-time safe.
    virtual Tick push(const float* mono, int n) noexcept = 0;
    // While on, no search for notes begins: chroma, key, chord, register and tuning hold still.
    virtual void spare(bool on) noexcept = 0;
    virtual const Heard& heard() const noexcept = 0;
    // At a hop, the beat network's answer to heard().beat_features: beat and downbeat, [0, 1]. Heard::beat follows it;
    // without such calls no beat is heard. Nothing where the hop is another than the network's (kBeatHop_s).
    virtual void hear_beat(const float* activations) noexcept = 0;
    virtual void reset() noexcept = 0;
    // Before the first sample: goes on for a listener that is no more, which heard something of this kind, and for which
    // this level counted as medium.
    virtual void resume(float reference_db, bool sounding, Sound lately) noexcept = 0;
    virtual float reference_db() const noexcept = 0;
    virtual std::size_t memory_bytes() const noexcept = 0;
};

// Allocates; null only if a setting is out of range (then `error`, if given, points to a static message).
std::unique_ptr<Listener> make_listener(const ListenerSettings& settings, const char** error = nullptr);

}  // namespace emohost::hearing
