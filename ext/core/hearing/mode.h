// How major or minor pitch classes are, whatever their tonic.
#pragma once

namespace emohost::hearing {

// -1 minor to 1 major; 0 where both fit alike, and for zeros. chroma: 12 pitch classes, >= 0. Real-time safe.
// The difference between the best correlations with D. Temperley's major and minor profiles (Music and Probability,
// MIT Press 2007), as emohost.training.data_sets.labels.mode_of_chroma computes it.
float mode_of_chroma(const float* chroma) noexcept;

}  // namespace emohost::hearing
