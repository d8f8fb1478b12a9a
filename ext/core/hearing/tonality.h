// All that depends on which notes sound: chroma on three time scales, tuning, key, mode, chord, register.
#pragma once

#include <cstddef>

#include "core/hearing/chord.h"
#include "core/hearing/key.h"
#include "core/hearing/mode.h"
#include "core/hearing/pitch.h"

namespace emohost::hearing {

class Tonality {
  public:
    Tonality(double step_s, const SlidingBuffer& signal);

    // An analysis in steps, each in a block of its own so that none takes long; what is looked at is a copy.
    // Notes are found in sound alone, and what concludes it follows with or without them: conclude() what was seen
    // through the long window, name_chord() what was seen through the short one. Real-time safe.
    PitchFinder& whole() noexcept { return pitch_; }
    PitchFinder& fresh() noexcept { return fresh_pitch_; }
    void conclude(bool sounding) noexcept;
    void name_chord(bool sounding) noexcept;

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
    // kNotes saliences of the short window, 1 for the strongest; all 0 in silence.
    const float* notes() const noexcept { return notes_; }
    void reset() noexcept;
    std::size_t memory_bytes() const noexcept {
        return sizeof *this + pitch_.memory_bytes() + fresh_pitch_.memory_bytes();
    }
    // What chords are named by: the long window's upper and bass, the short one's.
    const PitchClasses& whole_classes() const noexcept { return whole_classes_; }
    const PitchClasses& fresh_classes() const noexcept { return fresh_classes_; }

  private:
    PitchClasses classes_of(const float* notes) const noexcept;

    PitchFinder pitch_, fresh_pitch_;
    KeyFinder key_;
    ChordFinder chord_;
    float short_share_, recent_share_, middle_share_, long_share_, rest_share_, register_share_;
    float short_[12] = {}, recent_[12] = {}, middle_[12] = {}, long_[12] = {};
    float chroma_[12] = {}, chroma_recent_[12] = {}, chroma_middle_[12] = {}, chroma_long_[12] = {};
    float register_ = 0, mode_ = 0, mode_middle_ = 0, mode_recent_ = 0;
    PitchClasses whole_classes_, fresh_classes_;
    float notes_[kNotes] = {};
    float present_[12] = {};  // without what may be an overtone
    float upper_weight_[kNotes], bass_weight_[kNotes];
};

}  // namespace emohost::hearing
