// The few functions of JACK's library that are needed, declared here and found in the library at run time: where it is
// JACK's own, or PipeWire's that stands in its place (pw-jack), one program serves both, and needs neither to be built.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace emohost::midi::jack {

struct Client;  // the library's own
struct Port;
using Frames = uint32_t;

struct MidiEvent {
    Frames time;  // from the cycle's first frame
    std::size_t size;
    uint8_t* buffer;
};

// Where JACK's transport is (jack_position_t). Which of the fields hold is said in `valid`.
struct Position {
    uint64_t unique_1;
    uint64_t usecs;
    Frames frame_rate;
    Frames frame;  // since the beginning
    int32_t valid;
    int32_t bar, beat, tick;  // bar and beat from 1
    double bar_start_tick;
    float beats_per_bar, beat_type;
    double ticks_per_beat;
    double beats_per_minute;
    double frame_time, next_time;
    Frames bbt_offset;  // frames before `frame`, at which bar, beat and tick hold
    float audio_frames_per_video_frame;
    Frames video_offset;
    int32_t padding[7];
    uint64_t unique_2;
};
static_assert(sizeof(Position) == 136 && offsetof(Position, beats_per_minute) == 64 &&
                  offsetof(Position, unique_2) == 128,
              "the layout is JACK's");

constexpr int kStopped = 0, kRolling = 1, kLooping = 2;  // states of the transport; others are on the way
constexpr int32_t kHasBar = 0x10, kHasBarOffset = 0x40;  // bits of Position::valid

using Process = int (*)(Frames frames, void* with);
using Shutdown = void (*)(void* with);
using Timebase = void (*)(int state, Frames frames, Position* next, int new_position, void* with);

constexpr int kNoStartServer = 0x01;     // options of client_open
constexpr unsigned kPortIsInput = 0x01;  // flags of a port
constexpr unsigned kPortIsOutput = 0x02;
constexpr unsigned kServerFailed = 0x10;  // bits of the status of client_open
constexpr const char* kMidiType = "8 bit raw midi";
constexpr const char* kAudioType = "32 bit float mono audio";

struct Library {
    Client* (*client_open)(const char* name, int options, int* status, ...);
    int (*client_close)(Client*);
    char* (*get_client_name)(Client*);
    int (*activate)(Client*);
    int (*deactivate)(Client*);
    int (*set_process_callback)(Client*, Process, void* with);
    void (*on_shutdown)(Client*, Shutdown, void* with);
    Port* (*port_register)(Client*, const char* name, const char* type, unsigned long flags,
                           unsigned long buffer_size);
    const char* (*port_name)(const Port*);
    Port* (*port_by_name)(Client*, const char* name);
    const char** (*port_get_all_connections)(const Client*, const Port*);
    const char** (*get_ports)(Client*, const char* name_pattern, const char* type_pattern,
                              unsigned long flags);
    int (*connect)(Client*, const char* source, const char* destination);
    int (*disconnect)(Client*, const char* source, const char* destination);
    void (*transport_start)(Client*);
    void (*transport_stop)(Client*);
    int (*set_timebase_callback)(Client*, int conditional, Timebase, void* with);
    void (*free)(void*);
    void (*set_error_function)(void (*)(const char*));
    void (*set_info_function)(void (*)(const char*));

    // On the driver's thread.
    void* (*port_get_buffer)(Port*, Frames);
    void (*midi_clear_buffer)(void* buffer);
    int (*midi_event_write)(void* buffer, Frames time, const uint8_t* data, std::size_t size);
    uint32_t (*midi_get_event_count)(void* buffer);
    int (*midi_event_get)(MidiEvent*, void* buffer, uint32_t index);
    int (*transport_query)(const Client*, Position*);
    Frames (*last_frame_time)(const Client*);
    Frames (*get_sample_rate)(Client*);
    Frames (*get_buffer_size)(Client*);
};

// Loads it once for the process. Null, and why not, where it is not there. Any thread; not the driver's.
const Library* library(std::string* why_not);

}  // namespace emohost::midi::jack
