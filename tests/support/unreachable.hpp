#pragma once

#include <eucv/net/url.hpp>

#include <cstdint>
#include <stdexcept>
#include <vector>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

namespace test {

/// A port of 127.0.0.1 on which no connection comes about: refused, or left hanging, since the queue of its listener is
/// full and the kernel drops further attempts.
class unreachable_port {
public:
  enum class how { refuses, hangs };

  explicit unreachable_port(how way) : listener_(make()) {
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof place;
    const auto address = reinterpret_cast<sockaddr*>(&place);
    if (::bind(listener_, address, size) != 0 || ::getsockname(listener_, address, &size) != 0)
      throw std::runtime_error("no port");
    port_ = ntohs(place.sin_port);
    if (way == how::refuses) return; // bound, so that nobody else gets the port, but not listening
    if (::listen(listener_, 0) != 0) throw std::runtime_error("cannot listen");
    for (int i = 0; i < 4; ++i) {
      waiting_.push_back(make());
      (void)::connect(waiting_.back(), address, size);
    }
  }
  ~unreachable_port() {
    for (const int socket : waiting_) ::close(socket);
    ::close(listener_);
  }
  unreachable_port(const unreachable_port&) = delete;
  unreachable_port& operator=(const unreachable_port&) = delete;

  [[nodiscard]] eucv::net::url url() const { return {"http", "127.0.0.1", port_, "/"}; }

private:
  static int make() { return ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0); }
  int listener_;
  std::uint16_t port_ = 0;
  std::vector<int> waiting_;
};

} // namespace test
