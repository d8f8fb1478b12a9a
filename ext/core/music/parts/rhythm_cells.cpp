#include "core/music/parts/rhythm_cells.h"

#include <cmath>

namespace emohost::music {

namespace {

struct Cell {
    uint8_t steps;
    float weight;
};

constexpr Cell kCells[] = {
    {0x55, 0.1401f}, {0x01, 0.0980f}, {0x51, 0.0612f}, {0x11, 0.0562f}, {0x50, 0.0483f}, {0x15, 0.0464f},
    {0x54, 0.0432f}, {0x41, 0.0337f}, {0x45, 0.0317f}, {0x05, 0.0270f}, {0x04, 0.0198f}, {0x10, 0.0189f},
    {0x40, 0.0178f}, {0x14, 0.0153f}, {0xd5, 0.0149f}, {0xc1, 0.0139f}, {0xc0, 0.0115f}, {0x49, 0.0113f},
    {0x44, 0.0106f}, {0x59, 0.0095f}, {0x4d, 0.0088f}, {0x5d, 0.0085f}, {0xcd, 0.0076f}, {0x2d, 0.0064f},
    {0xbb, 0.0061f}, {0xdf, 0.0059f}, {0x0d, 0.0058f}, {0xc5, 0.0056f}, {0xd0, 0.0052f}, {0xff, 0.0051f},
    {0x90, 0.0050f}, {0x5f, 0.0049f}, {0xdd, 0.0049f}, {0x91, 0.0048f}, {0x09, 0.0047f}, {0x95, 0.0046f},
    {0xdc, 0.0043f}, {0x1d, 0.0043f}, {0x81, 0.0041f}, {0x35, 0.0036f},
};
constexpr int kCount = sizeof kCells / sizeof kCells[0];
constexpr float kWidth = 1.0f;  // of how many notes around those wanted
constexpr float kPull = 0.4f;   // of the emphasis of a step that is struck

}  // namespace

uint8_t choose_cell(float wanted, const float* emphasis, Rng& rng) noexcept {
    float weights[kCount];
    for (int i = 0; i < kCount; ++i) {
        float notes = 0.0f, pull = 1.0f;
        for (int step = 0; step < kCellSteps; ++step) {
            if (!(kCells[i].steps >> step & 1)) continue;
            notes += 1.0f;
            pull *= 1.0f + kPull * emphasis[step];
        }
        const float off = (notes - wanted) / kWidth;
        weights[i] = kCells[i].weight * pull * std::exp(-0.5f * off * off);
    }
    const int chosen = rng.pick(weights, kCount);
    return chosen < 0 ? 0x01 : kCells[chosen].steps;
}

}  // namespace emohost::music
