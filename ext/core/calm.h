// What is no music moves nobody: emotion sinks to neutral and calm over some seconds while noise, speech or nothing is
// heard, and comes back with the music. Real-time safe.
#pragma once

#include "core/emotion.h"
#include "core/vocabulary.h"

namespace emohost {

class Calm {
  public:
    explicit Calm(double hop_s) noexcept;
    // Every hop. `lately`: what kind of sound was heard last.
    void hop(hearing::Sound lately) noexcept;
    // out: the network's embedding `felt`, as far as what is heard moves anybody; 64 numbers each.
    void mix(const float* felt, float* out) const noexcept;

  private:
    float rise_, sink_;
    float share_ = 0;  // of what the network says
    alignas(64) float calm_[kEmbedding];
};

}  // namespace emohost
