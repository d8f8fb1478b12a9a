// Side A: everything between the sound card and the MIDI queue, one process() per block.
//
// The contract of process(), kept and tested: no allocation, no lock, no system call, no page fault after the
// first block, no exception, no Python, no logging, no unbounded loop, for any input (silence, denormals,
// NaN, infinity, null, any number of frames). NaN and infinity become silence and a counter. Flush-to-zero is
// on while it runs. All five networks run in every block; state is committed only on ticks, so that the
// block size changes nothing. Overload is a policy (overload.h): where settings allow it, and there alone, work
// is left out in a stated order while blocks take too long, every report says what, and it is taken back up.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "core/context.h"
#include "core/hearing/listener.h"
#include "core/messages.h"
#include "core/music/musician.h"
#include "core/nn/model.h"
#include "core/record.h"
#include "core/shared.h"

namespace emohost {

struct EngineSettings {
    double sample_rate = 48000.0;
    int max_block = 4096;
    int channels_in = 1;
    uint64_t heard = 0;    // bit c: channel c of the first 64 is listened to; 0: all are
    int channels_out = 0;  // 0: input only
    bool pass_through =
        false;  // copy input to output (channel c to channel c; silence where there is no such input)
    bool sheds = false;         // under overload work may be left out: only live, never offline
    bool between_ticks = true;  // false: networks run only on their ticks; what is played is the same
    uint64_t (*clock)() noexcept = nullptr;  // ns, for tests of overload; null: the monotonic clock
    hearing::ListenerSettings listener;
    music::MusicianSettings music;
};

// What was heard at one emotion tick, for offline use.
struct Hop {
    hearing::HeardAt heard;
    float embedding[kEmbedding];  // of the audio alone, before any blend
};

// A caller's buffer for the hops of one process(); what does not fit is not kept.
struct HopTrace {
    Hop* hops;
    int capacity;
    int count;
};

// What the networks were given for one step, and what that was made of.
struct Step {
    uint64_t frame;               // at which it was planned
    float embedding[kEmbedding];  // blended
    StepMoment moment;
    StepInputs inputs;
};

// Likewise for the steps.
struct StepTrace {
    Step* steps;
    int capacity;
    int count;
};

// What came in, each with the frame at which the engine took it, for tests and offline use. What does not fit is not kept.
struct InputTrace {
    struct Taken {
        InputEvent event;
        uint64_t at;
    };
    Taken* taken;
    int capacity;
    int count;
};

// The five networks by role; null where one is missing and the configuration allows it.
using Networks = std::array<std::unique_ptr<nn::Model>, kRoles>;
constexpr uint32_t kAllRoles = (1u << kRoles) - 1;

class Engine {
  public:
    // Allocates everything and rehearses a second of noise, so that code, tables and memory are warm.
    // `shared` outlives the engine. Throws std::invalid_argument when a network has the wrong sizes for its
    // role or a setting is out of range.
    Engine(const EngineSettings& settings, Networks&& networks, Shared& shared);
    ~Engine();

    // One block of interleaved float32. `in` may be null (silence), `out` may be null. Audio thread.
    // Real-time safe.
    void process(const float* in, float* out, int frames, uint32_t flags = 0,
                 double device_time = 0.0) noexcept;

    // PortAudio's stream callback; `user` is the Engine. Returns paContinue, always.
    static int portaudio_callback(const void* in, void* out, unsigned long frames, const void* time_info,
                                  unsigned long flags, void* user) noexcept;

    // Loader side, before the first block: listens to one more writer of Side B, whose ring outlives the engine and
    // may be mapped read-only. False when there are four already.
    bool listen(const EmotionRing& ring);
    // Likewise: goes on where an engine that is no more had come to (shared.h). Throws std::invalid_argument for what no
    // engine says.
    void resume(const Continuation& from);

    // Likewise: keeps all that the run is made of in `memory`, which outlives the engine (record.h). Where its
    // reader is behind, blocks are left out there; `record_half_full` tells a source that can wait.
    void record(RecordMemory& memory) noexcept;
    bool record_half_full() const noexcept;  // the thread that calls process()

    // Loader side (any one thread that is not the audio thread): offers networks, taken at the start of the next
    // block. A role of `replaced` (bit r: role r) gets the network that is offered, or none; until its first step the last
    // outputs of the one before hold. Every other keeps the network that it has, with its state. False if the last
    // offer has not been taken yet (`networks` is then left alone). Throws std::invalid_argument as the constructor does.
    bool offer(Networks&& networks, uint32_t replaced = kAllRoles);
    // Likewise another style in the place of the user's own, in force from the next bar line on.
    bool offer(const music::Style& own);
    // Frees what process() has stopped using. Returns how many sets were freed.
    int collect();

    // Between blocks, on the thread that calls process() or when that has ended: schedules the end of every
    // sounding note at the current frame; then take_owed() gives, one by one, what is scheduled and not yet
    // in the event ring (whose reader is not disturbed). False when nothing is left.
    void end_notes() noexcept;
    bool take_owed(MidiEvent* event) noexcept;
    // Offline, between blocks: records the hops of the following ones; null ends it. Set trace->count to 0
    // before each block.
    void trace_hops(HopTrace* trace) noexcept;
    void trace_steps(StepTrace* trace) noexcept;
    // Likewise what comes in through the input ring.
    void trace_inputs(InputTrace* trace) noexcept;
    // Offline: a recorded block as it was (replay.h).
    void replay(const RecordedBlock& block, const float* in) noexcept;

    uint64_t frame() const noexcept;  // frames processed; any thread
    const EngineSettings& settings() const noexcept;
    Shared& shared() const noexcept;
    std::size_t memory_bytes() const noexcept;  // all that process() touches; loader side

    struct State;

  private:
    std::unique_ptr<State> state_;
};

}  // namespace emohost
