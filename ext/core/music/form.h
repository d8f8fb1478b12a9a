// Where in the form the music is: phrases of four or eight bars in sections of eight, each of a material that the parts keep,
// vary and bring back. Left alone, sections go A A B A; when the player's texture or key changes the next phrase begins a
// section of other material, of the one that went with that texture before, if there was one. Real-time safe.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/hearing/listener.h"
#include "core/theory/keys.h"

namespace emohost::music {

using namespace theory;

constexpr int kMaxSteps = 32;       // in a bar; the longest has 28
constexpr int kSlots = 16;          // of groove, in a bar
constexpr int kSectionBars = 8;     // two phrases of four or one of eight
constexpr int kMaterials = 6;       // three pairs: one that leads and one that contrasts
constexpr int kSectionsOfForm = 4;  // A A B A

// A quantity that patterns are made for: it follows in jumps, at bar lines, so that they do not flicker with it.
class Held {
  public:
    float follow(float now, bool may_change, float tolerance) noexcept {
        const bool far = std::abs(now - value_) > tolerance;
        if (value_ < 0.0f || now <= 0.0f || (may_change && far)) value_ = now;
        return value_;
    }
    float value() const noexcept { return std::max(0.0f, value_); }

  private:
    float value_ = -1.0f;
};

struct Place {
    int phrase_bars = 4;
    int bar_in_phrase = 0;
    int bar_in_section = 0;
    uint32_t section = 0;   // sections begun before this one
    int material = 0;       // odd: it contrasts
    uint32_t version = 0;   // of that material; another one is composed anew
    float activity = 0.5f;  // that patterns are made for, [0, 1]
    float emphasis[kSlots] = {};

    bool section_begins() const noexcept { return bar_in_section == 0; }
    bool phrase_ends() const noexcept { return bar_in_phrase == phrase_bars - 1; }
    bool section_ends() const noexcept { return bar_in_section == kSectionBars - 1; }
    bool contrasts() const noexcept { return material % 2 == 1; }
};

class Form {
  public:
    // Before each step is played, in order. `bar`: since the start; where it does not go on from the last one a section
    // begins. `loop`: steps after which the chords come round, 0 unknown. `emphasis`: kSlots, [-1, 1].
    const Place& step(uint64_t bar, int step_in_bar, int steps_per_bar, const hearing::Heard& heard, Key key,
                      float activity, const float* emphasis, int loop) noexcept;
    const Place& place() const noexcept { return place_; }
    // Of the bar after this one, if what is heard stays as it is.
    Place next(float activity, const float* emphasis) const noexcept;

  private:
    // What a player does, over a bar or a section.
    struct Texture {
        float density = 0.0f, level = 0.0f, height = 0.0f;
        int count = 0;  // steps or bars in these means
        void add(float d, float l, float h) noexcept;
        float distance(const Texture& other) const noexcept;
    };
    static constexpr int kPairs = kMaterials / 2;

    void begin_bar(uint64_t bar, Key key, int loop_bars) noexcept;
    static void settle(Place& place, float activity, const float* emphasis) noexcept;
    void begin_section(int loop_bars) noexcept;
    int material_of(int in_form) const noexcept { return 2 * pair_ + (in_form == 2 ? 1 : 0); }
    void hear_bar(Key key) noexcept;
    void change() noexcept;

    Place place_;
    bool begun_ = false;
    uint64_t bar_ = 0;
    int in_form_ = 0;       // section of the A A B A
    int pair_ = 0;          // of materials, in use
    bool changed_ = false;  // the player does something else
    Key key_;
    Texture bar_heard_, section_heard_;
    Texture pair_heard_[kPairs];
    uint32_t used_[kPairs] = {};  // section in which each was begun, plus one
    uint32_t versions_[kPairs] = {};
};

}  // namespace emohost::music
