// What is to be played: MIDI events in order of time, bounded, and the notes that are on. Real-time safe, no
// allocation.
//
// It keeps three promises, whatever it is told: a note-on enters only together with its note-off; of one
// pitch on one channel there are never two note-ons without a note-off between; the frames of what is taken
// never go backwards. At one frame, note-offs come first, then control and program changes, then note-ons;
// each kind by part and number.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>

#include "core/messages.h"

namespace emohost::music {

class Schedule {
  public:
    static constexpr int kCapacity = 2048;
    static constexpr int kReserve = 64;  // kept free for what a panic sends besides the note-offs

    // A note from `on` to `off` frames (at least one frame long). An earlier one of this pitch and channel
    // ends by `on`. False, and one more in dropped(), if there is no room.
    bool play(int part, int channel, int note, int velocity, uint64_t on, uint64_t off) noexcept;
    bool control(int part, int channel, int controller, int value, uint64_t frame) noexcept;
    bool program(int part, int channel, int program, uint64_t frame) noexcept;

    // A system message (clock and the like) of one byte, a song position of three.
    bool system(uint64_t frame, int status, int first = -1, int second = -1) noexcept;
    void forget_system() noexcept;  // those that are still to come

    // Notes of `part` that sound at `frame` end there, later ones are forgotten.
    void end_part(int part, uint64_t frame) noexcept;
    // They last until `until` at least instead; later ones are forgotten.
    void hold_part(int part, uint64_t frame, uint64_t until) noexcept;
    std::bitset<128> sounding(int part, uint64_t frame) const noexcept;  // their pitches
    void end_note(int channel, int note, uint64_t frame) noexcept;
    // What is on ends at `frame`; all else but program changes is forgotten, also what is overdue. The
    // `channels` (bit per channel) get sustain off and all notes off besides.
    void panic(uint64_t frame, uint16_t channels) noexcept;

    // Copies the earliest event before `until`; taken() removes it and keeps the books.
    bool next(uint64_t until, MidiEvent* event) const noexcept;
    void taken() noexcept;

    bool is_on(int channel, int note) const noexcept { return on_[channel][note >> 6] >> (note & 63) & 1; }
    uint16_t sounding() const noexcept { return sounding_; }
    uint32_t notes() const noexcept { return notes_; }
    uint32_t dropped() const noexcept { return dropped_; }
    int size() const noexcept { return size_; }

  private:
    bool room_for(int count) noexcept;
    void insert(const MidiEvent& event) noexcept;
    template <typename Chosen>
    void end_chosen(uint64_t frame, uint64_t forget_from, Chosen chosen) noexcept;
    void sort() noexcept;

    MidiEvent events_[kCapacity + kReserve];  // the earliest last, so that taking it moves nothing
    int size_ = 0;
    uint64_t floor_ = 0;       // frame of the last event taken
    uint64_t on_[16][2] = {};  // bit per pitch: handed out as on and not yet as off
    uint16_t sounding_ = 0;
    uint32_t notes_ = 0;
    uint32_t dropped_ = 0;
};

}  // namespace emohost::music
