#pragma once

#include <csignal>
#include <stop_token>
#include <thread>

#include <unistd.h>

namespace program {

/// As long as it lives, the first SIGINT or SIGTERM asks for a stop; the second kills, as it would without it. For
/// commands that compute: net::run() does the same for those that wait for the network. One at a time.
class interrupt {
public:
  interrupt() {
    if (::pipe(pipe_) != 0) return; // Ctrl-C kills then
    struct sigaction reaction {};
    reaction.sa_handler = [](int) {
      const char byte = 1;
      [[maybe_unused]] const auto count = ::write(pipe_[1], &byte, 1);
    };
    reaction.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
    ::sigaction(SIGINT, &reaction, &former_int_);
    ::sigaction(SIGTERM, &reaction, &former_term_);
    // request_stop() may lock and call back, which a signal handler must not: a thread does it.
    waiter_ = std::thread([this] {
      char byte = 0;
      if (::read(pipe_[0], &byte, 1) != 1) return;
      ::signal(SIGINT, SIG_DFL);
      ::signal(SIGTERM, SIG_DFL);
      source_.request_stop();
    });
  }
  ~interrupt() {
    if (!waiter_.joinable()) return;
    ::sigaction(SIGINT, &former_int_, nullptr);
    ::sigaction(SIGTERM, &former_term_, nullptr);
    ::close(pipe_[1]);
    waiter_.join();
    ::close(pipe_[0]);
  }
  interrupt(const interrupt&) = delete;
  interrupt& operator=(const interrupt&) = delete;

  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

private:
  inline static int pipe_[2] = {-1, -1}; // the handler finds it here
  struct sigaction former_int_ {
  }, former_term_{};
  std::stop_source source_;
  std::thread waiter_;
};

} // namespace program
