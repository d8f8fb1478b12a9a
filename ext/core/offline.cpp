#include "core/offline.h"

#include <algorithm>
#include <cmath>

namespace emohost {

namespace {

void collect(Engine& engine, Rendering* rendering) {
    MidiEvent event;
    while (engine.shared().event.pop(&event)) rendering->events.push_back(event);
    BlockReport report;
    while (engine.shared().telemetry.pop(&report)) rendering->reports.push_back(report);
}

// Stops the trace on the way out, also when memory runs out half way.
class Tracing {
  public:
    Tracing(Engine& engine, HopTrace* trace) : engine_(engine) { engine_.trace_hops(trace); }
    ~Tracing() { engine_.trace_hops(nullptr); }

  private:
    Engine& engine_;
};

}  // namespace

void render(Engine& engine, const float* audio, uint64_t frames, int block_size, Rendering* rendering) {
    const EngineSettings& settings = engine.settings();
    const double hop_frames = settings.listener.hop_s * settings.sample_rate;
    std::vector<Hop> hops(static_cast<std::size_t>(std::ceil(block_size / hop_frames)) + 1);
    std::vector<float> out(static_cast<std::size_t>(block_size) *
                           static_cast<std::size_t>(settings.channels_out));
    HopTrace trace{hops.data(), static_cast<int>(hops.size()), 0};
    const Tracing tracing(engine, &trace);
    for (uint64_t done = 0; done < frames;) {
        const int block =
            static_cast<int>(std::min<uint64_t>(static_cast<uint64_t>(block_size), frames - done));
        trace.count = 0;
        engine.process(audio + done * static_cast<uint64_t>(settings.channels_in),
                       out.empty() ? nullptr : out.data(), block);
        rendering->hops.insert(rendering->hops.end(), hops.begin(), hops.begin() + trace.count);
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
