// Opening, asking and closing: never on the driver's thread.
#include "core/midi/jack_client.h"

#include <cstdlib>

#if defined(__linux__)
#include <dlfcn.h>
#endif

namespace emohost::midi {

namespace {

constexpr unsigned long kMidiBuffer = 0;  // of its type's own size
constexpr int kAlreadyConnected = 17;     // EEXIST

// The library would print what goes wrong; whoever asked is told by what is thrown.
void say_nothing(const char*) {}

std::vector<std::string> take_names(const jack::Library* library, const char** names) {
    std::vector<std::string> all;
    for (const char** name = names; name && *name; ++name) all.emplace_back(*name);
    if (names) library->free(static_cast<void*>(names));
    return all;
}

Trapped& find_trap(Trapped& trapped) {
#if defined(__linux__)
    trapped.arm = reinterpret_cast<void (*)()>(dlsym(RTLD_DEFAULT, "emohost_trap_arm"));
    trapped.disarm = reinterpret_cast<void (*)()>(dlsym(RTLD_DEFAULT, "emohost_trap_disarm"));
    if (trapped.arm && trapped.disarm)
        trapped.count = reinterpret_cast<uint64_t (*)(int)>(dlsym(RTLD_DEFAULT, "emohost_trap_count"));
#endif
    return trapped;
}

const jack::Library* load() {
    std::string why_not;
    const jack::Library* library = jack::library(&why_not);
    if (!library) throw JackError(why_not);
    library->set_error_function(say_nothing);
    library->set_info_function(say_nothing);
    return library;
}

std::string server_name() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in this process writes its environment
    const char* name = std::getenv("JACK_DEFAULT_SERVER");
    return name ? name : "default";
}

}  // namespace

Opened open_client(const std::string& name) {
    const jack::Library* library = load();
    int status = 0;
    jack::Client* client = library->client_open(name.c_str(), jack::kNoStartServer, &status);
    if (!client) {
        throw JackError(status & static_cast<int>(jack::kServerFailed)
                            ? "no JACK server '" + server_name() + "' runs"
                            : "the JACK server refuses the client '" + name + "'");
    }
    return {library, client};
}

JackClient::JackClient(const std::string& name, PortMemory* memory, const std::string& output,
                       const std::vector<std::string>& inputs, uint64_t thru)
    : memory_(memory), thru_(thru), player_(memory ? std::make_unique<Player>(*memory) : nullptr) {
    find_trap(trapped_);
    const Opened opened = open_client(name);
    library_ = opened.library;
    client_ = opened.client;
    try {
        const auto add = [&](const std::string& port, unsigned flags) {
            jack::Port* added =
                library_->port_register(client_, port.c_str(), jack::kMidiType, flags, kMidiBuffer);
            if (!added) throw JackError("the JACK server refuses the MIDI port '" + port + "'");
            return added;
        };
        if (memory && !output.empty()) output_ = add(output, jack::kPortIsOutput);
        for (const std::string& port : inputs) inputs_.push_back(add(port, jack::kPortIsInput));
        library_->set_process_callback(client_, &JackClient::process, this);
        library_->on_shutdown(client_, &JackClient::shut_down, this);
    } catch (...) {
        library_->client_close(client_);
        throw;
    }
}

JackClient::~JackClient() { library_->client_close(client_); }

void JackClient::activate() {
    if (library_->activate(client_) != 0) throw JackError("the JACK server does not let the client play");
}

std::string JackClient::name() const { return library_->get_client_name(client_); }

std::string JackClient::output() const { return output_ ? library_->port_name(output_) : ""; }

std::vector<std::string> JackClient::inputs() const {
    std::vector<std::string> names;
    for (const jack::Port* port : inputs_) names.emplace_back(library_->port_name(port));
    return names;
}

std::vector<std::string> JackClient::ports(bool sinks, bool audio) const {
    const char* kind = audio ? jack::kAudioType : jack::kMidiType;
    const unsigned flags = sinks ? jack::kPortIsInput : jack::kPortIsOutput;
    std::vector<std::string> others;
    const std::string own = name() + ":";
    for (std::string& port : take_names(library_, library_->get_ports(client_, nullptr, kind, flags))) {
        if (port.compare(0, own.size(), own) != 0) others.push_back(std::move(port));
    }
    return others;
}

std::vector<std::string> JackClient::connections(const std::string& port) const {
    const jack::Port* found = nullptr;
    for (const jack::Port* own : inputs_) {  // PipeWire lets others have ports of the same name
        if (port == library_->port_name(own)) found = own;
    }
    if (output_ && port == library_->port_name(output_)) found = output_;
    if (!found) found = library_->port_by_name(client_, port.c_str());
    if (!found) return {};
    return take_names(library_, library_->port_get_all_connections(client_, found));
}

bool JackClient::connect(const std::string& source, const std::string& destination) {
    const int result = library_->connect(client_, source.c_str(), destination.c_str());
    return result == 0 || result == kAlreadyConnected;
}

bool JackClient::disconnect(const std::string& source, const std::string& destination) {
    return library_->disconnect(client_, source.c_str(), destination.c_str()) == 0;
}

uint32_t JackClient::sample_rate() const { return library_->get_sample_rate(client_); }

uint32_t JackClient::period() const { return library_->get_buffer_size(client_); }

std::vector<uint64_t> JackClient::trapped() const {
    std::vector<uint64_t> calls;
    if (trapped_.count) {
        for (const auto& count : trapped_.calls) calls.push_back(count.load());
    }
    return calls;
}

}  // namespace emohost::midi
