#include "core/music/styles/styles.h"

#include <algorithm>
#include <cmath>

namespace emohost::music {

namespace {

constexpr float kFollow = 1.0f / 64.0f;  // of a mean, at each step
constexpr float kLoyalty = 0.25f;        // by so much another style must fit better
constexpr float kOutside = 4.0f;         // cost of lying outside of a span by all there is of it
constexpr float kOffCentre = 0.5f;       // of lying away from its middle
constexpr float kMostOnsets = 12.0f;     // a second: all there is of density

float off(float value, Span span, float all) noexcept {
    const float outside = std::max({0.0f, span.low - value, value - span.high}) / all;
    const float centre = std::abs(value - 0.5f * (span.low + span.high)) / all;
    return kOutside * outside + kOffCentre * centre;
}

}  // namespace

Styles::Styles(const std::vector<Style>& given, StyleName asked) noexcept : asked_(asked) {
    const std::size_t count = std::min<std::size_t>(given.size(), kCount);
    for (std::size_t i = 0; i < count; ++i) {
        styles_[i] = given[i];
        known_[i] = true;
    }
}

void Styles::give_own(const Style& style) noexcept {
    coming_ = style;
    comes_ = known_[kOwn] = true;
}

void Styles::ask(StyleName name) noexcept {
    const int number = static_cast<int>(name) - 1;
    if (number >= kCount || (number >= 0 && !known_[number])) return;
    asked_ = name;
}

void Styles::step(const Place& place, int step_in_bar, double tempo, int beats, const hearing::Heard& heard,
                  float valence, float activity) noexcept {
    if (comes_ && (step_in_bar == 0 || now_ != kOwn || !chosen_)) {
        styles_[kOwn] = coming_;
        comes_ = false;
    }
    const float share = heard_ ? kFollow : 1.0f;
    heard_ = true;
    tempo_ += share * (static_cast<float>(tempo) - tempo_);
    valence_ += share * (valence - valence_);
    activity_ += share * (activity - activity_);
    density_ += share * (heard.onset_density - density_);
    const bool section_begins = !chosen_ || place.section != section_;
    section_ = place.section;
    if (asked_ == StyleName::auto_) {
        if (section_begins) now_ = best(beats);
    } else if (step_in_bar == 0 || !chosen_) {
        now_ = static_cast<int>(asked_) - 1;
    }
    chosen_ = true;
}

float Styles::cost(const Style& style) const noexcept {
    const Span octaves{std::log2(style.tempo.low), std::log2(style.tempo.high)};
    return off(std::log2(tempo_), octaves, 1.0f) + off(valence_, style.valence, 2.0f) +
           off(activity_, style.activity, 1.0f) + off(density_, style.density, kMostOnsets) + style.handicap;
}

// Of the styles in this metre; where there is none, of all. The one in force stays unless another fits plainly better.
int Styles::best(int beats) const noexcept {
    bool any = false;
    for (int i = 0; i < kCount; ++i) any = any || (known_[i] && styles_[i].beats == beats);
    int found = -1;
    float least = 0.0f;
    for (int i = 0; i < kCount; ++i) {
        if (!known_[i] || (any && styles_[i].beats != beats)) continue;
        const float its = cost(styles_[i]) - (chosen_ && i == now_ ? kLoyalty : 0.0f);
        if (found >= 0 && its >= least) continue;
        found = i;
        least = its;
    }
    return std::max(found, 0);
}

}  // namespace emohost::music
