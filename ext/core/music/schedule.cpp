#include "core/music/schedule.h"

#include <algorithm>
#include <bitset>

#include "core/vocabulary.h"

namespace emohost::music {

namespace {

constexpr int kNoteOff = 0x80, kNoteOn = 0x90, kControlChange = 0xb0, kProgramChange = 0xc0, kSystem = 0xf0;

MidiEvent make(uint64_t frame, int part, int status, int channel, int first, int second) noexcept {
    MidiEvent event = {};
    event.frame = frame;
    event.bytes[0] = static_cast<uint8_t>(status | channel);
    event.bytes[1] = static_cast<uint8_t>(first);
    event.bytes[2] = static_cast<uint8_t>(second);
    event.size = status == kProgramChange ? 2 : 3;
    event.part = static_cast<uint8_t>(part);
    return event;
}

int status(const MidiEvent& event) noexcept { return event.bytes[0] & 0xf0; }
int channel(const MidiEvent& event) noexcept { return event.bytes[0] & 0x0f; }

// Order within a frame.
uint32_t rank(const MidiEvent& event) noexcept {
    if (status(event) == kSystem) return 1u << 16;  // in the order in which they came
    const uint32_t kind = status(event) == kNoteOff ? 0 : status(event) == kNoteOn ? 2 : 1;
    return kind << 16 | static_cast<uint32_t>(event.part) << 8 | event.bytes[1];
}

bool before(const MidiEvent& a, const MidiEvent& b) noexcept {
    return a.frame != b.frame ? a.frame < b.frame : rank(a) < rank(b);
}

}  // namespace

bool Schedule::room_for(int count) noexcept {
    if (size_ + count <= kCapacity) return true;
    ++dropped_;
    return false;
}

// Equal events keep the order in which they came.
void Schedule::insert(const MidiEvent& event) noexcept {
    int at = size_++;
    for (; at > 0 && !before(event, events_[at - 1]); --at) events_[at] = events_[at - 1];
    events_[at] = event;
}

void Schedule::sort() noexcept {
    for (int i = 1; i < size_; ++i) {
        const MidiEvent event = events_[i];
        int at = i;
        for (; at > 0 && before(events_[at - 1], event); --at) events_[at] = events_[at - 1];
        events_[at] = event;
    }
}

bool Schedule::play(int part, int channel, int note, int velocity, uint64_t on, uint64_t off) noexcept {
    on = std::max(on, floor_);
    off = std::max(off, on + 1);
    end_note(channel, note, on);
    if (!room_for(2)) return false;
    insert(make(on, part, kNoteOn, channel, note, velocity));
    insert(make(off, part, kNoteOff, channel, note, 0));
    return true;
}

bool Schedule::control(int part, int channel, int controller, int value, uint64_t frame) noexcept {
    if (!room_for(1)) return false;
    insert(make(std::max(frame, floor_), part, kControlChange, channel, controller, value));
    return true;
}

bool Schedule::program(int part, int channel, int program, uint64_t frame) noexcept {
    if (!room_for(1)) return false;
    insert(make(std::max(frame, floor_), part, kProgramChange, channel, program, 0));
    return true;
}

bool Schedule::system(uint64_t frame, int status, int first, int second) noexcept {
    if (!room_for(1)) return false;
    MidiEvent event =
        make(std::max(frame, floor_), kControls, status, 0, std::max(first, 0), std::max(second, 0));
    event.size = first < 0 ? 1 : 3;
    insert(event);
    return true;
}

void Schedule::forget_system() noexcept {
    size_ = static_cast<int>(std::remove_if(events_, events_ + size_,
                                            [](const MidiEvent& event) { return status(event) == kSystem; }) -
                             events_);
}

// Of each pitch the events alternate. A note-on at `forget_from` or later is forgotten with the note-off that
// follows it; any other note-off that is later than `frame` moves there.
template <typename Chosen>
void Schedule::end_chosen(uint64_t frame, uint64_t forget_from, Chosen chosen) noexcept {
    std::bitset<16 * 128> forgotten;
    bool changed = false;
    for (int i = size_ - 1; i >= 0; --i) {
        MidiEvent& event = events_[i];
        const int kind = status(event);
        if ((kind != kNoteOn && kind != kNoteOff) || !chosen(event)) continue;
        const std::size_t pitch = static_cast<std::size_t>(channel(event) * 128 + event.bytes[1]);
        if (kind == kNoteOn && event.frame >= forget_from) {
            forgotten[pitch] = true;
            event.size = 0;
            changed = true;
        } else if (kind == kNoteOff && forgotten[pitch]) {
            forgotten[pitch] = false;
            event.size = 0;
        } else if (kind == kNoteOff && event.frame > frame) {
            event.frame = frame;
            changed = true;
        }
    }
    if (!changed) return;
    size_ = static_cast<int>(
        std::remove_if(events_, events_ + size_, [](const MidiEvent& event) { return event.size == 0; }) -
        events_);
    sort();
}

void Schedule::end_part(int part, uint64_t frame) noexcept {
    frame = std::max(frame, floor_);
    end_chosen(frame, frame, [part](const MidiEvent& event) { return event.part == part; });
}

// From the last event backwards: a note-off belongs to a later note if its note-on is still to come.
std::bitset<128> Schedule::sounding(int part, uint64_t frame) const noexcept {
    std::bitset<128> pitches;
    for (int i = 0; i < size_; ++i) {
        const MidiEvent& event = events_[i];
        if (event.part != part || event.frame <= frame) continue;
        const std::size_t pitch = event.bytes[1] & 127;
        if (status(event) == kNoteOff) pitches[pitch] = true;
        if (status(event) == kNoteOn) pitches[pitch] = false;
    }
    return pitches;
}

void Schedule::hold_part(int part, uint64_t frame, uint64_t until) noexcept {
    end_chosen(~uint64_t{0}, frame + 1, [part](const MidiEvent& event) { return event.part == part; });
    std::bitset<16 * 128> again;  // another part plays this pitch later
    for (int i = 0; i < size_; ++i) {
        MidiEvent& event = events_[i];
        const std::size_t pitch = static_cast<std::size_t>(channel(event) * 128 + event.bytes[1]);
        if (status(event) == kNoteOn) again[pitch] = true;
        if (status(event) == kNoteOff && event.part == part && event.frame > frame && !again[pitch])
            event.frame = std::max(event.frame, until);
    }
    sort();
}

void Schedule::end_note(int wanted, int note, uint64_t frame) noexcept {
    frame = std::max(frame, floor_);
    end_chosen(frame, frame, [wanted, note](const MidiEvent& event) {
        return channel(event) == wanted && event.bytes[1] == note;
    });
}

void Schedule::panic(uint64_t frame, uint16_t channels) noexcept {
    frame = std::max(frame, floor_);
    end_chosen(frame, 0, [](const MidiEvent&) { return true; });
    size_ = static_cast<int>(
        std::remove_if(events_, events_ + size_,
                       [](const MidiEvent& event) { return status(event) == kControlChange; }) -
        events_);
    for (int used = 0; used < 16; ++used) {
        if (!(channels >> used & 1)) continue;
        for (const uint8_t controller : kPanicControllers)
            insert(make(frame, kControls, kControlChange, used, controller, 0));
    }
}

bool Schedule::next(uint64_t until, MidiEvent* event) const noexcept {
    if (size_ == 0 || events_[size_ - 1].frame >= until) return false;
    *event = events_[size_ - 1];
    return true;
}

void Schedule::taken() noexcept {
    if (size_ == 0) return;
    const MidiEvent& event = events_[--size_];
    floor_ = std::max(floor_, event.frame);
    uint64_t& pitches = on_[channel(event)][event.bytes[1] >> 6 & 1];
    const uint64_t pitch = uint64_t{1} << (event.bytes[1] & 63);
    if (status(event) == kNoteOn) {
        if (!(pitches & pitch)) ++sounding_;
        pitches |= pitch;
        ++notes_;
    } else if (status(event) == kNoteOff) {
        if (pitches & pitch) --sounding_;
        pitches &= ~pitch;
    }
}

}  // namespace emohost::music
