#include "core/nn/timing.h"

#include <algorithm>
#include <limits>

#include "core/rt/clock.h"
#include "core/rt/denormals.h"
#include "core/rt/thread.h"

namespace emohost::nn {

namespace {

// Uniform in [-1, 1), the same everywhere.
class Random {
  public:
    float next() {
        state_ = state_ * 1664525u + 1013904223u;
        return static_cast<float>(state_ >> 8) / 8388608.0f - 1.0f;
    }

  private:
    uint32_t state_ = 1;
};

// Times `work` after `prepare`, `steps` times.
template <typename Prepare, typename Work>
std::vector<uint32_t> time_all(int steps, const Pace& pace, Prepare prepare, Work work) {
    const rt::FlushDenormals guard;
    std::vector<uint64_t> other(pace.touched_bytes / sizeof(uint64_t));
    std::vector<uint32_t> readings(static_cast<std::size_t>(steps));
    for (uint32_t& reading : readings) {
        prepare();
        for (uint64_t& word : other) ++word;
        if (pace.pause_s > 0) rt::sleep_until(rt::monotonic_ns() + static_cast<uint64_t>(1e9 * pace.pause_s));
        const uint64_t started = rt::monotonic_ns();
        work();
        const uint64_t took = rt::monotonic_ns() - started;
        reading = static_cast<uint32_t>(std::min<uint64_t>(took, std::numeric_limits<uint32_t>::max()));
    }
    return readings;
}

}  // namespace

std::vector<uint32_t> time_steps(const std::vector<Model*>& chain, int steps, const Pace& pace) {
    std::size_t widest = 0;
    for (const Model* model : chain) widest = std::max(widest, static_cast<std::size_t>(model->outputs()));
    std::vector<std::vector<float>> inputs;
    for (const Model* model : chain) inputs.emplace_back(static_cast<std::size_t>(model->inputs()));
    std::vector<float> out(widest);
    Random random;
    const auto draw = [&] {
        for (auto& input : inputs) {
            for (float& value : input) value = random.next();
        }
    };
    return time_all(steps, pace, draw, [&] {
        for (std::size_t i = 0; i < chain.size(); ++i) {
            chain[i]->evaluate(inputs[i].data(), out.data());
            chain[i]->commit();
        }
    });
}

std::vector<uint32_t> time_reading(const std::vector<Model*>& chain, int steps, const Pace& pace) {
    volatile float sum = 0;
    return time_all(
        steps, pace, [] {},
        [&] {
            float all = 0;
            for (const Model* model : chain) all += model->read_memory();
            sum = all;
        });
}

}  // namespace emohost::nn
