// Overload as a policy: what is left out while blocks take too long, in which order, and when it is taken back
// up. Only arithmetic, on the durations that the callback measures with the clock that needs no system call.
//
// A block is late when it takes more than 80 % of its own length (the rest is the driver's and other clients').
// It counts 8, a block in time takes 1 back; at 32 the next thing in the list is left out: after four late
// blocks in a row, or after more that come close together, as at small block sizes, where only some blocks
// carry a tick. When the load was 50 % at most over a wait without a late block, the last thing that was left
// out is taken back up. The wait is 2 s, and doubles up to 32 s whenever that proves too early.
#pragma once

#include <cstdint>

namespace emohost {

// Each with all before it. The first changes no note: between ticks the networks are evaluated for the report.
enum class Shed : int {
    nothing,
    evaluations,  // networks between their ticks: the report holds what their last tick said
    listening,    // the search for notes: chroma, key and chord heard hold still
    networks,     // networks on their ticks: the musician plays on with what they said last
};

class Overload {
  public:
    explicit Overload(double sample_rate) noexcept : sample_rate_(sample_rate) {}

    // After each block. Real-time safe, as is all here.
    void finished(uint64_t duration_ns, uint32_t frames) noexcept;
    bool sheds(Shed what) const noexcept { return level_ >= static_cast<int>(what); }
    // Leaves out so much from now on, as a recorded run did.
    void hold(Shed level) noexcept { level_ = static_cast<int>(level); }
    Shed level() const noexcept { return static_cast<Shed>(level_); }

  private:
    void shed() noexcept;
    void take_up() noexcept;
    void wait_again() noexcept { waited_s_ = spent_s_ = 0.0; }

    double sample_rate_;
    int level_ = 0;
    int late_ = 0;                // 8 for a late block, -1 for one in time
    double waited_s_ = 0.0;       // of audio, without a late block
    double spent_s_ = 0.0;        // in the callback meanwhile
    double wait_s_ = 2.0;         // until something is taken back up
    double since_taken_s_ = 0.0;  // of audio, since that happened
    bool taken_up_ = false;       // nothing was left out since
};

}  // namespace emohost
