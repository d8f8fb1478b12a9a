// All that depends on which notes sound: chroma on three time scales, tuning, key, mode, chord, register.
#pragma once

#include <cstddef>

#include "core/dsp/chord.h"
#include "core/dsp/key.h"
#include "core/dsp/mode.h"
#include "core/dsp/pitch.h"

namespace emohost::dsp {

class Tonality {
  public:
    Tonality(double step_s, const SlidingBuffer& signal);

    // An analysis in steps, each in a block of its own so that none takes long; what is looked at is a copy.
    // Notes are found in sound alone, and conclude() ends it with or without them. Real-time safe.
    void look() noexcept { pitch_.look(); }
    void find_spectrum() noexcept { pitch_.find_spectrum(); }
    void find_peaks() noexcept { pitch_.find_peaks(); }
    void find_notes() noexcept { pitch_.find_notes(); }
    void conclude(bool sounding) noexcept;

    const float* chroma() const noexcept { return chroma_; }                // sums to 1, or zeros
    const float* chroma_middle() const noexcept { return chroma_middle_; }  // likewise, of the last seconds
    const float* chroma_long() const noexcept { return chroma_long_; }      // likewise, longer
    float mode() const noexcept { return mode_; }                           // of chroma_long: [-1, 1]
    float mode_middle() const noexcept { return mode_middle_; }             // of chroma_middle
    float mode_recent() const noexcept { return mode_recent_; }             // of the last bar or so
    float tuning_cents() const noexcept { return 100 * pitch_.tuning(); }
    float pitch_register() const noexcept { return register_; }  // [0, 1]
    const KeyFinder& key() const noexcept { return key_; }
    const ChordFinder& chord() const noexcept { return chord_; }
    const PitchFinder& pitch() const noexcept { return pitch_; }
    void reset() noexcept;
    std::size_t memory_bytes() const noexcept { return sizeof *this + pitch_.memory_bytes(); }

  private:
    PitchFinder pitch_;
    KeyFinder key_;
    ChordFinder chord_;
    float short_share_, recent_share_, middle_share_, long_share_, rest_share_, register_share_;
    float short_[12] = {}, recent_[12] = {}, middle_[12] = {}, long_[12] = {};
    float chroma_[12] = {}, chroma_recent_[12] = {}, chroma_middle_[12] = {}, chroma_long_[12] = {};
    float register_ = 0, mode_ = 0, mode_middle_ = 0, mode_recent_ = 0;
    float upper_weight_[kNotes], bass_weight_[kNotes];
};

}  // namespace emohost::dsp
