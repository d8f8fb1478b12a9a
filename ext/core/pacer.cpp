#include "core/pacer.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "core/rt/clock.h"
#include "core/rt/thread.h"

namespace emohost {

namespace {

constexpr double kQueueSeconds = 2.0;
constexpr uint64_t kPollNs = 500000;  // how often a thread that waits for audio or room looks again
constexpr uint64_t kMostCatchUpNs =
    100000000;  // further behind, the deadlines move (a suspended machine, say)

// Single-producer single-consumer queue of whole frames, of a size known only at run time.
class FrameQueue {
  public:
    FrameQueue(uint64_t frames, int channels)
        : channels_(static_cast<uint64_t>(channels)), capacity_(frames), samples_(frames * channels_) {}

    uint64_t size() const noexcept {
        const uint64_t tail = tail_.load(std::memory_order_acquire);
        return head_.load(std::memory_order_acquire) - tail;
    }

    uint64_t push(const float* audio, uint64_t frames) noexcept {
        const uint64_t head = head_.load(std::memory_order_relaxed);
        frames = std::min(frames, capacity_ - (head - tail_.load(std::memory_order_acquire)));
        copy(head, frames,
             [&](float* slot, uint64_t offset, uint64_t n) { std::copy_n(audio + offset, n, slot); });
        head_.store(head + frames, std::memory_order_release);
        return frames;
    }

    // frames <= size().
    void pop(float* audio, uint64_t frames) noexcept {
        const uint64_t tail = tail_.load(std::memory_order_relaxed);
        copy(tail, frames,
             [&](float* slot, uint64_t offset, uint64_t n) { std::copy_n(slot, n, audio + offset); });
        tail_.store(tail + frames, std::memory_order_release);
    }

  private:
    // The one or two runs of samples that `frames` frames from `index` on occupy.
    template <typename Run>
    void copy(uint64_t index, uint64_t frames, Run run) noexcept {
        const uint64_t at = index % capacity_, first = std::min(frames, capacity_ - at);
        run(samples_.data() + at * channels_, 0, first * channels_);
        run(samples_.data(), first * channels_, (frames - first) * channels_);
    }

    const uint64_t channels_, capacity_;
    std::vector<float> samples_;
    alignas(64) std::atomic<uint64_t> head_{0};
    alignas(64) std::atomic<uint64_t> tail_{0};
};

// White noise, uniform, of a given level (xorshift64*, Vigna 2016).
class Noise {
  public:
    Noise(uint64_t seed, double level_db)
        : state_(seed * 0x9e3779b97f4a7c15u + 0x2545f4914f6cdd1du),
          amplitude_(static_cast<float>(std::sqrt(3.0) * std::pow(10.0, level_db / 20.0))) {
        if (state_ == 0) state_ = 1;
    }
    float next() noexcept {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        const uint32_t bits = static_cast<uint32_t>((state_ * 0x2545f4914f6cdd1du) >> 40);  // 24 bits
        return amplitude_ * (static_cast<float>(bits) / 8388608.0f - 1.0f);
    }

  private:
    uint64_t state_;
    float amplitude_;
};

}  // namespace

struct Pacer::State {
    State(Engine& an_engine, int a_block_size, bool is_paced)
        : engine(an_engine),
          block_size(a_block_size),
          paced(is_paced),
          block_ns(1e9 * a_block_size / an_engine.settings().sample_rate),
          queue(static_cast<uint64_t>(
                    std::max(kQueueSeconds * an_engine.settings().sample_rate, 4.0 * a_block_size)),
                an_engine.settings().channels_in),
          in(static_cast<std::size_t>(a_block_size) *
             static_cast<std::size_t>(an_engine.settings().channels_in)),
          out(static_cast<std::size_t>(a_block_size) *
              static_cast<std::size_t>(an_engine.settings().channels_out)),
          noise(0, 0.0) {}

    Engine& engine;
    const int block_size;
    const bool paced;
    const double block_ns;
    FrameQueue queue;
    std::vector<float> in, out;
    bool endless = false;
    Signal signal = Signal::silence;
    Noise noise;
    std::thread thread;
    std::atomic<bool> stopping{false}, ended{false}, running{false}, realtime{false};
    std::atomic<uint64_t> underflows{0}, late{0};

    void run() noexcept;
    int next_block(bool* waited) noexcept;
    void wait_for_readers() noexcept;
    void pause() const noexcept { rt::sleep_until(rt::monotonic_ns() + kPollNs); }
};

// Fills `in`; returns its frames, 0 when the thread shall end.
int Pacer::State::next_block(bool* waited) noexcept {
    if (endless) {
        if (signal == Signal::noise) {
            for (float& sample : in) sample = noise.next();
        }
        return block_size;
    }
    const uint64_t wanted = static_cast<uint64_t>(block_size);
    *waited = false;
    while (!stopping.load(std::memory_order_relaxed)) {
        const bool last =
            ended.load(std::memory_order_acquire);  // before size(): then all that was fed is counted
        const uint64_t frames = std::min(queue.size(), wanted);
        if (frames == wanted || (last && frames > 0)) {
            queue.pop(in.data(), frames);
            return static_cast<int>(frames);
        }
        if (last) return 0;
        if (!*waited && paced && engine.frame() > 0) underflows.fetch_add(1, std::memory_order_relaxed);
        *waited = true;
        pause();
    }
    return 0;
}

void Pacer::State::wait_for_readers() noexcept {
    const Shared& shared = engine.shared();
    while (!stopping.load(std::memory_order_relaxed) &&
           (shared.event.size() > shared.event.capacity() / 2 ||
            shared.telemetry.size() > shared.telemetry.capacity() / 2 || engine.record_half_full())) {
        pause();
    }
}

void Pacer::State::run() noexcept {
    if (paced) realtime.store(rt::raise_priority(), std::memory_order_relaxed);
    uint64_t origin = rt::monotonic_ns();
    double elapsed = 0.0;  // ns of audio since `origin`
    while (!stopping.load(std::memory_order_relaxed)) {
        bool waited = false;
        const int frames = next_block(&waited);
        if (frames == 0) break;
        if (paced) {
            const uint64_t deadline = origin + static_cast<uint64_t>(elapsed);
            rt::sleep_until(deadline);
            const uint64_t behind = rt::monotonic_ns() - deadline;
            if (!waited && static_cast<double>(behind) > block_ns)
                late.fetch_add(1, std::memory_order_relaxed);
            if (waited || behind > kMostCatchUpNs) {
                origin = rt::monotonic_ns();
                elapsed = 0.0;
            }
        } else {
            wait_for_readers();
        }
        engine.process(in.data(), out.empty() ? nullptr : out.data(), frames);
        elapsed += block_ns;
    }
    running.store(false, std::memory_order_release);
}

Pacer::Pacer(Engine& engine, int block_size, bool paced) {
    if (block_size < 1 || block_size > engine.settings().max_block) {
        throw std::invalid_argument("block_size: expected 1 to " +
                                    std::to_string(engine.settings().max_block) + " (max_block), found " +
                                    std::to_string(block_size));
    }
    state_ = std::make_unique<State>(engine, block_size, paced);
}

Pacer::~Pacer() { stop(); }

void Pacer::start() {
    if (state_->thread.joinable()) throw std::invalid_argument("the pacer was started before");
    state_->running.store(true, std::memory_order_release);
    try {
        state_->thread = std::thread([state = state_.get()] { state->run(); });
    } catch (...) {
        state_->running.store(false, std::memory_order_release);
        throw;
    }
}

uint64_t Pacer::feed(const float* audio, uint64_t frames) { return state_->queue.push(audio, frames); }

void Pacer::end() { state_->ended.store(true, std::memory_order_release); }

void Pacer::feed_signal(Signal signal, uint64_t seed, double level_db) {
    if (state_->thread.joinable())
        throw std::invalid_argument("the signal is chosen before the pacer is started");
    state_->endless = true;
    state_->signal = signal;
    state_->noise = Noise(seed, level_db);
}

void Pacer::stop() {
    state_->stopping.store(true, std::memory_order_release);
    if (state_->thread.joinable()) state_->thread.join();
}

bool Pacer::running() const noexcept { return state_->running.load(std::memory_order_acquire); }
bool Pacer::realtime() const noexcept { return state_->realtime.load(std::memory_order_relaxed); }
uint64_t Pacer::underflows() const noexcept { return state_->underflows.load(std::memory_order_relaxed); }
uint64_t Pacer::late() const noexcept { return state_->late.load(std::memory_order_relaxed); }

}  // namespace emohost
