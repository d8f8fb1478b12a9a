// What a block may hold, kind by kind, and what the other sides of the rings send meanwhile. For tests and
// `emohost validate`; everything is allocated at once, so that a thread that may not call the system can play it.
#pragma once

#include <cstdint>
#include <vector>

#include "core/engine.h"

namespace emohost::proof {

enum class Input : int {
    music,
    silence,
    noise,      // at full scale, white
    clicks,     // four a second at full scale
    offset,     // DC at 0.7
    denormals,  // noise whose every sample is one
    not_a_number,
    infinity,     // of both signs in turn
    missing,      // the driver gives no buffer
    alternating,  // music in blocks of half and of one and a half times the length
    count
};
constexpr int kInputs = static_cast<int>(Input::count);
constexpr const char* kInputNames[kInputs] = {"music",   "silence",    "noise",        "clicks",
                                              "offset",  "denormals",  "not a number", "infinity",
                                              "missing", "alternating"};

struct Block {
    const float* in;  // null: missing
    int frames;
};

class Stimulus {
  public:
    // `audio`: interleaved music, at least one frame; outlives this. `most`: frames of the longest block.
    Stimulus(const float* audio, uint64_t frames, int channels, int most);

    // The next block of `frames` frames (of alternating: about as many). Real-time safe.
    Block next(Input kind, int frames) noexcept;

  private:
    void fill(Input kind, std::size_t samples) noexcept;
    float random() noexcept;

    const float* audio_;
    uint64_t length_, at_ = 0;  // frames of the music
    std::size_t channels_;
    int most_;
    uint32_t random_ = 1;
    uint64_t blocks_ = 0, clock_ = 0;  // clock_: frames of clicks
    std::vector<float> block_;
};

// Commands, Side B's emotions, a stop and a start every few blocks. Real-time safe.
void disturb(Shared& shared, uint64_t block) noexcept;

}  // namespace emohost::proof
