// The lines of a style as a part reads them at a step: which of them strike, what they strike, for how long. Real-time safe.
#pragma once

#include "core/music/moment.h"
#include "core/music/rng.h"
#include "core/music/styles/style.h"

namespace emohost::music {

// How likely a mark of the notation is to be struck, before emphasis and density; above 1 it outlasts some thinning.
float chance_of(char mark, float activity) noexcept;
// Louder or softer by so much, as Stage::play takes it.
float loudness_of(char mark) noexcept;
// Factor on chances: a low density thins out more than in proportion, since most chances are above 1.
float share_of(float density) noexcept;
inline bool strikes(char mark) noexcept { return mark != '.' && mark != '-' && mark != '\0'; }

// Numbers in [0, 1) that stay for a material: what is more likely than its number is struck.
template <int Lines>
struct Drawn {
    float numbers[Lines][kLineSteps];

    void draw(Rng& rng) noexcept {
        for (auto& line : numbers)
            for (float& each : line) each = rng.unit();
    }
};

struct Struck {
    int line = -1;  // -1: nothing is
    char mark = '.';
    float level = 0.0f;
    explicit operator bool() const noexcept { return line >= 0; }
};

// Of one part at the moment; it looks ahead as if the next bar were like this one.
class Reading {
  public:
    Reading(const Line* lines, int count, const float (*drawn)[kLineSteps], const Moment& moment,
            float density) noexcept
        : lines_(lines), count_(count), drawn_(drawn), moment_(moment), density_(share_of(density)) {}

    // The first line that strikes `ahead` steps from now.
    Struck at(int ahead) const noexcept;
    // Steps to the next strike, `most` if none comes before.
    int to_next(int most) const noexcept;
    // Steps that a note struck now lasts: as far as its line holds it.
    int length(const Struck& struck) const noexcept;
    // A bit for each step of a bar of the style that is struck; the moment is its first step.
    uint32_t bar() const noexcept;
    // Some line lets a note sound here that was struck before.
    bool holds() const noexcept;

  private:
    struct Where {
        int bar, step;
    };
    Where where(int ahead) const noexcept;
    bool is_struck(int line, char mark, Where where) const noexcept;
    bool plays(int line) const noexcept;

    const Line* lines_;
    int count_;
    const float (*drawn_)[kLineSteps];
    const Moment& moment_;
    float density_;
};

}  // namespace emohost::music
