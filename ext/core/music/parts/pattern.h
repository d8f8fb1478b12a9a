// What a part has drawn for each material of the form: kept while the material's version stands, so that what comes again
// sounds as it did. Real-time safe.
#pragma once

#include <cstdint>

#include "core/music/form.h"
#include "core/music/rng.h"

namespace emohost::music {

// `Pattern` has `void draw(Rng&) noexcept`, which draws all of it anew.
template <typename Pattern>
class Patterns {
  public:
    // stream: of the part's random numbers (rng.h).
    Patterns(uint64_t seed, uint64_t stream) noexcept : seed_(seed), stream_(stream) {}

    const Pattern& at(const Place& place) noexcept {
        Kept& kept = kept_[place.material];
        if (kept.version != place.version) {
            kept.version = place.version;
            Rng rng(seed_ + 64 * place.version + static_cast<uint64_t>(place.material), stream_);
            kept.pattern.draw(rng);
        }
        return kept.pattern;
    }

  private:
    struct Kept {
        uint32_t version = ~0u;
        Pattern pattern;
    };

    uint64_t seed_, stream_;
    Kept kept_[kMaterials];
};

}  // namespace emohost::music
