// Opening, asking and closing: never on the driver's thread.
#include "core/midi/jack_transport.h"

namespace emohost::midi {

JackTransport::JackTransport(const std::string& name) {
    const Opened opened = open_client(name);
    library_ = opened.library;
    client_ = opened.client;
    library_->set_process_callback(client_, &JackTransport::process, this);
    library_->on_shutdown(client_, &JackTransport::shut_down, this);
    if (library_->activate(client_) != 0) {
        library_->client_close(client_);
        throw JackError("the JACK server does not let the client run");
    }
}

JackTransport::~JackTransport() { library_->client_close(client_); }

std::string JackTransport::name() const { return library_->get_client_name(client_); }

void JackTransport::roll(bool on) noexcept {
    (on ? library_->transport_start : library_->transport_stop)(client_);
}

bool JackTransport::take_timebase() noexcept {
    constexpr int kUnlessThereIsOne = 1;
    return library_->set_timebase_callback(client_, kUnlessThereIsOne, &JackTransport::timebase, this) == 0;
}

}  // namespace emohost::midi
