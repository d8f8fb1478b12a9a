#include "core/music/following/held_notes.h"

namespace emohost::music {

namespace {

constexpr int kOff = 0x80, kOn = 0x90, kControl = 0xb0;
constexpr int kSustain = 64, kAllSoundOff = 120, kResetControllers = 121, kAllNotesOff = 123;

}  // namespace

bool HeldNotes::receive(const uint8_t* bytes, int size) noexcept {
    if (size != 3) return false;
    const int kind = bytes[0] & 0xf0, channel = bytes[0] & 0x0f, first = bytes[1] & 0x7f;
    if (kind == kOn && bytes[2] > 0) {
        const auto note = static_cast<std::size_t>(first);
        const bool fresh = !down_[channel][note];
        down_[channel][note] = true;  // set() and reset() of one bit may throw
        kept_[channel][note] = false;
        return fresh;
    }
    if (kind == kOn || kind == kOff) return release(channel, first);
    return kind == kControl && control(channel, first, bytes[2]);
}

bool HeldNotes::release(int channel, int note) noexcept {
    const auto at = static_cast<std::size_t>(note);
    if (!down_[channel][at]) return false;
    down_[channel][at] = false;
    if (pedals_ >> channel & 1) kept_[channel][at] = true;
    return true;
}

bool HeldNotes::control(int channel, int controller, int value) noexcept {
    const bool lifts = (controller == kSustain && value < 64) || controller == kResetControllers;
    const bool ends = controller == kAllSoundOff || controller >= kAllNotesOff;  // modes imply it
    if (controller == kSustain && value >= 64) pedals_ = static_cast<uint16_t>(pedals_ | 1u << channel);
    if (lifts) pedals_ = static_cast<uint16_t>(pedals_ & ~(1u << channel));
    if (!lifts && !ends) return false;
    const bool other = kept_[channel].any() || (ends && down_[channel].any());
    kept_[channel].reset();
    if (ends) down_[channel].reset();
    return other;
}

void HeldNotes::clear() noexcept {
    for (Notes& notes : down_) notes.reset();
    for (Notes& notes : kept_) notes.reset();
    pedals_ = 0;
}

int HeldNotes::lowest_held() const noexcept {
    const int down = lowest(down_), kept = lowest(kept_);
    return down < 0 ? kept : kept < 0 ? down : down < kept ? down : kept;
}

uint16_t HeldNotes::classes(const Notes (&notes)[kChannels]) noexcept {
    unsigned mask = 0;
    for (const Notes& channel : notes)
        for (std::size_t note = 0; channel.any() && note < channel.size(); ++note)
            if (channel[note]) mask |= 1u << note % 12;
    return static_cast<uint16_t>(mask);
}

int HeldNotes::lowest(const Notes (&notes)[kChannels]) noexcept {
    Notes all;
    for (const Notes& channel : notes) all |= channel;
    for (std::size_t note = 0; all.any() && note < all.size(); ++note)
        if (all[note]) return static_cast<int>(note);
    return -1;
}

}  // namespace emohost::music
