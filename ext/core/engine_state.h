// All that process() touches, in one struct. Built and freed by engine_setup.cpp; played by engine.cpp and engine_inbox.cpp, whose
// functions are the methods marked "audio thread".
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "core/calm.h"
#include "core/engine.h"
#include "core/hearing/note_synth.h"
#include "core/overload.h"
#include "core/pending.h"
#include "core/rt/ring.h"
#include "core/side_b.h"

namespace emohost {

constexpr float kLoudest = 100.0f;  // samples are clamped to this for analysis (40 dB over full scale)
constexpr float kFullScale = 0.9995f;
constexpr int kClippedRow = 3;      // samples in a row at full scale: one alone may be a peak that just fits
constexpr double kAudible = 1e-6;   // mean square of the channels (-60 dBFS), below which nothing can cancel
constexpr double kCancelled = 0.1;  // of the power that channels without relation would leave when mixed

static_assert(kRoleSizes[kEmotionRole].inputs == hearing::kFeatures &&
                  kRoleSizes[kEmotionRole].outputs == kEmbedding &&
                  kRoleSizes[kHarmonyRole].outputs == theory::kChordClasses,
              "what the networks are given fits their sizes");

// The networks with their newest outputs.
struct NetworkSet {
    Networks networks;
    uint32_t replaced = kAllRoles;  // roles that do not go on with the network of the set before
    alignas(64) float committed[kRoles][kMostOutputs] = {};    // at the network's last tick
    alignas(64) float provisional[kRoles][kMostOutputs] = {};  // evaluated since, for the block's report

    bool has(Role role) const noexcept { return networks[role] != nullptr; }
    void step(Role role, const float* in) noexcept;      // evaluate and commit. Audio thread.
    void evaluate(Role role, const float* in) noexcept;  // state stays. Audio thread.
    music::Outputs outputs() const noexcept;             // as committed
    void warm() noexcept;                                // loader: one step each, then back to the start
    // Takes the place of that set, which is left with what nobody needs any more. Audio thread.
    void take_over(NetworkSet& before) noexcept;
};

struct Engine::State {
    State(const EngineSettings& settings, Shared& shared, std::unique_ptr<hearing::Listener> listener,
          std::unique_ptr<music::Musician> musician, std::unique_ptr<NetworkSet> set);

    void count_memory(const NetworkSet& networks) noexcept;  // loader side: of those that it replaces

    const EngineSettings settings;
    Shared& shared;
    std::unique_ptr<NetworkSet> set;
    std::unique_ptr<hearing::Listener> listener;
    std::unique_ptr<music::Musician> musician;
    std::vector<float> mono;       // max_block
    const std::vector<int> heard;  // the channels that are listened to
    rt::Ring<NetworkSet*, 2> load;
    rt::Ring<NetworkSet*, 8> graveyard;
    rt::Ring<music::Style, 2> styles;  // the user's own, to come

    std::array<std::size_t, kRoles> network_bytes{};  // only the loader's side
    uint64_t frame = 0;                               // end of what has been consumed
    std::atomic<uint64_t> published_frame{0};
    uint64_t block = 0;
    uint32_t onsets = 0;
    uint32_t bad_samples = 0;
    bool first_block = true;
    SideB side_b;
    Calm calm;
    alignas(64) float audio_embedding[kEmbedding];  // of the emotion network's last tick
    alignas(64) float embedding[kEmbedding];        // blended, at the last musical moment
    Emotion emotion{0, 0};                          // what `embedding` says
    Continuation resumes{};                         // what the first block goes on from;
    bool resuming = false;                          // if anything
    BlockReport report{};                           // of the block in hand
    bool ran[kRoles] = {};                          // stepped in this block
    HopTrace* trace = nullptr;
    StepTrace* step_trace = nullptr;
    Overload overload;
    Pending<Command, 256> pending;        // commands of frames to come: as many as the ring holds
    Pending<InputEvent, 256> pending_in;  // MIDI of frames to come
    InputTrace* input_trace = nullptr;
    RecordWriter record;
    uint64_t inputs_taken = 0, inputs_refused = 0;
    hearing::NoteSynth notes;  // heard in place of the audio,
    const bool hears_notes;    // where an input is for that

    uint64_t now() const noexcept;  // ns

    // Audio thread, in this order.
    void process(const float* in, float* out, int frames, uint32_t flags, double device_time) noexcept;
    void begin(uint64_t started, int frames, uint32_t flags, double device_time) noexcept;
    void resume(uint64_t now_ns) noexcept;
    void take_networks() noexcept;
    void take_style() noexcept;
    void take_commands() noexcept;
    void apply_due() noexcept;
    void apply(const Command& command) noexcept;
    void take_inputs() noexcept;
    void receive_due() noexcept;
    void receive(const InputEvent& event) noexcept;
    void take_emotion(uint64_t now_ns) noexcept;
    void mix(const float* in, int frames) noexcept;
    void look_for_clipping(const float* in, int frames) noexcept;
    void fill_output(const float* in, float* out, int frames) const noexcept;
    void walk(int frames) noexcept;
    void plan_due_steps() noexcept;
    void keep_step(const StepMoment& moment, const StepInputs& inputs) noexcept;
    void take_tick(const hearing::Tick& tick) noexcept;
    void feel(uint64_t at) noexcept;
    void evaluate_the_rest() noexcept;
    void hand_out(uint64_t until) noexcept;
    void finish_report(uint64_t started) noexcept;
    void tell_continuation() noexcept;
};

}  // namespace emohost
