#include "core/music/tonality.h"

namespace emohost::music {

namespace {

constexpr float kAudible = 0.2f;  // key clarity from which on a key counts
constexpr float kClear = 0.5f;    // and from which on one bar is enough to change
constexpr int kBarsToWait = 2;

bool silent(const float* chroma) noexcept {
    bool silence = true;
    for (int i = 0; i < 12; ++i) silence &= !(chroma[i] > 0.0f);
    return silence;
}

}  // namespace

Tonality::Tonality(const MusicianSettings& settings) noexcept : fixed_(settings.tonic >= 0) {
    if (fixed_) key_ = configured_ = {settings.tonic, settings.minor};
}

void Tonality::hold(const Key& key) noexcept {
    if (key.known()) {
        key_ = key;
        guess_ = false;
        candidate_ = Key();
    } else if (held_ && fixed_) {
        key_ = configured_;
    }
    held_ = key.known();
}

void Tonality::change_at_bar(Key heard, float clarity) noexcept {
    if (heard == key_) {
        candidate_ = Key();
    } else if (guess_ || clarity >= kClear || heard == candidate_) {
        key_ = heard;
        guess_ = false;
        candidate_ = Key();
    } else {
        candidate_ = heard;
    }
}

void Tonality::update(bool bar_begins, bool rests, const hearing::Heard& heard, float valence) noexcept {
    if (fixed_ || held_ || rests) return;
    const bool audible = heard.tonic >= 0 && heard.tonic < 12 && heard.key_clarity >= kAudible;
    if (audible && !key_.known())
        key_ = {heard.tonic, heard.minor};
    else if (audible && bar_begins)
        change_at_bar({heard.tonic, heard.minor}, heard.key_clarity);
    if (key_.known()) {
        // Nobody plays: the mode follows what is felt.
        if (guess_ && bar_begins && silent(heard.chroma_long))
            key_ = key_of_chroma(heard.chroma_long, valence);
        return;
    }
    if (bar_begins && heard.sounding) ++waited_;
    guess_ = !heard.sounding || waited_ > kBarsToWait;
    if (guess_) key_ = key_of_chroma(heard.chroma_long, valence);
}

}  // namespace emohost::music
