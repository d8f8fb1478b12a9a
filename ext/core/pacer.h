// A native thread that calls Engine::process() as a sound card would, for the file and dummy backends.
// Deadlines are absolute on the monotonic clock, one every block_size / sample_rate seconds.
#pragma once

#include <cstdint>
#include <memory>

#include "core/engine.h"

namespace emohost {

enum class Signal { silence, noise };

class Pacer {
  public:
    // `engine` outlives the pacer; while the thread runs, nobody else calls its process(). `paced` false: as
    // fast as the readers of the event and telemetry rings keep up (it waits while either is more than half
    // full). Throws std::invalid_argument when block_size is not 1 to the engine's max_block.
    Pacer(Engine& engine, int block_size, bool paced);
    ~Pacer();  // stop()

    // All from one thread, the owner's. start() once; throws std::system_error when there is no thread to be
    // had.
    void start();
    // Queues frames of interleaved audio for the thread; returns how many fitted. Does not wait.
    uint64_t feed(const float* audio, uint64_t frames);
    // No more will be fed: the thread ends after the last queued frame (a last short block is played as it
    // is).
    void end();
    // Before start(): `signal` for ever instead of feed(). The noise is the same for the same seed.
    void feed_signal(Signal signal, uint64_t seed, double level_db);
    // Ends after the block in hand and joins the thread. May be called again.
    void stop();

    bool running() const noexcept;
    bool realtime() const noexcept;  // the system gave the thread a real-time priority
    // Paced: times the thread waited for audio after its first block (nothing was skipped).
    uint64_t underflows() const noexcept;
    uint64_t late() const noexcept;  // blocks that started more than one block after their deadline

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace emohost
