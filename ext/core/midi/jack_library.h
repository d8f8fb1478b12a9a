// The few functions of JACK's library that are needed, declared here and found in the library at run time: where it is
// JACK's own, or PipeWire's that stands in its place (pw-jack), one program serves both, and needs neither to be built.
#pragma once

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

using Process = int (*)(Frames frames, void* with);
using Shutdown = void (*)(void* with);

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
    void (*free)(void*);
    void (*set_error_function)(void (*)(const char*));
    void (*set_info_function)(void (*)(const char*));

    // On the driver's thread.
    void* (*port_get_buffer)(Port*, Frames);
    void (*midi_clear_buffer)(void* buffer);
    int (*midi_event_write)(void* buffer, Frames time, const uint8_t* data, std::size_t size);
    uint32_t (*midi_get_event_count)(void* buffer);
    int (*midi_event_get)(MidiEvent*, void* buffer, uint32_t index);
    Frames (*last_frame_time)(const Client*);
    Frames (*get_sample_rate)(Client*);
    Frames (*get_buffer_size)(Client*);
};

// Loads it once for the process. Null, and why not, where it is not there. Any thread; not the driver's.
const Library* library(std::string* why_not);

}  // namespace emohost::midi::jack
