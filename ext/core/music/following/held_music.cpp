#include "core/music/following/held_music.h"

#include <algorithm>

#include "core/theory/chords.h"

namespace emohost::music {

using namespace theory;

namespace {

constexpr double kPartial_s = 0.05;
constexpr int kTriad = 3;  // tones

int count(uint16_t classes) noexcept {
    int tones = 0;
    for (unsigned left = classes; left != 0; left &= left - 1) ++tones;
    return tones;
}

}  // namespace

HeldMusic::HeldMusic(const MusicianSettings& settings) noexcept
    : partial_frames_(static_cast<uint64_t>(kPartial_s * settings.sample_rate)) {
    std::copy_n(settings.inputs, kMostInputs, uses_);
}

void HeldMusic::receive(const InputEvent& event, uint64_t now, double beat_frames, bool minor) noexcept {
    const uint8_t uses = event.source < kMostInputs ? uses_[event.source] : uint8_t{0};
    if (uses & kChordInput) {
        const int before = chord(now, beat_frames);
        if (chord_notes_.receive(event.bytes, event.size)) {
            chord_ = before;
            changed_at_ = now;
        }
    }
    if ((uses & kKeyInput) && key_notes_.receive(event.bytes, event.size)) find_key(minor);
}

void HeldMusic::clear() noexcept {
    chord_notes_.clear();
    key_notes_.clear();
    chord_ = -1;
    key_ = Key();
}

int HeldMusic::chord(uint64_t now, double beat_frames) const noexcept {
    const bool enough = count(chord_notes_.down()) >= kTriad;
    const uint16_t classes = enough ? chord_notes_.down() : chord_notes_.held();
    const int tones = count(classes);
    const double since = now > changed_at_ ? static_cast<double>(now - changed_at_) : 0.0;
    if (tones == 0) return since < beat_frames ? chord_ : -1;
    if (tones < kTriad && since < static_cast<double>(partial_frames_)) return chord_;
    return chord_of_tones(classes, enough ? chord_notes_.lowest_down() : chord_notes_.lowest_held());
}

// The lowest note is the tonic; its third, where it is held, is the mode.
void HeldMusic::find_key(bool minor) noexcept {
    const int tonic = key_notes_.lowest_held();
    if (tonic < 0) {
        key_ = Key();
        return;
    }
    const uint16_t classes = key_notes_.held();
    const bool minor_third = holds(classes, tonic + 3), major_third = holds(classes, tonic + 4);
    key_ = {pitch_class(tonic), minor_third != major_third ? minor_third : minor};
}

}  // namespace emohost::music
