// The styles that an engine has, and which of them is in force: one that was asked for, from a bar line on, or the one that
// fits best what is heard, looked for where a section begins. Real-time safe.
#pragma once

#include <vector>

#include "core/hearing/listener.h"
#include "core/music/form.h"
#include "core/music/styles/style.h"
#include "core/vocabulary.h"

namespace emohost::music {

class Styles {
  public:
    static constexpr int kCount = static_cast<int>(StyleName::count) - 1;  // all but `auto_`
    static constexpr int kOwn = kCount - 1;

    // Before the stream: copies what is given (kCount at most; what is missing cannot be asked for).
    Styles(const std::vector<Style>& given, StyleName asked) noexcept;

    // Another one in the place of the user's own, or the first, from the next bar line on.
    void give_own(const Style& style) noexcept;
    // From the next bar line on; `auto_`: from the next section on.
    void ask(StyleName name) noexcept;
    // At each step, once the form knows it.
    void step(const Place& place, int step_in_bar, double tempo, int beats, const hearing::Heard& heard,
              float valence, float activity) noexcept;

    const Style& now() const noexcept { return styles_[now_]; }
    // `auto_` before the first step.
    StyleName name() const noexcept { return static_cast<StyleName>(chosen_ ? now_ + 1 : 0); }

  private:
    float cost(const Style& style) const noexcept;
    int best(int beats) const noexcept;

    Style styles_[kCount];
    bool known_[kCount] = {};
    Style coming_;        // the user's own from the next bar line on,
    bool comes_ = false;  // if there is one to come
    StyleName asked_;
    int now_ = 0;
    bool chosen_ = false;  // a style was chosen for a section
    uint32_t section_ = 0;
    // What is heard, as means over about four bars.
    bool heard_ = false;
    float tempo_ = 100.0f, valence_ = 0.0f, activity_ = 0.5f, density_ = 0.0f;
};

}  // namespace emohost::music
