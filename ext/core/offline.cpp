#include "core/offline.h"

#include <algorithm>
#include <cmath>

namespace emohost {

namespace {

// As many as can be planned in a block, and some that a shift brought together.
std::size_t most_steps(const EngineSettings& settings, int block_size) {
    return static_cast<std::size_t>(block_size / settings.sample_rate * kMostTempo / 60.0 * 4.0) + 8;
}

// Stops the trace on the way out, also when memory runs out half way.
class Tracing {
  public:
    Tracing(Engine& engine, HopTrace* hops, StepTrace* steps) : engine_(engine) {
        engine_.trace_hops(hops);
        engine_.trace_steps(steps);
    }
    ~Tracing() {
        engine_.trace_hops(nullptr);
        engine_.trace_steps(nullptr);
    }

  private:
    Engine& engine_;
};

}  // namespace

void collect(Engine& engine, Rendering* rendering) {
    MidiEvent event;
    while (engine.shared().event.pop(&event)) rendering->events.push_back(event);
    BlockReport report;
    while (engine.shared().telemetry.pop(&report)) rendering->reports.push_back(report);
}

void render(Engine& engine, const float* audio, uint64_t frames, int block_size, Rendering* rendering) {
    const EngineSettings& settings = engine.settings();
    const double hop_frames = settings.listener.hop_s * settings.sample_rate;
    std::vector<Hop> hops(static_cast<std::size_t>(std::ceil(block_size / hop_frames)) + 1);
    std::vector<float> out(static_cast<std::size_t>(block_size) *
                           static_cast<std::size_t>(settings.channels_out));
    HopTrace trace{hops.data(), static_cast<int>(hops.size()), 0};
    std::vector<Step> steps(rendering->keeps_steps ? most_steps(settings, block_size) : 0);
    StepTrace step_trace{steps.data(), static_cast<int>(steps.size()), 0};
    const Tracing tracing(engine, &trace, rendering->keeps_steps ? &step_trace : nullptr);
    for (uint64_t done = 0; done < frames;) {
        const int block =
            static_cast<int>(std::min<uint64_t>(static_cast<uint64_t>(block_size), frames - done));
        trace.count = step_trace.count = 0;
        engine.process(audio + done * static_cast<uint64_t>(settings.channels_in),
                       out.empty() ? nullptr : out.data(), block);
        rendering->hops.insert(rendering->hops.end(), hops.begin(), hops.begin() + trace.count);
        rendering->steps.insert(rendering->steps.end(), steps.begin(), steps.begin() + step_trace.count);
        collect(engine, rendering);
        done += static_cast<uint64_t>(block);
    }
}

void finish(Engine& engine, Rendering* rendering) {
    engine.end_notes();
    MidiEvent event;
    while (engine.take_owed(&event)) rendering->events.push_back(event);
}

}  // namespace emohost
