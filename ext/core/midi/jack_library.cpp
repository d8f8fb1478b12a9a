#include "core/midi/jack_library.h"

#if defined(__unix__) || defined(__APPLE__)
#include <dlfcn.h>
#endif

namespace emohost::midi::jack {

#if defined(__unix__) || defined(__APPLE__)

namespace {

#if defined(__APPLE__)
constexpr const char* kFiles[] = {"libjack.0.dylib", "/usr/local/lib/libjack.0.dylib",
                                  "/opt/homebrew/lib/libjack.0.dylib"};
#else
constexpr const char* kFiles[] = {"libjack.so.0", "libjack.so"};
#endif

// Finds each function; remembers the first that is missing.
class Finder {
  public:
    explicit Finder(void* library) : library_(library) {}

    template <typename Function>
    void find(Function*& function, const char* name) {
        function = reinterpret_cast<Function*>(dlsym(library_, name));
        if (!function && missing_.empty()) missing_ = name;
    }
    const std::string& missing() const { return missing_; }

  private:
    void* library_;
    std::string missing_;
};

std::string find_all(void* file, Library* to) {
    Finder finder(file);
    finder.find(to->client_open, "jack_client_open");
    finder.find(to->client_close, "jack_client_close");
    finder.find(to->get_client_name, "jack_get_client_name");
    finder.find(to->activate, "jack_activate");
    finder.find(to->deactivate, "jack_deactivate");
    finder.find(to->set_process_callback, "jack_set_process_callback");
    finder.find(to->on_shutdown, "jack_on_shutdown");
    finder.find(to->port_register, "jack_port_register");
    finder.find(to->port_name, "jack_port_name");
    finder.find(to->port_by_name, "jack_port_by_name");
    finder.find(to->port_get_all_connections, "jack_port_get_all_connections");
    finder.find(to->get_ports, "jack_get_ports");
    finder.find(to->connect, "jack_connect");
    finder.find(to->disconnect, "jack_disconnect");
    finder.find(to->transport_start, "jack_transport_start");
    finder.find(to->transport_stop, "jack_transport_stop");
    finder.find(to->set_timebase_callback, "jack_set_timebase_callback");
    finder.find(to->transport_query, "jack_transport_query");
    finder.find(to->free, "jack_free");
    finder.find(to->set_error_function, "jack_set_error_function");
    finder.find(to->set_info_function, "jack_set_info_function");
    finder.find(to->port_get_buffer, "jack_port_get_buffer");
    finder.find(to->midi_clear_buffer, "jack_midi_clear_buffer");
    finder.find(to->midi_event_write, "jack_midi_event_write");
    finder.find(to->midi_get_event_count, "jack_midi_get_event_count");
    finder.find(to->midi_event_get, "jack_midi_event_get");
    finder.find(to->last_frame_time, "jack_last_frame_time");
    finder.find(to->get_sample_rate, "jack_get_sample_rate");
    finder.find(to->get_buffer_size, "jack_get_buffer_size");
    return finder.missing();
}

struct Loaded {
    Library library{};
    std::string why_not;

    Loaded() {
        void* file = nullptr;
        for (const char* name : kFiles) {
            file = dlopen(name, RTLD_NOW | RTLD_LOCAL);  // never unloaded
            if (file) break;
        }
        if (!file) {
            why_not = "the JACK library (libjack) is not installed";
        } else if (const std::string missing = find_all(file, &library); !missing.empty()) {
            why_not = "the JACK library (libjack) is too old: it has no " + missing;
        }
    }
};

}  // namespace

const Library* library(std::string* why_not) {
    static const Loaded loaded;
    if (loaded.why_not.empty()) return &loaded.library;
    *why_not = loaded.why_not;
    return nullptr;
}

#else

const Library* library(std::string* why_not) {
    *why_not = "JACK is not used on this system";
    return nullptr;
}

#endif

}  // namespace emohost::midi::jack
