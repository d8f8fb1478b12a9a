// From the activations of the beat network to tempo, beat and bar: the forward pass of a hidden Markov model whose state
// is a place in a bar of three or four beats and a tempo (N. Whiteley, A. Cemgil and S. Godsill, "Bayesian modelling of
// temporal structure in musical audio", ISMIR 2006; state space of F. Krebs, S. Boeck and G. Widmer, "An efficient
// state-space model for joint tempo and meter tracking", ISMIR 2015). What lies ahead is never looked at. Fixed size;
// one hop costs the same whatever it hears. Real-time safe but for construction.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/hearing/beat/beat.h"

namespace emohost::hearing {

// Beats per minute: the usual range, the widest one, and the least share by which the fastest is above the slowest.
constexpr double kSlowestBeat = 48, kFastestBeat = 215;
constexpr double kLeastBeat = 40, kMostBeat = 240, kLeastRange = 1.25;

class BarPointer {
  public:
    // A tempo outside of slowest to fastest (beats per minute, within the widest range) is never told.
    explicit BarPointer(double hop_s, double slowest = kSlowestBeat, double fastest = kFastestBeat);

    // beat, downbeat: what the network says of the hop that ends at `frame`, [0, 1].
    void hop(float beat, float downbeat, uint64_t frame) noexcept;
    void reset() noexcept;
    const BeatHeard& beat() const noexcept { return heard_; }
    std::size_t memory_bytes() const noexcept;

  private:
    static constexpr int kTempi = 64, kMetres = 2,
                         kBars = 7;  // kBars: beats of a bar of three and one of four
    static constexpr int kMetre[kMetres] = {3, 4};

    struct Wave {
        float re, im;
    };
    struct Sum {
        double mass = 0, re = 0, im = 0;
    };

    float* row(int beat, int tempo) noexcept {
        return &state_[static_cast<std::size_t>(beat * places_ + first_[tempo])];
    }
    static float metre_prior(int beat) noexcept {
        return beat < kMetre[0] ? 0.3f / kMetre[0] : 0.7f / kMetre[1];
    }
    static double turn_of(double re, double im) noexcept {  // [0, 1)
        const double turn = std::atan2(im, re) / 6.283185307179586;
        return turn < 0 ? turn + 1 : turn;
    }
    void enter() noexcept;
    void observe(float beat, float downbeat) noexcept;
    void weigh() noexcept;
    void choose_tempo() noexcept;
    void conclude(uint64_t frame) noexcept;

    double hop_s_;
    int tempi_ = 0, shortest_ = 0, places_ = 0;  // places: states of one beat
    int first_[kTempi], length_[kTempi], near_[kTempi], head_[kTempi];
    std::vector<float> state_;   // (kBars, places_): by beat of a bar, tempo and place in the beat
    std::vector<float> change_;  // (tempi, tempi): from a tempo to another where a beat begins
    std::vector<Wave>
        turn_;  // (1 + kMetres, places_): the place as a turn of a beat, of a bar of three, of four
    float prior_[kTempi] = {};
    double mass_[kTempi] = {};
    int tempo_ = -1;  // index of the tempo that is told
    int rival_hops_ = 0;
    float expected_ = 0, shown_ = 0;   // beats of the last seconds, and how much of them the network showed
    float hops_ = 0, activation_ = 0;  // hops of the last seconds, and what it showed of all
    BeatHeard heard_;
};

}  // namespace emohost::hearing
