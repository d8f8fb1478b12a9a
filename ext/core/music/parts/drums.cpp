#include "core/music/parts/drums.h"

#include <algorithm>

namespace emohost::music {

namespace {

constexpr float kHand = 0.1f;       // spread of the loudness from hit to hit
constexpr float kSoft = 0.35f;      // activity below which a section begins calmly
constexpr float kTolerance = 0.4f;  // of the density that a pattern is made for
constexpr float kPickups =
    0.5f;  // share of phrases inside of a section that end in a fill, where it is lively

// The fill that the bar ends in, if any: of those for this activity the one that was drawn.
const Fill* fill_of(const Moment& moment, float which, float pickup) noexcept {
    const float a = moment.place.activity;
    const bool section = moment.place.section_ends();
    if (!section && !(moment.place.phrase_ends() && pickup < kPickups * ramp(a, 0.2f, 0.8f))) return nullptr;
    const Style& style = moment.style;
    const auto fits = [&](const Fill& fill) {
        return (fill.within_section == 0) == section && a >= fill.from && (a < fill.to || fill.to >= 1.0f);
    };
    const auto count = std::count_if(style.fills, style.fills + style.fill_count, fits);
    auto wanted =
        std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(which * static_cast<float>(count)), count - 1);
    for (int i = 0; i < style.fill_count; ++i)
        if (fits(style.fills[i]) && wanted-- == 0) return &style.fills[i];
    return nullptr;
}

int cymbal_of(const Moment& moment) noexcept {
    return moment.place.activity < kSoft ? moment.style.begins_calm : moment.style.begins;
}

}  // namespace

void Drums::Pattern::draw(Rng& rng) noexcept {
    lines.draw(rng);
    fill.draw(rng);
    which = rng.unit();
    pickup = rng.unit();
}

void Drums::strike(int sound, float loudness, const Moment& moment, Stage& stage) noexcept {
    const PartSettings& part = stage.part(kDrums);
    if (sound < part.low || sound > part.high) return;
    stage.play(kDrums, sound, moment, mix(0.25f, 0.75f, moment.gate(kDrums)),
               loudness + kHand * hand_.bell());
}

void Drums::groove(const Moment& moment, const Pattern& pattern, Stage& stage) noexcept {
    const Style& style = moment.style;
    for (int i = 0; i < style.drum_count; ++i) {
        const Struck struck = Reading(&style.drums[i], 1, &pattern.lines.numbers[i], moment, dense_).at(0);
        if (struck) strike(style.drums[i].sound, struck.level + loudness_of(struck.mark), moment, stage);
    }
}

bool Drums::fills(const Moment& moment, const Pattern& pattern, const Fill& fill, int line,
                  int step) const noexcept {
    const char mark = fill.lines[line].steps[step];
    return music::strikes(mark) &&
           pattern.fill.numbers[line][step] < chance_of(mark, moment.place.activity) * share_of(dense_);
}

// Louder on the way to the bar line.
void Drums::fill(const Moment& moment, const Pattern& pattern, const Fill& fill, Stage& stage) noexcept {
    const int step = fill.steps - moment.steps_left();
    const float done = static_cast<float>(step) / static_cast<float>(fill.steps);
    for (int i = 0; i < fill.count; ++i) {
        const Line& line = fill.lines[i];
        if (!fills(moment, pattern, fill, i, step)) continue;
        strike(line.sound, line.level + loudness_of(line.steps[step]) + mix(-0.05f, 0.3f, done), moment,
               stage);
    }
}

bool Drums::begins(const Moment& moment) const noexcept {
    return moment.place.section_begins() && moment.step == 0 && cymbal_of(moment) != 0 && dense_ > 0.25f;
}

void Drums::begin(const Moment& moment, Stage& stage) noexcept {
    const float a = moment.place.activity;
    if (begins(moment)) strike(cymbal_of(moment), mix(-0.35f, 0.15f, a), moment, stage);
}

uint32_t Drums::strikes(const Moment& bar) noexcept {
    const Style& style = bar.style;
    const Pattern& pattern = patterns_.at(bar.place);
    uint32_t struck = 0;
    for (int i = 0; i < style.drum_count; ++i)
        struck |= Reading(&style.drums[i], 1, &pattern.lines.numbers[i], bar, dense_).bar();
    const Fill* ends = fill_of(bar, pattern.which, pattern.pickup);
    if (ends) {
        const int first = bar.steps_per_bar - ends->steps;  // below 0 where the fill is longer than the bar
        struck &= (1u << std::max(0, first)) - 1u;
        for (int step = std::max(0, first); step < bar.steps_per_bar; ++step)
            for (int i = 0; i < ends->count; ++i)
                if (fills(bar, pattern, *ends, i, step - first)) struck |= 1u << step;
    }
    return begins(bar) ? struck | 1u : struck;
}

void Drums::plan(const Moment& moment, Stage& stage) noexcept {
    dense_ = density_.follow(stage.density(kDrums), moment.step == 0, kTolerance);
    const Pattern& pattern = patterns_.at(moment.place);
    const Fill* ends = fill_of(moment, pattern.which, pattern.pickup);
    if (ends && moment.steps_left() <= ends->steps)
        fill(moment, pattern, *ends, stage);
    else
        groove(moment, pattern, stage);
    begin(moment, stage);
}

}  // namespace emohost::music
