// Which notes sound: spectral peaks of a long window at interpolated frequencies, on a semitone scale that
// follows the tuning, explained as notes with overtones (non-negative least squares, after Mauch & Dixon,
// ISMIR 2010).
#pragma once

#include <cstddef>
#include <vector>

#include "core/signal/fft.h"
#include "core/signal/sliding.h"

namespace emohost::hearing {

using namespace signal;

constexpr int kPitchFactor = 4;               // kRate / 4 = 6 kHz
constexpr double kPitchPassband = 2400;       // Hz
constexpr int kPitchWindow = 4096;            // 0.68 s: tells low notes apart
constexpr int kShortPitchWindow = 2048;       // 0.34 s: a new chord is heard a tenth of a second sooner
constexpr int kLowestNote = 28, kNotes = 72;  // MIDI 28 (E1, 41 Hz) to 99 (2489 Hz)

class PitchFinder {
  public:
    // `window`: the newest samples looked at, at most kPitchWindow.
    PitchFinder(double step_s, const SlidingBuffer& signal, int window = kPitchWindow);

    // The work, in the order of its steps; only the first reads the signal. Real-time safe, as are all below.
    void look() noexcept;
    void find_spectrum() noexcept;
    void find_peaks() noexcept;  // and the tuning
    void find_notes() noexcept;  // those that explain the peaks

    const float* notes() const noexcept { return notes_; }  // kNotes saliences, >= 0
    float tuning() const noexcept { return tuning_; }       // semitones from A = 440 Hz, [-0.5, 0.5]
    float tonalness() const noexcept {
        return tonalness_;
    }  // [0, 1]: how much of the last spectrum's peaks are tones
    void reset() noexcept;
    std::size_t memory_bytes() const noexcept;

  private:
    void update_tuning() noexcept;

    struct Peak {
        float note, salience, tonal;
    };
    static constexpr int kMostPeaks = 256;

    const SlidingBuffer& signal_;
    RealFft<float> fft_;
    float tuning_share_;
    std::vector<float> window_, frame_, power_, running_;
    std::vector<float> overtones_;  // [note][semitone], the spectrum of a note
    std::vector<float> gram_;       // overtones * overtones^T
    Peak peaks_[kMostPeaks];
    int peak_count_ = 0;
    float spectrum_[kNotes] = {};
    float notes_[kNotes] = {};
    float tuning_re_ = 0, tuning_im_ = 0, tuning_ = 0, tonalness_ = 0;
};

}  // namespace emohost::hearing
