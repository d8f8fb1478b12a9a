#include "core/music/parts/reading.h"

#include <cmath>

namespace emohost::music {

namespace {

constexpr float kPull = 0.4f;   // of the groove network's emphasis
constexpr float kThins = 1.5f;  // power with which a low density thins out
constexpr int kLongest = 2 * kMaxSteps;
// A band that thins out keeps what is metrically strong longest: by metrical weight.
constexpr float kStays[kWeights] = {0.85f, 0.9f, 1.0f, 1.15f, 2.0f};

}  // namespace

float chance_of(char mark, float activity) noexcept {
    switch (mark) {
        case '.':
        case '-':
        case '\0':
            return 0.0f;
        case 'X':
        case 'R':
            return 1.5f;
        case 'o':
            return mix(0.35f, 1.3f, ramp(activity, 0.1f, 0.55f));
        case '?':
        case 'r':
            return 0.85f * ramp(activity, 0.25f, 0.95f);
        default:
            return mix(0.8f, 1.35f, ramp(activity, 0.0f, 0.35f));
    }
}

float loudness_of(char mark) noexcept {
    switch (mark) {
        case 'X':
        case 'R':
            return 0.05f;
        case 'o':
            return -0.7f;
        case '?':
        case 'r':
            return -0.45f;
        default:
            return -0.2f;
    }
}

float share_of(float density) noexcept { return density < 1.0f ? std::pow(density, kThins) : density; }

Reading::Where Reading::where(int ahead) const noexcept {
    int bar = moment_.place.bar_in_phrase, step = moment_.step + ahead;
    while (step >= moment_.steps_per_bar) {
        step -= moment_.steps_per_bar;
        ++bar;
    }
    return {bar, step};
}

bool Reading::plays(int line) const noexcept {
    return lines_[line].plays(moment_.place.activity, moment_.place.contrasts());
}

bool Reading::is_struck(int line, char mark, Where where) const noexcept {
    const float drawn = drawn_[line][lines_[line].index(where.bar, where.step, moment_.style.bar_steps())];
    const float emphasis = moment_.place.emphasis[where.step % kSlots];
    const float stays = kStays[metrical_weight(where.step, moment_.steps_per_bar)];
    return drawn < chance_of(mark, moment_.place.activity) * (1.0f + kPull * emphasis) * stays * density_;
}

Struck Reading::at(int ahead) const noexcept {
    const Where there = where(ahead);
    for (int line = 0; line < count_; ++line) {
        if (!plays(line)) continue;
        const char mark = lines_[line].at(there.bar, there.step, moment_.style.bar_steps());
        if (strikes(mark) && is_struck(line, mark, there)) return {line, mark, lines_[line].level};
    }
    return {};
}

int Reading::to_next(int most) const noexcept {
    int ahead = 1;
    while (ahead < most && !at(ahead)) ++ahead;
    return ahead;
}

// A strike that is left out is held through.
int Reading::length(const Struck& struck) const noexcept {
    int steps = 1;
    for (; steps < kLongest && !at(steps); ++steps) {
        const Where there = where(steps);
        if (lines_[struck.line].at(there.bar, there.step, moment_.style.bar_steps()) == '.') break;
    }
    return steps;
}

uint32_t Reading::bar() const noexcept {
    uint32_t struck = 0;
    for (int step = 0; step < moment_.steps_per_bar; ++step)
        if (at(step)) struck |= 1u << step;
    return struck;
}

bool Reading::holds() const noexcept {
    for (int line = 0; line < count_; ++line)
        if (plays(line) &&
            lines_[line].at(moment_.place.bar_in_phrase, moment_.step, moment_.style.bar_steps()) != '.')
            return true;
    return false;
}

}  // namespace emohost::music
