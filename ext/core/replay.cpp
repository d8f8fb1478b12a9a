#include "core/replay.h"

#include "core/engine_state.h"

namespace emohost {

namespace {

thread_local uint64_t now_ns = 0;

constexpr uint32_t kDriverFlags =
    kInputUnderflow | kInputOverflow | kOutputUnderflow | kOutputOverflow | kPrimingOutput;

Shed level_of(uint32_t flags) {
    if (flags & kShedNetworks) return Shed::networks;
    if (flags & kShedListening) return Shed::listening;
    return flags & kShedEvaluations ? Shed::evaluations : Shed::nothing;
}

}  // namespace

uint64_t replayed_clock() noexcept { return now_ns; }

void Engine::replay(const RecordedBlock& block, const float* in) noexcept {
    now_ns = block.started_ns;
    state_->overload.hold(level_of(block.flags));
    process(block.flags & kNullInput ? nullptr : in, nullptr, static_cast<int>(block.frames),
            block.flags & kDriverFlags);
}

void replay(Engine& engine, const RecordedBlock* blocks, std::size_t count, const float* samples,
            Rendering* rendering) {
    const auto width = static_cast<std::size_t>(engine.settings().channels_in);
    for (std::size_t i = 0; i < count; ++i) {
        engine.replay(blocks[i], samples);
        samples += blocks[i].frames * width;
        collect(engine, rendering);
    }
}

}  // namespace emohost
