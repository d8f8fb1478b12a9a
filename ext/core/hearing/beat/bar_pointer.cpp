// The audio thread's side of the bar pointer. Nothing here allocates.
#include "core/hearing/beat/bar_pointer.h"

#include <algorithm>
#include <cmath>

#include "core/signal/arithmetic.h"

namespace emohost::hearing {

using namespace signal;

namespace {

constexpr float kLeastActivation = 0.005f, kMostActivation = 0.97f;

constexpr int kObserved = 16;  // of a beat, the first such part shows it
constexpr float kAnew =
    2e-5f;  // share of all that may begin anew with each hop: after a pause, another tempo
constexpr float kOtherMetre = 0.003f;  // chance that the metre changes at a bar line
constexpr float kRivalLeads = 1.4f;    // a tempo that is not near the one in force must weigh so much more
constexpr int kPatience = 20;          // hops for which it must
constexpr float kSpan = 0.995f;       // of what is remembered of how beats showed, from hop to hop: about 4 s
constexpr float kLeastShown = 0.01f;  // above the usual activation, where beats are expected: doubt,
constexpr float kFullShown = 0.06f;   // and belief
constexpr double kDelay_s =
    0.03;  // how far behind the beat the network shows it: DELAY_S of training/beat/data.py

}  // namespace

void BarPointer::reset() noexcept {
    std::fill(head_, head_ + kTempi, 0);
    std::fill(mass_, mass_ + kTempi, 0.0);
    for (int beat = 0; beat < kBars; ++beat)
        for (int tempo = 0; tempo < tempi_; ++tempo)
            std::fill_n(row(beat, tempo), length_[tempo], prior_[tempo] * metre_prior(beat));
    tempo_ = -1;
    rival_hops_ = 0;
    expected_ = shown_ = hops_ = activation_ = 0;
    heard_ = BeatHeard{};
}

void BarPointer::hop(float beat, float downbeat, uint64_t frame) noexcept {
    if (!(beat >= 0 && beat <= 1)) beat = 0;  // also what is no number
    if (!(downbeat >= 0 && downbeat <= 1)) downbeat = 0;
    enter();
    observe(beat, downbeat);
    weigh();
    choose_tempo();
    conclude(frame);
}

// Every place moves on by one; where a beat is over, the next one begins in a tempo nearby.
void BarPointer::enter() noexcept {
    for (int tempo = 0; tempo < tempi_; ++tempo)
        head_[tempo] = head_[tempo] == 0 ? length_[tempo] - 1 : head_[tempo] - 1;
    float entering[kBars][kTempi];
    for (int beat = 0; beat < kBars; ++beat) {
        for (int to = 0; to < tempi_; ++to) entering[beat][to] = kAnew * prior_[to] * metre_prior(beat);
    }
    for (int beat = 0; beat < kBars; ++beat) {
        float next[kTempi] = {};
        for (int from = 0; from < tempi_; ++from) {
            const float leaving = row(beat, from)[head_[from]];
            const float* change = &change_[static_cast<std::size_t>(from * tempi_)];
            for (int to = 0; to < tempi_; ++to) next[to] += leaving * change[to];
        }
        const bool three = beat < kMetre[0];
        const bool last = beat == kMetre[0] - 1 || beat == kBars - 1;
        const int follows = !last ? beat + 1 : three ? 0 : kMetre[0];
        for (int to = 0; to < tempi_; ++to) {
            entering[follows][to] += (last ? 1 - kOtherMetre : 1.0f) * next[to];
            if (last) entering[three ? kMetre[0] : 0][to] += kOtherMetre * next[to];
        }
    }
    for (int beat = 0; beat < kBars; ++beat)
        for (int tempo = 0; tempo < tempi_; ++tempo) row(beat, tempo)[head_[tempo]] = entering[beat][tempo];
}

// The first part of a beat is where its activation is to be seen, all else where none is.
void BarPointer::observe(float beat, float downbeat) noexcept {
    const float any = std::clamp(beat, kLeastActivation, kMostActivation);
    const float down = std::clamp(downbeat, 0.3f * kLeastActivation, any);
    const float other = std::max(any - down, 0.3f * kLeastActivation);
    const float none = (1 - any) / (kObserved - 1);
    float expected = 0;
    for (int b = 0; b < kBars; ++b) {
        const float shown = (b == 0 || b == kMetre[0] ? down : other) / none;
        for (int tempo = 0; tempo < tempi_; ++tempo) {
            float* places = row(b, tempo);
            for (int p = 0; p * kObserved < length_[tempo]; ++p) {
                float& place = places[(head_[tempo] + p) % length_[tempo]];
                expected += place;
                place *= shown;
            }
        }
    }
    expected_ = kSpan * expected_ + expected;
    shown_ = kSpan * shown_ + expected * beat;
    hops_ = kSpan * hops_ + 1;
    activation_ = kSpan * activation_ + beat;
}

void BarPointer::weigh() noexcept {
    double all = 0;
    std::fill(mass_, mass_ + kTempi, 0.0);
    for (int beat = 0; beat < kBars; ++beat)
        for (int tempo = 0; tempo < tempi_; ++tempo) {
            const float sum = total(row(beat, tempo), length_[tempo]);
            mass_[tempo] += sum;
            all += sum;
        }
    const float scale = static_cast<float>(1 / all);
    for (float& place : state_) place *= scale;
    for (double& mass : mass_) mass /= all;
}

// The tempo whose neighbourhood weighs most, with some patience: an octave is not changed for a moment's sake.
void BarPointer::choose_tempo() noexcept {
    double around[kTempi] = {};
    int best = 0;
    for (int tempo = 0; tempo < tempi_; ++tempo) {
        const int low = std::max(0, tempo - near_[tempo]), high = std::min(tempi_ - 1, tempo + near_[tempo]);
        for (int each = low; each <= high; ++each) around[tempo] += mass_[each];
        if (around[tempo] > around[best]) best = tempo;
    }
    if (tempo_ < 0 || std::abs(best - tempo_) <= near_[tempo_]) {
        tempo_ = best;
        rival_hops_ = 0;
        return;
    }
    // It goes on drifting with what is near it, while a rival has to prove itself.
    const int low = std::max(0, tempo_ - near_[tempo_]), high = std::min(tempi_ - 1, tempo_ + near_[tempo_]);
    const double rival = around[best];
    for (int each = low; each <= high; ++each)
        if (around[each] > around[tempo_]) tempo_ = each;
    rival_hops_ = rival > kRivalLeads * around[tempo_] ? rival_hops_ + 1 : 0;
    if (rival_hops_ < kPatience) return;
    tempo_ = best;
    rival_hops_ = 0;
}

void BarPointer::conclude(uint64_t frame) noexcept {
    const int low = std::max(0, tempo_ - near_[tempo_]), high = std::min(tempi_ - 1, tempo_ + near_[tempo_]);
    double mass = 0, rate = 0;
    Sum beat;          // of the place in the beat, as a turn
    Sum bar[kMetres];  // of the place in the bar likewise
    for (int b = 0; b < kBars; ++b) {
        const int metre = b < kMetre[0] ? 0 : 1;
        const int in_bar = metre == 0 ? b : b - kMetre[0];
        Sum here;
        for (int tempo = low; tempo <= high; ++tempo) {
            const float* places = row(b, tempo);
            float sum = 0;
            for (int p = 0; p < length_[tempo]; ++p) {
                const float weight = places[(head_[tempo] + p) % length_[tempo]];
                const int place = first_[tempo] + p;
                const Wave turn = turn_[static_cast<std::size_t>(place)];
                const Wave part = turn_[static_cast<std::size_t>((1 + metre) * places_ + place)];
                sum += weight;
                beat.re += static_cast<double>(weight * turn.re);
                beat.im += static_cast<double>(weight * turn.im);
                here.re += static_cast<double>(weight * part.re);
                here.im += static_cast<double>(weight * part.im);
            }
            mass += sum;
            here.mass += sum;
            rate += static_cast<double>(sum) / length_[tempo];
        }
        const double angle = kTau * in_bar / kMetre[metre];
        bar[metre].mass += here.mass;
        bar[metre].re += here.re * std::cos(angle) - here.im * std::sin(angle);
        bar[metre].im += here.re * std::sin(angle) + here.im * std::cos(angle);
    }
    if (!(mass > 0)) return;
    const int metre = bar[0].mass > bar[1].mass ? 0 : 1;
    const int beats = kMetre[metre];
    const double phase = turn_of(beat.re, beat.im);
    const double place = turn_of(bar[metre].re, bar[metre].im) * beats;
    heard_.frame = frame;
    heard_.tempo = 60 / hop_s_ * rate / mass;
    // The network shows a beat a little behind it.
    const double ahead = phase + kDelay_s * heard_.tempo / 60;
    const int over = static_cast<int>(std::floor(ahead));
    heard_.phase = ahead - over;
    heard_.metre = beats;
    heard_.beat_in_bar = ((static_cast<int>(std::lround(place - phase)) + over) % beats + beats) % beats;
    const float share = expected_ > 0 ? shown_ / expected_ - activation_ / hops_ : 0.0f;
    const float belief = clamp01((share - kLeastShown) / (kFullShown - kLeastShown));
    heard_.confidence =
        belief *
        static_cast<float>(std::sqrt(beat.re * beat.re + beat.im * beat.im));  // of all mass, which is 1
    heard_.downbeat_confidence =
        static_cast<float>(std::sqrt(bar[metre].re * bar[metre].re + bar[metre].im * bar[metre].im) / mass) *
        heard_.confidence;
}

std::size_t BarPointer::memory_bytes() const noexcept {
    return sizeof *this + (state_.size() + change_.size()) * sizeof(float) + turn_.size() * sizeof(Wave);
}

}  // namespace emohost::hearing
