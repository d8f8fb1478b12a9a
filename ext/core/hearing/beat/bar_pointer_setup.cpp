// Building the bar pointer. Never on the audio thread.
#include <algorithm>
#include <cmath>

#include "core/hearing/beat/bar_pointer.h"
#include "core/signal/arithmetic.h"

namespace emohost::hearing {

using namespace signal;

namespace {

constexpr double kUsualTempo = 110, kTempoOctaves = 0.9;  // of the prior
constexpr double kSteady = 80;  // how steep the chance of another tempo falls with its distance
constexpr double kNear = 0.07;  // tempi that count as one

}  // namespace

BarPointer::BarPointer(double hop_s, double slowest, double fastest) : hop_s_(hop_s) {
    shortest_ = std::max(4, static_cast<int>(std::lround(60 / (fastest * hop_s))));
    const int longest = static_cast<int>(std::lround(60 / (slowest * hop_s)));
    tempi_ = std::clamp(longest - shortest_ + 1, 1, kTempi);
    double priors = 0;
    for (int tempo = 0; tempo < tempi_; ++tempo) {
        length_[tempo] = shortest_ + tempo;
        first_[tempo] = places_;
        places_ += length_[tempo];
        near_[tempo] = std::max(1, static_cast<int>(std::lround(kNear * length_[tempo])));
        const double octaves = std::log2(60 / (hop_s * length_[tempo]) / kUsualTempo) / kTempoOctaves;
        prior_[tempo] = static_cast<float>(std::exp(-0.5 * octaves * octaves));
        priors += static_cast<double>(prior_[tempo]) * length_[tempo];
    }
    for (int tempo = 0; tempo < tempi_; ++tempo) prior_[tempo] /= static_cast<float>(priors);
    state_.assign(static_cast<std::size_t>(kBars * places_), 0.0f);
    change_.assign(static_cast<std::size_t>(tempi_ * tempi_), 0.0f);
    for (int from = 0; from < tempi_; ++from) {
        double sum = 0;
        for (int to = 0; to < tempi_; ++to)
            sum += std::exp(-kSteady * std::fabs(static_cast<double>(length_[to]) / length_[from] - 1));
        for (int to = 0; to < tempi_; ++to)
            change_[static_cast<std::size_t>(from * tempi_ + to)] = static_cast<float>(
                std::exp(-kSteady * std::fabs(static_cast<double>(length_[to]) / length_[from] - 1)) / sum);
    }
    turn_.resize(static_cast<std::size_t>((1 + kMetres) * places_));
    for (int kind = 0; kind <= kMetres; ++kind)
        for (int tempo = 0; tempo < tempi_; ++tempo)
            for (int p = 0; p < length_[tempo]; ++p) {
                const double angle = kTau * p / length_[tempo] / (kind == 0 ? 1 : kMetre[kind - 1]);
                turn_[static_cast<std::size_t>(kind * places_ + first_[tempo] + p)] = {
                    static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
            }
    reset();
}

}  // namespace emohost::hearing
