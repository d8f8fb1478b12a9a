// Notes that are held on a MIDI input: keys that are down, and what the sustain pedal keeps. Real-time safe.
#pragma once

#include <bitset>
#include <cstdint>

namespace emohost::music {

class HeldNotes {
  public:
    // One message. True when what is held is other than before.
    bool receive(const uint8_t* bytes, int size) noexcept;
    void clear() noexcept;

    // Pitch classes by bit: of the keys that are down, and of these with what the pedal keeps.
    uint16_t down() const noexcept { return classes(down_); }
    uint16_t held() const noexcept { return static_cast<uint16_t>(classes(down_) | classes(kept_)); }
    int lowest_down() const noexcept { return lowest(down_); }  // MIDI note; -1: none
    int lowest_held() const noexcept;

  private:
    static constexpr int kChannels = 16;
    using Notes = std::bitset<128>;

    bool release(int channel, int note) noexcept;
    bool control(int channel, int controller, int value) noexcept;
    static uint16_t classes(const Notes (&notes)[kChannels]) noexcept;
    static int lowest(const Notes (&notes)[kChannels]) noexcept;

    Notes down_[kChannels], kept_[kChannels];
    uint16_t pedals_ = 0;  // a bit for each channel
};

}  // namespace emohost::music
