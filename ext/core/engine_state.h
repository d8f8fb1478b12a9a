// All that process() touches, in one struct. Built and freed by engine_setup.cpp; played by engine.cpp, whose
// functions are the methods marked "audio thread".
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "core/engine.h"
#include "core/overload.h"
#include "core/rt/ring.h"
#include "core/side_b.h"

namespace emohost {

constexpr int kContext = 64;        // second half of the harmony network's input
constexpr int kDynamicsHalf = 16;   // embedding pooled, and context: the dynamics network's input
constexpr float kLoudest = 100.0f;  // samples are clamped to this for analysis (40 dB over full scale)

struct RoleSize {
    const char* name;
    int inputs, outputs;
};
constexpr RoleSize kRoleSizes[kRoles] = {
    {"emotion", dsp::kFeatures, kEmbedding},
    {"melody", kEmbedding, 128},
    {"harmony", kEmbedding + kContext, music::kChordClasses},
    {"dynamics", 2 * kDynamicsHalf, 16},
    {"groove", kEmbedding, 32},
};
constexpr int kMostOutputs = 128;

// The five networks with their newest outputs. Swapped as a whole.
struct NetworkSet {
    Networks networks;
    alignas(64) float committed[kRoles][kMostOutputs] = {};    // at the network's last tick
    alignas(64) float provisional[kRoles][kMostOutputs] = {};  // evaluated since, for the block's report

    bool has(Role role) const noexcept { return networks[role] != nullptr; }
    void step(Role role, const float* in) noexcept;      // evaluate and commit. Audio thread.
    void evaluate(Role role, const float* in) noexcept;  // state stays. Audio thread.
    music::Outputs outputs() const noexcept;             // as committed
    void warm() noexcept;                                // loader: one step each, then back to the start
};

struct Engine::State {
    State(const EngineSettings& settings, Shared& shared, std::unique_ptr<dsp::Listener> listener,
          std::unique_ptr<music::Musician> musician, std::unique_ptr<NetworkSet> set);

    void count_memory(const NetworkSet& networks) noexcept;  // loader side

    const EngineSettings settings;
    Shared& shared;
    std::unique_ptr<NetworkSet> set;
    std::unique_ptr<dsp::Listener> listener;
    std::unique_ptr<music::Musician> musician;
    std::vector<float> mono;  // max_block
    rt::Ring<NetworkSet*, 2> load;
    rt::Ring<NetworkSet*, 8> graveyard;

    std::size_t memory_bytes = 0;  // loader side alone
    uint64_t frame = 0;            // end of what has been consumed
    std::atomic<uint64_t> published_frame{0};
    uint64_t block = 0;
    uint32_t onsets = 0;
    uint32_t bad_samples = 0;
    bool first_block = true;
    SideB side_b;
    alignas(64) float audio_embedding[kEmbedding];  // of the emotion network's last tick
    alignas(64) float embedding[kEmbedding];        // blended, at the last musical moment
    Emotion emotion{0, 0};                          // what `embedding` says
    BlockReport report{};                           // of the block in hand
    bool ran[kRoles] = {};                          // stepped in this block
    HopTrace* trace = nullptr;
    Overload overload;

    uint64_t now() const noexcept;  // ns

    // Audio thread, in this order.
    void process(const float* in, float* out, int frames, uint32_t flags, double device_time) noexcept;
    void begin(uint64_t started, int frames, uint32_t flags, double device_time) noexcept;
    void take_networks() noexcept;
    void obey_commands() noexcept;
    void obey(const Command& command) noexcept;
    void take_emotion(uint64_t now_ns) noexcept;
    void mix(const float* in, int frames) noexcept;
    void fill_output(const float* in, float* out, int frames) const noexcept;
    void walk(int frames) noexcept;
    void plan_due_steps() noexcept;
    void take_tick(const dsp::Tick& tick) noexcept;
    void feel(uint64_t at) noexcept;
    void evaluate_the_rest() noexcept;
    void hand_out(uint64_t until) noexcept;
    void finish_report(uint64_t started) noexcept;

    // The networks' inputs for the step that is planned next.
    struct StepInputs {
        alignas(64) float harmony[kEmbedding + kContext];
        alignas(64) float dynamics[2 * kDynamicsHalf];
    };
    void describe(const float* from, StepInputs* inputs) const noexcept;
};

}  // namespace emohost
