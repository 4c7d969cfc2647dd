#include "program/interrupt.hpp"

#include <doctest/doctest.h>

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <stop_token>

namespace {

void send_and_wait(int signal) {
  const program::interrupt here;
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  CHECK_FALSE(here.token().stop_requested());
  std::raise(signal);
  changed.wait(lock, here.token(), [] { return false; }); // ends when a stop is asked for
  CHECK(here.token().stop_requested());
}

} // namespace

TEST_CASE("the first signal asks for a stop, and the next object is ready for another") {
  send_and_wait(SIGINT);
  send_and_wait(SIGTERM);
  send_and_wait(SIGINT);
}

TEST_CASE("the former reaction is back at the end") {
  std::signal(SIGTERM, SIG_IGN);
  { const program::interrupt here; }
  const bool ignored = std::signal(SIGTERM, SIG_DFL) == SIG_IGN;
  CHECK(ignored);
}

TEST_CASE("after the first signal the second one kills") {
  const program::interrupt here;
  std::raise(SIGINT);
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait(lock, here.token(), [] { return false; });
  struct sigaction now {};
  ::sigaction(SIGINT, nullptr, &now);
  CHECK((now.sa_handler == SIG_DFL));
  ::sigaction(SIGTERM, nullptr, &now);
  CHECK((now.sa_handler == SIG_DFL));
}
