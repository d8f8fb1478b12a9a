// The chord chart: played on its beats, found from wherever the player is in it, left where the player leaves it.
#include <vector>

#include "check.h"
#include "core/music/following/chart.h"
#include "core/theory/chords.h"

using namespace emohost;
using namespace emohost::music;
using namespace emohost::theory;

namespace {

constexpr int kBeats = 4, kSteps = 16;

int8_t major(int root) { return static_cast<int8_t>(root % 12 * 5 + kMajor); }
int8_t minor(int root) { return static_cast<int8_t>(root % 12 * 5 + kMinor); }

// Eight bars: no two the same.
std::vector<int8_t> eight_bars() {
    std::vector<int8_t> beats;
    for (const int8_t chord :
         {major(0), minor(9), minor(2), major(7), minor(4), major(5), major(10), minor(0)})
        beats.insert(beats.end(), kBeats, chord);
    return beats;
}

struct Run {
    Chart chart;
    std::vector<int> asked;   // by step: what the chart had, before the ear knew
    std::vector<int> places;  // and its bar
    int heard = -1;

    explicit Run(const std::vector<int8_t>& beats) {
        chart.set(beats.data(), static_cast<int>(beats.size()), kBeats);
    }
    // The player plays these bars; the ear is two steps behind.
    void play(const std::vector<int8_t>& bars) {
        for (const int8_t chord : bars) {
            for (int step = 0; step < kSteps; ++step) {
                if (step == 2) heard = chord;
                asked.push_back(chart.step(step, kSteps, heard));
                places.push_back(chart.bar());
            }
        }
    }
    double right(const std::vector<int8_t>& bars) const {  // share of the last bars' steps
        const std::size_t steps = bars.size() * kSteps, from = asked.size() - steps;
        int count = 0;
        for (std::size_t i = 0; i < steps; ++i) count += asked[from + i] == bars[i / kSteps];
        return static_cast<double>(count) / static_cast<double>(steps);
    }
};

std::vector<int8_t> bars_from(int first, int count) {
    const std::vector<int8_t> beats = eight_bars();
    std::vector<int8_t> bars;
    for (int bar = 0; bar < count; ++bar)
        bars.push_back(beats[static_cast<std::size_t>((first + bar) % 8 * kBeats)]);
    return bars;
}

}  // namespace

TEST(
    "a chart that is played from its first bar is right on every step, before the ear knows, round after "
    "round") {
    Run run(eight_bars());
    run.play(bars_from(0, 24));
    CHECK(run.right(bars_from(0, 24)) == 1.0);
    CHECK(run.places.front() == 0 && run.places.back() == 7);
}

TEST("a player who begins in the middle is found within three bars; one who jumps within four") {
    for (int first = 0; first < 8; ++first) {
        Run run(eight_bars());
        run.play(bars_from(first, 3));
        run.play(bars_from(first + 3, 8));
        CHECK(run.right(bars_from(first + 3, 8)) == 1.0);
        run.play(bars_from(first, 4));  // a jump from first + 11
        run.play(bars_from(first + 4, 8));
        CHECK(run.right(bars_from(first + 4, 8)) == 1.0);
    }
}

TEST("a player who plays something else has left the chart, and comes back to it") {
    Run run(eight_bars());
    run.play(bars_from(0, 8));
    const std::vector<int8_t> other(8, major(1));  // in no bar of it
    run.play(other);
    CHECK(run.chart.bar() == Chart::kLeft);
    CHECK(run.asked.back() == -1);
    run.play(bars_from(4, 12));
    CHECK(run.right(bars_from(8, 8)) == 1.0);
}

TEST("one wrong chord of the player, or of the ear, changes nothing") {
    Run run(eight_bars());
    std::vector<int8_t> bars = bars_from(0, 16);
    for (const std::size_t wrong : {3u, 9u, 10u}) bars[wrong] = major(1);
    run.play(bars);
    CHECK(run.right(bars_from(0, 16)) == 1.0);
}

TEST("no chart, another metre and a beat without a chord leave the band to its ear") {
    Chart none;
    CHECK(none.step(0, kSteps, major(0)) == -1 && none.bar() == Chart::kNone);
    Run run(eight_bars());
    CHECK(run.chart.step(0, 12, major(0)) == -1);
    std::vector<int8_t> beats(2 * kBeats, major(0));
    beats[5] = kNoChord;
    Run rests(beats);
    rests.play({major(0), major(0)});
    CHECK(rests.asked[kSteps] == major(0) && rests.asked[kSteps + 4] == -1);
}
