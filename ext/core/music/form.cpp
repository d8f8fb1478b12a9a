#include "core/music/form.h"

namespace emohost::music {

namespace {

// By so much the bar that was heard differs from its section: onsets a second, level and register as the listener gives them.
constexpr float kDensity = 3.0f, kLevel = 0.3f, kHeight = 0.2f;
constexpr float kChanged = 1.4f, kAlike = 0.8f;
constexpr int kMostBars = 32;  // or steps, that a mean goes back
constexpr int kSettled = 3;    // bars after a change until it can be told from what comes
constexpr float kActivityAtPhrase = 0.2f, kActivityAtBar = 0.35f;  // that patterns change for

}  // namespace

void Form::Texture::add(float d, float l, float h) noexcept {
    count = std::min(count + 1, kMostBars);
    const float share = 1.0f / static_cast<float>(count);
    density += share * (d - density);
    level += share * (l - level);
    height += share * (h - height);
}

float Form::Texture::distance(const Texture& other) const noexcept {
    return std::abs(density - other.density) / kDensity + std::abs(level - other.level) / kLevel +
           std::abs(height - other.height) / kHeight;
}

const Place& Form::step(uint64_t bar, int step_in_bar, int steps_per_bar, const hearing::Heard& heard,
                        Key key, float activity, const float* emphasis, int loop) noexcept {
    const bool bar_begins = step_in_bar == 0 || !begun_ || bar != bar_;
    if (bar_begins) {
        begin_bar(bar, key, (loop + steps_per_bar / 2) / steps_per_bar);
        settle(place_, activity, emphasis);
    }
    bar_heard_.add(heard.onset_density, heard.level, heard.pitch_register);
    return place_;
}

// What patterns are made for, of a bar that begins.
void Form::settle(Place& place, float activity, const float* emphasis) noexcept {
    const float tolerance = place.section_begins()     ? 0.0f
                            : place.bar_in_phrase == 0 ? kActivityAtPhrase
                                                       : kActivityAtBar;
    if (std::abs(activity - place.activity) >= tolerance) place.activity = activity;
    if (place.bar_in_phrase == 0) std::copy_n(emphasis, kSlots, place.emphasis);
}

Place Form::next(float activity, const float* emphasis) const noexcept {
    Place place = place_;
    ++place.bar_in_section;
    if (++place.bar_in_phrase == place.phrase_bars) {
        place.bar_in_phrase = 0;
        if (place.bar_in_section == kSectionBars) {
            ++place.section;
            place.bar_in_section = 0;
            place.material = material_of((in_form_ + 1) % kSectionsOfForm);
        }
    }
    settle(place, activity, emphasis);
    return place;
}

void Form::begin_bar(uint64_t bar, Key key, int loop_bars) noexcept {
    const bool goes_on = begun_ && bar == bar_ + 1;
    bar_ = bar;
    if (!goes_on) {
        begun_ = true;
        place_.section += used_[pair_] != 0 ? 1 : 0;
        in_form_ = 0;
        changed_ = false;
        bar_heard_ = section_heard_ = Texture();
        key_ = key;
        return begin_section(loop_bars);
    }
    hear_bar(key);
    ++place_.bar_in_section;
    if (++place_.bar_in_phrase < place_.phrase_bars) return;
    place_.bar_in_phrase = 0;
    if (!changed_ && place_.bar_in_section < kSectionBars) return;
    ++place_.section;
    if (changed_) {
        change();
        in_form_ = 0;
    } else {
        in_form_ = (in_form_ + 1) % kSectionsOfForm;
    }
    begin_section(loop_bars);
}

void Form::begin_section(int loop_bars) noexcept {
    pair_heard_[pair_] = section_heard_.count > 0 ? section_heard_ : pair_heard_[pair_];
    used_[pair_] = place_.section + 1;
    changed_ = false;
    place_.bar_in_phrase = place_.bar_in_section = 0;
    place_.phrase_bars = loop_bars > 4 && loop_bars <= kSectionBars ? kSectionBars : 4;
    place_.material = material_of(in_form_);
    place_.version = versions_[pair_];
}

// The bar that is over, against its section.
void Form::hear_bar(Key key) noexcept {
    const bool another_key = key.known() && key_.known() && !(key == key_);
    if (key.known()) key_ = key;
    if (section_heard_.count >= kSettled && bar_heard_.distance(section_heard_) > kChanged) changed_ = true;
    if (another_key) changed_ = true;
    if (!changed_)
        section_heard_.add(bar_heard_.density, bar_heard_.level, bar_heard_.height);
    else
        pair_heard_[pair_] = section_heard_;
    if (!changed_) bar_heard_ = Texture();
}

// To the material that went with what is heard now; where none did, the one that was not used for longest is made new.
void Form::change() noexcept {
    pair_heard_[pair_] = section_heard_;
    int nearest = -1, oldest = -1;
    for (int pair = 0; pair < kPairs; ++pair) {
        if (pair == pair_) continue;
        const bool used = used_[pair] != 0;
        if (used && (nearest < 0 ||
                     bar_heard_.distance(pair_heard_[pair]) < bar_heard_.distance(pair_heard_[nearest])))
            nearest = pair;
        if (oldest < 0 || used_[pair] < used_[oldest]) oldest = pair;
    }
    if (nearest >= 0 && bar_heard_.distance(pair_heard_[nearest]) < kAlike) {
        pair_ = nearest;
    } else {
        pair_ = oldest;
        ++versions_[pair_];
        pair_heard_[pair_] = bar_heard_;
    }
    section_heard_ = Texture();
    bar_heard_ = Texture();
}

}  // namespace emohost::music
